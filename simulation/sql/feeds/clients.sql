-- Every year's file holds the relationships of that year.
select
    years.period,
    client_id,
    'T' || municipality as team,
    person_code(person_no) as person_id,
    municipality,
    started_on,
    known(ended_on) as ended_on,
    intensity,
    special_support,
    {{ pick('initiator', 20) }} as initiated_by,
    case when draw(e, 21) < 0.88 then {{ pick('reason', 22) }} end as primary_reason,
    case when draw(e, 23) < 0.92 then {{ pick('labour_market_status', 24) }} end
        as labour_market_status,
    case when draw(e, 25) < 0.9 then {{ pick('household', 26) }} end as household,
    case
        when ended_on <= {{ last_day }} and draw(e, 27) < 0.9 then {{ pick('end_reason', 28) }}
    end as end_reason
from relationships
inner join years
    on
        relationships.started_on <= years.last_day
        and relationships.ended_on >= years.first_day
