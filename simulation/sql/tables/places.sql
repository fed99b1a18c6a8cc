-- One row per meeting place that was open for at least a day.
with numbered as (
    select
        number,
        {{ entity('place', 'number') }} as e
    from range(20 + {{ slots }} // 200) as numbers(number)
),

opened as (
    select
        *,
        {{ first_day }} - 2500 + drawn(e, 1, 0, 2400 + {{ days }}) as opened_on
    from numbered
)

select
    number,
    e,
    printf('P%04d', number) as place_id,
    {{ municipality(2) }} as municipality,
    opened_on,
    case when draw(e, 3) < 0.25 then opened_on + drawn(e, 4, 200, 2500) end as closed_on
from opened
where
    opened_on <= {{ last_day }}
    and (draw(e, 3) >= 0.25 or opened_on + drawn(e, 4, 200, 2500) >= {{ first_day }})
order by number
