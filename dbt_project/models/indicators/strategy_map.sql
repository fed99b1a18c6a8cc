with
{{ scorecard('strategy_map') }}

select
    perspective,
    position,
    heading as success_factor,
    text_fi as success_factor_fi,
    text_sv as success_factor_sv,
    text_en as success_factor_en,
    line,
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
order by area_type, area, year, position, line
