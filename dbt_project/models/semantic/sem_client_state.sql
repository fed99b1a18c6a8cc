select
    clients.organisation,
    clients.client_id,
    clients.person_id,
    months.last_day as state_on,
    clients.municipality,
    clients.intensity,
    clients.special_support
from {{ ref('dim_client_spell') }} as clients
inner join {{ ref('dim_month') }} as months
    on
        clients.started_on <= months.last_day
        and (clients.ended_on is null or clients.ended_on >= months.last_day)
        and months.last_day between clients.valid_from and clients.valid_to
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'clients'
        and coverage.period_type = 'year'
        and clients.organisation = coverage.organisation
        and months.year = coverage.period
