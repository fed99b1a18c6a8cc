-- Visits all the year round; every other one to a meeting place that is open.
with numbered as (
    select
        years.period,
        years.first_day,
        years.last_day,
        number,
        {{ entity('visit', 'years.year * 1000000 + number') }} as e
    from years
    cross join range(40 + {{ slots }} // 8) as numbers(number)
),

dated as (
    select
        *,
        first_day + drawn(e, 1, 0, 350) as any_day,
        {{ municipality(2) }} as municipality,
        case
            when draw(e, 3) < 0.5 then drawn(e, 4, 0, (select max(number) from places)::integer)
        end as place,
        least(30, floor(1 / (0.04 + draw(e, 5))))::integer
        + case when draw(e, 6) < 0.3 then drawn(e, 7, 2, 20) else 1 end as persons_present
    from numbered
),

worked as (
    -- Saturdays and Sundays become Mondays, but for a few.
    select
        *,
        any_day + case
            when isodow(any_day) > 5 and draw(e, 8) < 0.9 then (8 - isodow(any_day))::integer
            else 0
        end as occurred_on
    from dated
)

select
    worked.period,
    printf('J%s%07d', worked.period, worked.number::bigint) as visit_id,
    'T' || worked.municipality as team,
    worked.occurred_on,
    coalesce(places.municipality, worked.municipality) as municipality,
    places.place_id,
    {{ pick('outreach_nature', 9, 'worked.e') }} as nature,
    worked.persons_present,
    greatest(0, (worked.persons_present * (0.4 + 0.6 * draw(worked.e, 10)))::integer)
        as persons_contacted,
    case when draw(worked.e, 11) < 0.93 then {{ several('topic', 20, 'worked.e') }} end as topics,
    case
        when draw(worked.e, 12) < 0.92
            then [1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]
            [drawn(worked.e, 13, 1, 20)]
    end::integer as feeling
from worked
left join places
    on
        worked.place = places.number
        and worked.occurred_on >= places.opened_on
        and worked.occurred_on <= coalesce(places.closed_on, worked.occurred_on)
