-- The worker in the seat is responsible; a few clients have no such worker, some have two.
with seats_of_relationships as (
    select client_no, client_id, seat, 0 as nth, started_on, ended_on
    from relationships
    where draw(e, 30) >= 0.06
    union all
    select
        client_no,
        client_id,
        (seat + 1 + drawn(e, 31, 0, {{ carrying_seats }})) % {{ carrying_seats }} as seat,
        1 as nth,
        started_on + ((ended_on - started_on) // 4)::integer as started_on,
        ended_on
    from relationships
    where draw(e, 32) < 0.12
),

assigned as (
    select
        one.client_no,
        one.client_id,
        one.nth,
        employments.worker_no,
        employments.worker_id,
        greatest(one.started_on, employments.started_on) as started_on,
        least(one.ended_on, employments.ended_on) as ended_on
    from seats_of_relationships as one
    inner join employments
        on
            one.seat = employments.seat
            and one.started_on <= employments.ended_on
            and one.ended_on >= employments.started_on
)

select
    years.period,
    printf('V%09d%02d%d', client_no::bigint, (worker_no % 100)::bigint, nth) as assignment_id,
    client_id,
    worker_id,
    started_on,
    {{ as_known('ended_on') }} as ended_on
from assigned
inner join {{ years }} as years
    on
        assigned.started_on <= years.last_day
        and assigned.ended_on >= years.first_day
