-- Proposed in spring, reported by the end of May or a little late, decided after that, implemented
-- in the summer and evaluated in the autumn of the same or the next year; each step loses some.
with numbered as (
    select
        years.period,
        years.year,
        number,
        {{ entity('measure', 'years.year * 1000000 + number') }} as e
    from years
    cross join range(20 + {{ slots }} // 500) as numbers(number)
),

proposed as (
    select
        *,
        make_date(year, 3, 15) + drawn(e, 1, 0, 60) as proposed_on
    from numbered
),

reported as (
    select
        *,
        case when draw(e, 2) < 0.9 then known(
            greatest(
                proposed_on,
                make_date(year, 5, case when draw(e, 3) < 0.85 then 10 else 28 end)
                + drawn(e, 4, 0, 20)
            )
        ) end as reported_on
    from proposed
),

decided as (
    select
        *,
        case when draw(e, 5) < 0.85 then known(reported_on + drawn(e, 6, 3, 60)) end as decided_on,
        {{ pick('decision', 7) }} as any_decision
    from reported
),

implemented as (
    select
        *,
        case
            when any_decision in ('adopted', 'adopted_in_part') and draw(e, 8) < 0.8
                then known(decided_on + drawn(e, 9, 14, 75))
        end as implemented_on
    from decided
),

evaluated as (
    select
        *,
        case
            when draw(e, 10) < 0.8
                then known(greatest(
                    implemented_on,
                    make_date(year + case when draw(e, 11) < 0.5 then 0 else 1 end, 9, 10)
                    + drawn(e, 12, 0, 70)
                ))
        end as evaluated_on
    from implemented
    where implemented_on is not null
    union all
    select
        *,
        null as evaluated_on
    from implemented
    where implemented_on is null
)

select
    period,
    printf('T%s%06d', period, number::bigint) as measure_id,
    {{ municipality(13) }} as municipality,
    {{ pick('theme', 14) }} as theme,
    proposed_on,
    reported_on,
    case when reported_on is not null and draw(e, 15) < 0.95 then {{ pick('body', 16) }} end
        as reported_to,
    decided_on,
    case when decided_on is not null then any_decision end as decision,
    implemented_on,
    evaluated_on,
    case when evaluated_on is not null then {{ pick('effect', 17) }} end as effect
from evaluated
