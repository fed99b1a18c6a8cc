select
    organisation,
    assignment_id,
    client_id,
    worker_id,
    started_on,
    ended_on
from {{ ref('stg_assignments') }}
