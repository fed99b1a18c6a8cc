select
    code as organisation,
    label_fi,
    label_sv,
    label_en,
    welfare_area,
    valid_from,
    valid_to,
    successor
from {{ ref('organisations') }}
