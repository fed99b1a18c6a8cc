with relationships as (
    select
        organisation,
        client_id,
        person_id
    from {{ ref('dim_client') }}
    qualify count(*) over (partition by person_id) > 1
)

select
    organisation,
    client_id,
    dense_rank() over (order by person_id) as person
from relationships
