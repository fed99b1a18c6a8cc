-- What happened is told by the photograph with the latest stated end; the state is that of the day
-- the warehouse is built on. The state of another day is in dim_client_spell.
select
    clients.organisation,
    clients.client_id,
    clients.person_id,
    clients.birth_year,
    clients.sex,
    spells.municipality,
    spells.team,
    clients.started_on,
    clients.ended_on,
    spells.intensity,
    spells.special_support,
    clients.initiated_by,
    clients.primary_reason,
    spells.labour_market_status,
    spells.household,
    clients.end_reason
from {{ ref('stg_clients') }} as clients
inner join {{ ref('dim_client_spell') }} as spells
    on
        clients.organisation = spells.organisation
        and clients.client_id = spells.client_id
        and {{ built_on() }} between spells.valid_from and spells.valid_to
