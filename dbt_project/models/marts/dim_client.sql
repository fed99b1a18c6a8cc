select
    organisation,
    client_id,
    person_id,
    birth_year,
    sex,
    municipality,
    started_on,
    ended_on,
    intensity,
    special_support,
    initiated_by,
    primary_reason,
    labour_market_status,
    household,
    end_reason
from {{ ref('stg_clients') }}
