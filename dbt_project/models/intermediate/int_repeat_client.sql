-- The relationships whose people cannot simply be counted: a person with several of them, or one
-- that was in several municipalities or teams, would be counted more than once in an area that
-- holds them all.
with relationships as (
    select
        organisation,
        client_id,
        person_id,
        count(distinct coalesce(municipality, '')) > 1
        or count(distinct coalesce(team, '')) > 1 as has_moved
    from {{ ref('dim_client_spell') }}
    group by organisation, client_id, person_id
),

repeated as (
    select *
    from relationships
    qualify has_moved or count(*) over (partition by person_id) > 1
)

select
    organisation,
    client_id,
    dense_rank() over (order by person_id) as person
from repeated
