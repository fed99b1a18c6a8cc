select
    visits.organisation,
    visits.visit_id,
    visits.occurred_on,
    visits.municipality,
    visits.nature,
    visits.persons_present,
    visits.persons_contacted,
    visits.topic_count > 0 as has_topic,
    visits.has_economic_topic,
    visits.is_economy_only,
    visits.feeling
from {{ ref('fct_outreach_visit') }} as visits
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'outreach'
        and coverage.period_type = 'year'
        and visits.organisation = coverage.organisation
        and visits.year = coverage.period
