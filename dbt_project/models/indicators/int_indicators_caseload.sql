{# Indicators of caseload: the state on the last day of every month, quarter and year. #}
{% set intensive_limit = 35 %}{# AIKUMETOD 8: one worker, 35 clients in intensive work #}
{% set forever = "cast('9999-12-31' as date)" %}
{% set relationship = {
    'name': 'relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'last_day',
    'dims': ['intensity', 'special_support', 'age_group', 'sex'],
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'open_relationships',
        'intensive_relationships',
        'less_intensive_relationships',
        'special_support_relationships',
        'ordinary_support_relationships',
        'assigned_relationships',
        'unassigned_relationships',
        'special_support_with_social_worker',
        'special_support_without_social_worker',
        'relationship_assignments',
        'special_support_assignments',
    ],
} %}
{% set worker = {
    'name': 'worker',
    'feed': 'workers',
    'key': ['worker_id', 'started_on', 'post'],
    'time': 'last_day',
    'dims': ['profession', 'band'],
    'people': 'unit',
    'repeats': false,
    'measures': [
        'carrying_workers',
        'carrying_fte',
        'workers_within_limit',
        'workers_over_limit',
        'worker_assignments',
        'worker_intensive_assignments',
    ],
    'decimals': ['carrying_fte'],
} %}
{% set pair = {
    'name': 'pair',
    'feed': 'assignments',
    'key': ['client_id', 'worker_id'],
    'feed_where': """
        staged.started_on <= counted.last_day
        and coalesce(staged.ended_on, counted.last_day) >= counted.last_day
    """,
    'time': 'last_day',
    'dims': ['profession'],
    'people': 'pair_people',
    'repeats': false,
    'measures': [
        'assigned_pairs',
        'intensive_pairs',
        'pair_assignments',
        'intensive_pair_assignments',
    ],
} %}
{% set grains = [relationship, worker, pair] %}

with
{{ declared_indicators(grains) }}

days as (
    select distinct last_day
    from {{ ref('dim_period') }}
),

workers_in_force as (
    {{ workers_in_force('days', 'last_day') }}
),

carrying as (
    select *
    from workers_in_force
    where carries_clients
),

-- When an assignment and its client relationship are in force together, by the state of the client.
served as (
    select
        assignments.organisation,
        assignments.client_id,
        assignments.worker_id,
        clients.person_id,
        clients.intensity,
        greatest(
            assignments.started_on, clients.started_on, clients.valid_from
        ) as started_on,
        least(
            coalesce(assignments.ended_on, {{ forever }}),
            coalesce(clients.ended_on, {{ forever }}),
            clients.valid_to
        ) as ended_on
    from {{ ref('fct_assignment') }} as assignments
    inner join {{ ref('dim_client_spell') }} as clients
        on
            assignments.organisation = clients.organisation
            and assignments.client_id = clients.client_id
),

-- One row per assigned pair and day, however many assignments join the two.
pairs as (
    select
        served.organisation,
        served.client_id,
        served.worker_id,
        served.person_id,
        served.intensity,
        carrying.last_day,
        carrying.profession,
        carrying.municipality,
        carrying.team,
        count(*) as assignments
    from served
    inner join days
        on
            served.started_on <= days.last_day
            and served.ended_on >= days.last_day
    inner join carrying
        on
            served.organisation = carrying.organisation
            and served.worker_id = carrying.worker_id
            and days.last_day = carrying.last_day
    group by
        served.organisation,
        served.client_id,
        served.worker_id,
        served.person_id,
        served.intensity,
        carrying.last_day,
        carrying.profession,
        carrying.municipality,
        carrying.team
),

relationships as (
    select distinct
        organisation,
        client_id,
        person_id,
        started_on,
        ended_on
    from {{ ref('dim_client_spell') }}
),

-- People with two relationships open at once; those of other times meet on no day.
clients_at_once as (
    select distinct
        clients.organisation,
        clients.client_id,
        clients.person_id
    from relationships as clients
    inner join relationships as others
        on
            clients.person_id = others.person_id
            and (
                clients.organisation <> others.organisation
                or clients.client_id <> others.client_id
            )
            and clients.started_on <= coalesce(others.ended_on, {{ forever }})
            and others.started_on <= coalesce(clients.ended_on, {{ forever }})
),

client_people as (
    select
        organisation,
        client_id as unit,
        dense_rank() over (order by person_id) as person
    from clients_at_once
),

-- A relationship with two workers can be in the municipality of each.
clients_at_once_or_shared as (
    select
        organisation,
        client_id,
        person_id
    from clients_at_once
    union
    select
        organisation,
        client_id,
        person_id
    from pairs
    group by organisation, client_id, person_id, last_day
    having count(*) > 1
),

pair_people as (
    select
        organisation,
        client_id as unit,
        dense_rank() over (order by person_id) as person
    from clients_at_once_or_shared
),

pair_rows as (
    select
        organisation,
        client_id,
        worker_id,
        client_id as unit,
        municipality,
        team,
        last_day,
        profession,
        1 as assigned_pairs,
        case when intensity = 'intensive' then 1 else 0 end as intensive_pairs,
        assignments as pair_assignments,
        case when intensity = 'intensive' then assignments else 0 end as intensive_pair_assignments
    from pairs
),

{{ roll_up(pair) }},

pairs_of_worker as (
    select
        organisation,
        worker_id,
        last_day,
        count(*) as pairs,
        count(*) filter (where intensity = 'intensive') as intensive_pairs,
        sum(assignments) as assignments,
        sum(case when intensity = 'intensive' then assignments else 0 end) as intensive_assignments
    from pairs
    group by organisation, worker_id, last_day
),

worker_rows as (
    select
        carrying.organisation,
        carrying.worker_id,
        carrying.started_on,
        carrying.post,
        carrying.worker_id as unit,
        carrying.municipality,
        carrying.team,
        carrying.last_day,
        carrying.profession,
        case
            when coalesce(pairs_of_worker.pairs, 0) < 20 then '0-19'
            when pairs_of_worker.pairs < 40 then '20-39'
            when pairs_of_worker.pairs < 60 then '40-59'
            else '60+'
        end as band,
        1 as carrying_workers,
        carrying.carrying_fte,
        case
            when coalesce(pairs_of_worker.intensive_pairs, 0) <= {{ intensive_limit }} then 1 else 0
        end as workers_within_limit,
        case
            when coalesce(pairs_of_worker.intensive_pairs, 0) <= {{ intensive_limit }} then 0 else 1
        end as workers_over_limit,
        coalesce(pairs_of_worker.assignments, 0) as worker_assignments,
        coalesce(pairs_of_worker.intensive_assignments, 0) as worker_intensive_assignments
    from carrying
    left join pairs_of_worker
        on
            carrying.organisation = pairs_of_worker.organisation
            and carrying.worker_id = pairs_of_worker.worker_id
            and carrying.last_day = pairs_of_worker.last_day
),

{{ roll_up(worker) }},

pairs_of_client as (
    select
        organisation,
        client_id,
        last_day,
        count(*) filter (where profession = 'social_worker') as social_workers,
        sum(assignments) as assignments
    from pairs
    group by organisation, client_id, last_day
),

open_relationships as (
    select
        clients.organisation,
        clients.client_id,
        clients.municipality,
        clients.team,
        {{ age_group('clients.birth_year', 'days.last_day') }} as age_group,
        clients.sex,
        days.last_day,
        clients.intensity,
        clients.intensity = 'intensive' as is_intensive,
        clients.special_support,
        coalesce(pairs_of_client.assignments, 0) as assignments,
        coalesce(pairs_of_client.social_workers, 0) > 0 as has_social_worker
    from {{ ref('dim_client_spell') }} as clients
    inner join days
        on
            clients.started_on <= days.last_day
            and coalesce(clients.ended_on, {{ forever }}) >= days.last_day
            and days.last_day between clients.valid_from and clients.valid_to
    left join pairs_of_client
        on
            clients.organisation = pairs_of_client.organisation
            and clients.client_id = pairs_of_client.client_id
            and days.last_day = pairs_of_client.last_day
),

relationship_rows as (
    select
        organisation,
        client_id,
        client_id as unit,
        municipality,
        team,
        last_day,
        intensity,
        age_group,
        sex,
        case when special_support then 'yes' else 'no' end as special_support,
        1 as open_relationships,
        case when is_intensive then 1 else 0 end as intensive_relationships,
        case when is_intensive then 0 else 1 end as less_intensive_relationships,
        case when special_support then 1 else 0 end as special_support_relationships,
        case when special_support then 0 else 1 end as ordinary_support_relationships,
        case when assignments > 0 then 1 else 0 end as assigned_relationships,
        case when assignments > 0 then 0 else 1 end as unassigned_relationships,
        case
            when special_support and has_social_worker then 1 else 0
        end as special_support_with_social_worker,
        case
            when special_support and not has_social_worker then 1 else 0
        end as special_support_without_social_worker,
        assignments as relationship_assignments,
        case when special_support then assignments else 0 end as special_support_assignments
    from open_relationships
),

{{ roll_up(relationship) }},

{{ indicator_rows(grains) }}
