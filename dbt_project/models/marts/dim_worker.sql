select
    organisation,
    worker_id,
    profession,
    carries_clients,
    municipality,
    fte,
    min(started_on) over (partition by organisation, worker_id) as first_started_on,
    started_on,
    ended_on
from {{ ref('dim_worker_spell') }}
qualify row_number() over (partition by organisation, worker_id order by started_on desc) = 1
