select
    worker_months.organisation,
    worker_months.worker_id,
    months.first_day as month_begins_on,
    worker_months.municipality,
    worker_months.profession,
    worker_months.minutes,
    worker_months.community_minutes / 60 as community_hours
from {{ ref('fct_worker_month') }} as worker_months
inner join {{ ref('dim_month') }} as months on worker_months.month = months.month
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'time_entries'
        and coverage.period_type = 'year'
        and worker_months.organisation = coverage.organisation
        and worker_months.year = coverage.period
