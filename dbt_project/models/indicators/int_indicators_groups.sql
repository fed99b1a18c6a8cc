{# Indicators of client groups and of the inclusion forms that are answered in them. #}
{% set client_group = {
    'name': 'client_group',
    'feed': 'groups',
    'key': ['group_id'],
    'time': 'year',
    'dims': ['method'],
    'people': 'unit',
    'repeats': false,
    'heads': 'participants',
    'measures': ['groups_begun', 'group_participants', 'group_sessions'],
} %}
{% set group_answer = {
    'name': 'group_answer',
    'feed': 'group_responses',
    'key': ['response_id'],
    'time': 'year',
    'dims': ['phase', 'statement_phase'],
    'people': 'respondents',
    'unit_count': 'answered_forms',
    'measures': ['answered_statements', 'statement_points'],
} %}
{% set grains = [client_group, group_answer] %}

with
{{ declared_indicators(grains) }}

client_group_rows as (
    select
        organisation,
        group_id,
        group_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(started_on, '%Y') as year,
        method,
        participants,
        1 as groups_begun,
        participants as group_participants,
        sessions as group_sessions
    from {{ ref('dim_group') }}
),

{{ roll_up(client_group) }},

-- The participants of a group answer at its start and at its end, and no form says who answered. Of
-- the people behind the forms those are counted who must be there at least: the n-th form of the
-- start and the n-th of the end are one person's.
forms as (
    select
        organisation,
        response_id,
        group_id,
        row_number() over (
            partition by organisation, group_id, phase
            order by response_id
        ) as nth
    from {{ ref('fct_group_answer') }}
    group by organisation, response_id, group_id, phase
),

respondents as (
    select
        organisation,
        response_id as unit,
        dense_rank() over (order by organisation, group_id, nth) as person
    from forms
),

group_answer_rows as (
    select
        organisation,
        response_id,
        response_id as unit,
        municipality,
        cast(null as varchar) as team,
        year,
        phase,
        statement || ':' || phase as statement_phase,
        1 as answered_statements,
        score as statement_points
    from {{ ref('fct_group_answer') }}
),

{{ roll_up(group_answer) }},

{{ indicator_rows(grains) }}
