select
    code as welfare_area,
    label_fi,
    label_sv,
    label_en
from {{ ref('welfare_areas') }}
