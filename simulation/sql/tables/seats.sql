-- One row per seat: a post that one worker after another holds. The seats of professions that carry
-- clients have 30 to 80 slots for them; the last one has what is left.
with sized as (
    select
        number as seat,
        drawn(seat_draw(number), 1, 30, 80) as size,
        sum(drawn(seat_draw(number), 1, 30, 80)) over (order by number) as up_to
    from range({{ slots }} // 30 + 1) as numbers(number)
),

carrying as (
    select
        seat,
        true as is_carrying,
        {{ each(carrying, 'seat') }} as profession,
        (up_to - size)::integer as first_slot,
        least(size, {{ slots }} - (up_to - size))::integer as slots
    from sized
    where up_to - size < {{ slots }}
),

others as (
    select
        (select count(*) from carrying) + number as seat,
        false as is_carrying,
        {{ each(others, 'number') }} as profession,
        0 as first_slot,
        0 as slots
    from range({{ others | length }} * (1 + {{ slots }} // 600)) as numbers(number)
),

seats as (
    select * from carrying
    union all by name
    select * from others
)

select
    *,
    seat_draw(seat) as e,
    {{ municipality(4).replace('drawn(e,', 'drawn(seat_draw(seat),') }} as municipality
from seats
order by seat
