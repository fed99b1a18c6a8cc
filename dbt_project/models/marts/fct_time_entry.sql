select
    entries.organisation,
    entries.entry_id,
    entries.worker_id,
    entries.worked_on,
    strftime(entries.worked_on, '%Y-%m') as month,
    strftime(entries.worked_on, '%Y') as year,
    entries.activity,
    entries.community as is_community,
    entries.minutes,
    workers.profession,
    workers.municipality,
    workers.worker_id is not null as is_worker_known
from {{ ref('stg_time_entries') }} as entries
left join {{ ref('int_worker_stretch') }} as workers
    on
        entries.organisation = workers.organisation
        and entries.worker_id = workers.worker_id
        and entries.worked_on between workers.first_day and workers.last_day
