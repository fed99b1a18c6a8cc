with
{{ scorecard('aikumetod') }}

select
    cast(heading as integer) as recommendation,
    text_fi as recommendation_fi,
    text_sv as recommendation_sv,
    text_en as recommendation_en,
    line,
    level,
    part,
    indicator,
    breakdown,
    breakdown_value,
    note_fi,
    note_sv,
    note_en,
    area_type,
    area,
    year,
    value,
    direction,
    target,
    target_operator,
    status,
    previous_value,
    change
from judged
order by area_type, area, year, recommendation, line
