-- The day's working time in parts. Community work is mostly a part of developing and of groups, and
-- comes to some eight hours a month.
with numbered as (
    select
        *,
        hash(xor(e, (1000 + in_stem)::ubigint)) as t
    from expanded
),

spent as (
    select
        *,
        {{ pick('activity', 1, 't') }} as activity
    from numbered
)

select
    fault,
    'E{{ period.replace('-', '') }}' || (100000000 + key_nth)::varchar as entry_id,
    worker_id,
    worked_on,
    activity,
    draw(t, 2) < case activity
        when 'development' then 0.3
        when 'groups' then 0.3
        when 'non_client' then 0.1
        when 'service_guidance' then 0.07
        when 'client_process' then 0.03
        else 0
    end as community,
    greatest(5, 5 * round(450 * fte / rows * (0.7 + 0.6 * draw(t, 3)) / 5))::integer as minutes
from spent
