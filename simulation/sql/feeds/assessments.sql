-- One at the beginning of most relationships, and another in some of the years after. Most begin
-- within seven working days and are completed within three months of that; the rest do not.
with initiated as (
    select
        client_no,
        client_id,
        client_no * 100 + nth as assessment_no,
        {{ entity('assessment', 'client_no * 100 + nth') }} as e,
        started_on + (nth * 365)::integer as first_possible,
        nth,
        ended_on
    from (
        select *, unnest(range((ended_on - started_on) // 365 + 1)) as nth
        from relationships
    )
),

begun as (
    select
        *,
        first_possible + case when nth = 0 then drawn(e, 1, 0, 2) else drawn(e, 1, 0, 40) end
            as initiated_on,
        case
            when draw(e, 2) < 0.78 then drawn(e, 3, 0, 9)
            when draw(e, 2) < 0.95 then drawn(e, 3, 8, 30)
            else drawn(e, 3, 31, 95)
        end as waited,
        case
            when draw(e, 4) < 0.8 then drawn(e, 5, 7, 89)
            else drawn(e, 5, 88, 200)
        end as lasted
    from initiated
    where draw(e, 6) < case when nth = 0 then 0.93 else 0.4 end
),

dated as (
    select
        *,
        case when draw(e, 7) >= 0.05 then known(initiated_on + waited) end as started_on,
        case
            when draw(e, 7) >= 0.05 and draw(e, 8) >= 0.06
                then known(initiated_on + waited + lasted)
        end as completed_on
    from begun
    where
        initiated_on between {{ first_day }} and {{ last_day }}
        and initiated_on <= ended_on
)

select
    year(initiated_on)::varchar as period,
    printf('S%011d', assessment_no::bigint) as assessment_id,
    client_id,
    initiated_on,
    started_on,
    completed_on,
    case
        when completed_on is not null and draw(e, 20) < 0.94 then {{ several('support_need', 21) }}
    end as support_needs,
    case when completed_on is not null and draw(e, 50) < 0.85 then {{ pick('agreement', 51) }} end
        as opinions_match,
    draw(e, 52) < 0.32 as multiprofessional,
    case when draw(e, 53) < 0.45 then {{ pick('instrument', 54) }} end as instrument
from dated
