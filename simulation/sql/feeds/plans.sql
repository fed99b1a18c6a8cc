-- A plan some weeks after the beginning, and a new one for some after each year.
with made as (
    select
        client_no,
        client_id,
        client_no * 100 + nth as plan_no,
        {{ entity('plan', 'client_no * 100 + nth') }} as e,
        started_on + (nth * 340)::integer as first_possible,
        nth,
        ended_on
    from (
        select *, unnest(range((ended_on - started_on) // 340 + 1)) as nth
        from relationships
    )
),

dated as (
    select
        *,
        first_possible + drawn(e, 1, 14, 90) as made_on,
        drawn(e, 2, 1, 5) as goals_set
    from made
    where draw(e, 3) < case when nth = 0 then 0.78 else 0.5 end
),

reviewed as (
    select
        *,
        case
            when draw(e, 4) < 0.55 then known(made_on + drawn(e, 5, 60, 365))
            when draw(e, 4) < 0.7 then known(made_on + drawn(e, 5, 366, 600))
        end as reviewed_on
    from dated
    where
        made_on between {{ first_day }} and {{ last_day }}
        and made_on <= ended_on
)

select
    year(made_on)::varchar as period,
    printf('N%011d', plan_no::bigint) as plan_id,
    client_id,
    made_on,
    reviewed_on,
    draw(e, 6) < 0.24 as joint,
    draw(e, 7) < 0.87 as client_participated,
    goals_set,
    case
        when reviewed_on is not null and draw(e, 8) < 0.9
            then (goals_set * (0.2 + 0.8 * draw(e, 9)))::integer
    end as goals_met
from reviewed
