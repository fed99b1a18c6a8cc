with numbered as (
    select
        years.period,
        years.first_day,
        number,
        {{ entity('observation', 'years.year * 1000000 + number') }} as e
    from years
    cross join range(40 + {{ slots }} // 20) as numbers(number)
),

sourced as (
    select
        *,
        {{ pick('observation_source', 1) }} as source
    from numbered
)

select
    period,
    printf('H%s%07d', period, number::bigint) as observation_id,
    first_day + drawn(e, 2, 0, 360) as observed_on,
    {{ municipality(3) }} as municipality,
    case when source = 'assessment' then 2 else 1 end as level,
    source,
    {{ pick('observation_question', 4) }} as question,
    {{ pick('theme', 5) }} as theme
from sourced
