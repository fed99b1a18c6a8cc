{{ config(materialized='table') }}

with counted as (
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
),

-- Whoever is met twice is counted twice: these are heads, and no distinct people are known.
of_people_not_identified as (
    select indicator
    from {{ ref('indicator_declarations') }}
    where persons_kind = 'contacted'
)

select
    counted.indicator,
    counted.area_type,
    counted.area,
    counted.period_type,
    counted.period,
    counted.breakdown,
    counted.breakdown_value,
    counted.numerator,
    counted.denominator,
    counted.value,
    case when of_people_not_identified.indicator is null then counted.persons end as persons,
    counted.events
from counted
left join of_people_not_identified
    on counted.indicator = of_people_not_identified.indicator
order by
    counted.indicator,
    counted.area_type,
    counted.area,
    counted.period_type,
    counted.period,
    counted.breakdown,
    counted.breakdown_value
