select
    states.organisation,
    states.place_id,
    places.opened_on,
    places.closed_on,
    states.valid_from,
    states.valid_to,
    states.municipality,
    states.kind,
    states.sector,
    states.target_groups
from {{ ref('int_place_state') }} as states
inner join {{ ref('stg_places') }} as places
    on
        states.organisation = places.organisation
        and states.place_id = places.place_id
