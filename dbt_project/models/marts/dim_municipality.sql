select
    code as municipality,
    label_fi,
    label_sv,
    label_en,
    welfare_area,
    valid_to,
    successor
from {{ ref('municipalities') }}
