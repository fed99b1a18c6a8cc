select
    plans.organisation,
    plans.plan_id,
    plans.made_on,
    plans.municipality,
    plans.special_support,
    plans.is_joint,
    plans.has_client_participated
from {{ ref('fct_plan') }} as plans
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'plans'
        and coverage.period_type = 'year'
        and plans.organisation = coverage.organisation
        and plans.year = coverage.period
