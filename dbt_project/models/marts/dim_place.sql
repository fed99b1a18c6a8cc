-- What happened is told by the photograph with the latest stated end; the state is that of the day
-- the warehouse is built on. The state of another day is in dim_place_spell.
select
    places.organisation,
    places.place_id,
    states.municipality,
    states.kind,
    states.sector,
    states.target_groups,
    places.opened_on,
    places.closed_on
from {{ ref('stg_places') }} as places
inner join {{ ref('dim_place_spell') }} as states
    on
        places.organisation = states.organisation
        and places.place_id = states.place_id
        and {{ built_on() }} between states.valid_from and states.valid_to
