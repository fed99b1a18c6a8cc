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
    workers.team,
    workers.worker_id is not null as is_worker_known
from {{ ref('stg_time_entries') }} as entries
{{ worker_on('entries', 'entries.worked_on') }}
