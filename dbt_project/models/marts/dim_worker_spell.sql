select
    workers.organisation,
    workers.worker_id,
    workers.profession,
    professions.carries_clients,
    workers.municipality,
    workers.fte,
    workers.started_on,
    workers.ended_on
from {{ ref('stg_workers') }} as workers
left join {{ ref('profession') }} as professions on workers.profession = professions.code
