with worker_months as (
    select
        organisation,
        worker_id,
        month,
        year,
        -- The month under way ends, as far as anyone knows, on the day built on.
        least(last_day(any_value(worked_on)), {{ built_on() }}) as last_day,
        sum(minutes) as minutes,
        coalesce(sum(minutes) filter (where is_community), 0) as community_minutes,
        coalesce(
            sum(minutes) filter (where activity = '{{ var("client_process_activity") }}'), 0
        ) as client_process_minutes
    from {{ ref('fct_time_entry') }}
    group by organisation, worker_id, month, year
)

select
    worker_months.organisation,
    worker_months.worker_id,
    worker_months.month,
    worker_months.year,
    workers.profession,
    workers.municipality,
    workers.team,
    cast(worker_months.minutes as bigint) as minutes,
    cast(worker_months.community_minutes as bigint) as community_minutes,
    cast(worker_months.client_process_minutes as bigint) as client_process_minutes
from worker_months
{{ worker_on('worker_months', 'worker_months.last_day') }}
