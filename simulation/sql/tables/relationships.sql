-- One row per client relationship. The clients of a slot follow each other; of those who come
-- again the person is the one before, and some persons are clients of several organisations.
with slots as (
    select
        seat,
        unnest(range(first_slot, first_slot + slots)) as slot
    from seats
    where is_carrying
),

cycles as (
    select
        seat,
        slot,
        {{ entity('slot', 'slot') }} as e
    from slots
),

followed as (
    select
        seat,
        slot,
        drawn(e, 1, 250, 1350) as length,
        drawn(e, 2, 0, 1349) % drawn(e, 1, 250, 1350) as lived,
        unnest(
            range((drawn(e, 2, 0, 1349) % drawn(e, 1, 250, 1350) + {{ days }})
                // drawn(e, 1, 250, 1350) + 1)
        )::integer as nth
    from cycles
),

numbered as (
    select
        *,
        slot * 100 + nth as client_no,
        {{ entity('client', 'slot * 100 + nth') }} as e
    from followed
),

described as (
    select
        seat,
        slot,
        nth,
        client_no,
        e,
        {{ first_day }} - lived + nth * length + drawn(e, 1, 0, 20) as started_on,
        {{ pick('intensity', 2) }} as intensity,
        length
    from numbered
),

dated as (
    select
        *,
        started_on + case
            when intensity = 'acute' then drawn(e, 3, 15, 120)
            else (length * (0.72 + 0.22 * draw(e, 3)))::integer
        end as ended_on
    from described
)

select
    seat,
    client_no,
    printf('A%09d', client_no) as client_id,
    e,
    case
        when draw(e, 4) < 0.04 then drawn(e, 5, 0, {{ shared_persons - 1 }})
        else {{ first_person }} + slot * {{ generations }} + nth
            - case when nth > 0 and draw(e, 6) < 0.1 then 1 else 0 end
    end as person_no,
    {{ municipality(7) }} as municipality,
    started_on,
    ended_on,
    intensity,
    draw(e, 8) < 0.22 as special_support
from dated
where
    ended_on >= {{ first_day }}
    and started_on <= {{ last_day }}
order by client_no
