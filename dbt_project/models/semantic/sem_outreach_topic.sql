select
    topics.organisation,
    topics.visit_id,
    visits.occurred_on,
    visits.municipality,
    topics.topic,
    topics.is_economic
from {{ ref('fct_outreach_topic') }} as topics
inner join {{ ref('sem_outreach_visit') }} as visits
    on
        topics.organisation = visits.organisation
        and topics.visit_id = visits.visit_id
