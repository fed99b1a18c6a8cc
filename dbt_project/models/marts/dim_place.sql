-- What happened is told by the photograph with the latest stated end; the state is that of the day
-- the warehouse is built on. The state of another day is in dim_place_spell.
select
    organisation,
    place_id,
    municipality,
    kind,
    sector,
    target_groups,
    opened_on,
    closed_on
from {{ ref('dim_place_spell') }}
where {{ built_on() }} between valid_from and valid_to
