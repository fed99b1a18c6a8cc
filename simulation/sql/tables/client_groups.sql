-- One row per client group.
with numbered as (
    select
        years.year,
        years.first_day,
        numbers.number,
        {{ entity('group', 'years.year * 10000 + numbers.number') }} as e
    from years
    cross join range(20 + {{ slots }} // 120) as numbers(number)
)

select
    printf('R%d%04d', year, number) as group_id,
    e,
    year * 10000 + number as group_no,
    {{ municipality(1) }} as municipality,
    {{ pick('method', 2) }} as method,
    first_day + drawn(e, 3, 7, 330) as started_on,
    first_day + drawn(e, 3, 7, 330) + drawn(e, 4, 42, 150) as ended_on,
    drawn(e, 5, 4, 16) as sessions,
    drawn(e, 6, 4, 14) as participants
from numbered
order by group_no
