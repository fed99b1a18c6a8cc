-- A contact that would fall on a weekend is moved to a working day of the same month, apart from a
-- few. One contact in ten is made by another worker, as a stand-in.
with numbered as (
    select
        *,
        hash(xor(e, (1000 + in_stem)::ubigint)) as c
    from expanded
),

drawn_days as (
    select
        *,
        from_day + drawn(c, 1, 0, (to_day - from_day)::integer) as any_day,
        {{ pick('channel', 2, 'c') }} as channel,
        case when draw(c, 3) < 0.1 then drawn(c, 4, 0, {{ carrying_seats - 1 }}) else seat end
            as by_seat
    from numbered
),

dated as (
    select
        *,
        any_day + case
            when isodow(any_day) <= 5 or draw(c, 5) < 0.05 then 0
            when isodow(any_day) = 6 and any_day > from_day then -1
            when isodow(any_day) = 6 and any_day + 2 <= to_day then 2
            when isodow(any_day) = 7 and any_day < to_day then 1
            when isodow(any_day) = 7 and any_day - 2 >= from_day then -2
            else 0
        end as occurred_on
    from drawn_days
)

select
    fault,
    'K{{ period.replace('-', '') }}' || (100000000 + key_nth)::varchar as contact_id,
    client_id,
    worker_name(holder(by_seat, occurred_on)) as worker_id,
    occurred_on,
    channel,
    case when draw(c, 6) < 0.55 then {{ pick('method', 7, 'c') }} end as method,
    case channel
        when 'phone' then 5 * drawn(c, 8, 1, 6)
        when 'digital' then 5 * drawn(c, 8, 1, 4)
        when 'office' then 15 * drawn(c, 8, 2, 6)
        when 'group' then 30 * drawn(c, 8, 3, 6)
        else 15 * drawn(c, 8, 3, 8)
    end as minutes
from dated
