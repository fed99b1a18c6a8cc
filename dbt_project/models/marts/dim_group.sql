select
    organisation,
    group_id,
    municipality,
    method,
    started_on,
    ended_on,
    sessions,
    participants,
    women,
    men
from {{ ref('stg_groups') }}
