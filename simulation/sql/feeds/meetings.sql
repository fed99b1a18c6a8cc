with numbered as (
    select
        years.period,
        years.first_day,
        number,
        {{ entity('meeting', 'years.year * 1000000 + number') }} as e
    from years
    cross join range(20) as numbers(number)
),

met as (
    select
        *,
        {{ pick('body', 1) }} as body
    from numbered
)

select
    period,
    printf('C%s%05d', period, number::bigint) as meeting_id,
    first_day + drawn(e, 2, 0, 360) as held_on,
    body,
    case when body = 'hyte_group' then {{ municipality(3) }} end as municipality
from met
