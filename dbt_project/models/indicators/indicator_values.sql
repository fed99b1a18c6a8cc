{{ config(materialized='table') }}

{% for model in indicator_models() -%}
select
    indicator,
    area_type,
    area,
    period_type,
    period,
    breakdown,
    breakdown_value,
    numerator,
    denominator,
    value,
    persons,
    events
from {{ ref(model) }}
{{ 'union all' if not loop.last }}
{% endfor -%}
order by indicator, area_type, area, period_type, period, breakdown, breakdown_value
