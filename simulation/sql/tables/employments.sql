-- One row per worker and seat: from the day the worker comes until the day the worker leaves, which
-- may lie after the last simulated day. In half of the cases the seat is then empty for a while.
with followed as (
    select
        *,
        unnest(range(({{ last_day }} - seat_began(seat)) // seat_cycle(seat) + 1)) as nth
    from seats
),

employed as (
    select
        seat,
        profession,
        municipality,
        is_carrying,
        slots,
        seat * 100 + nth as worker_no,
        {{ entity('worker', 'seat * 100 + nth') }} as e,
        seat_began(seat) + (nth * seat_cycle(seat))::integer as started_on,
        seat_began(seat) + ((nth + 1) * seat_cycle(seat))::integer - 1 as cycle_ends_on
    from followed
)

select
    seat,
    profession,
    municipality,
    is_carrying,
    slots,
    worker_no,
    worker_name(worker_no) as worker_id,
    e,
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.75, 0.6, 0.5][drawn(e, 1, 1, 10)]::double as fte,
    started_on,
    cycle_ends_on
    - case when draw(e, 2) < 0.5 then drawn(e, 3, 5, 75) else 0 end as ended_on
from employed
where
    cycle_ends_on >= {{ first_day }}
order by worker_no
