select
    states.organisation,
    states.client_id,
    clients.person_id,
    clients.birth_year,
    clients.sex,
    clients.started_on,
    clients.ended_on,
    states.valid_from,
    states.valid_to,
    states.municipality,
    states.team,
    states.intensity,
    states.special_support,
    states.labour_market_status,
    states.household
from {{ ref('int_client_state') }} as states
inner join {{ ref('stg_clients') }} as clients
    on
        states.organisation = clients.organisation
        and states.client_id = clients.client_id
