-- The worker's post begun last (then the greater fte, then post), as it is on the day the warehouse
-- is built on.
select
    organisation,
    worker_id,
    profession,
    carries_clients,
    team,
    municipality,
    fte,
    min(started_on) over (partition by organisation, worker_id) as first_started_on,
    started_on,
    ended_on
from {{ ref('dim_worker_spell') }}
where {{ built_on() }} between valid_from and valid_to
qualify
    row_number() over (
        partition by organisation, worker_id
        order by started_on desc, fte desc, post asc nulls first
    ) = 1
