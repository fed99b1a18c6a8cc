-- What happened is told by the photograph with the latest stated end; the state is that of the day
-- the warehouse is built on. The state of another day is in dim_client_spell.
select
    spells.organisation,
    spells.client_id,
    spells.person_id,
    spells.birth_year,
    spells.sex,
    spells.municipality,
    spells.team,
    spells.started_on,
    spells.ended_on,
    spells.intensity,
    spells.special_support,
    clients.initiated_by,
    clients.primary_reason,
    spells.labour_market_status,
    spells.household,
    clients.end_reason
from {{ ref('dim_client_spell') }} as spells
inner join {{ ref('stg_clients') }} as clients
    on
        spells.organisation = clients.organisation
        and spells.client_id = clients.client_id
where {{ built_on() }} between spells.valid_from and spells.valid_to
