select
    organisation,
    place_id,
    municipality,
    kind,
    sector,
    target_groups,
    opened_on,
    closed_on
from {{ ref('stg_places') }}
