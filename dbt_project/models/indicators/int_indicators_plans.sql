{# Indicators of client plans, dated by the day they were made or reviewed. #}
{% set review_days = 365 %}{# indicators.md: reviewed within 365 days #}
{% set made_plan = {
    'name': 'made_plan',
    'feed': 'plans',
    'key': ['plan_id'],
    'time': 'year',
    'people': 'client_people',
    'measures': [
        'plans_made',
        'joint_plans',
        'separate_plans',
        'plans_with_client',
        'plans_without_client',
    ],
} %}
{% set plan_of_year_before = {
    'name': 'plan_of_year_before',
    'feed': 'plans',
    'key': ['plan_id'],
    'time': 'year',
    'people': 'client_people',
    'measures': [
        'plans_of_year_before',
        'plans_reviewed_in_year',
        'plans_not_reviewed_in_year',
    ],
} %}
{% set reviewed_plan = {
    'name': 'reviewed_plan',
    'feed': 'plans',
    'key': ['plan_id'],
    'time': 'year',
    'people': 'client_people',
    'measures': ['plans_with_goals_told', 'goals_set', 'goals_met', 'goals_not_met'],
} %}
{% set grains = [made_plan, plan_of_year_before, reviewed_plan] %}

with
{{ declared_indicators(grains) }}

client_people as (
    select
        organisation,
        client_id as unit,
        person
    from {{ ref('int_repeat_client') }}
),

made_plan_rows as (
    select
        organisation,
        plan_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        year,
        1 as plans_made,
        case when is_joint then 1 else 0 end as joint_plans,
        case when is_joint then 0 else 1 end as separate_plans,
        case when has_client_participated then 1 else 0 end as plans_with_client,
        case when has_client_participated then 0 else 1 end as plans_without_client
    from {{ ref('fct_plan') }}
),

{{ roll_up(made_plan) }},

-- A year counts the plans of the year before: all of them are due by its end.
plan_of_year_before_rows as (
    select
        organisation,
        plan_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(made_on + interval 1 year, '%Y') as year,
        1 as plans_of_year_before,
        case
            when reviewed_on - made_on <= {{ review_days }} then 1 else 0
        end as plans_reviewed_in_year,
        case
            when reviewed_on - made_on <= {{ review_days }} then 0 else 1
        end as plans_not_reviewed_in_year
    from {{ ref('fct_plan') }}
),

{{ roll_up(plan_of_year_before) }},

-- A plan without a goal has no goals met.
reviewed_plan_rows as (
    select
        organisation,
        plan_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(reviewed_on, '%Y') as year,
        1 as plans_with_goals_told,
        goals_set,
        goals_met,
        goals_set - goals_met as goals_not_met
    from {{ ref('fct_plan') }}
    where
        reviewed_on is not null
        and goals_set > 0
        and goals_met is not null
),

{{ roll_up(reviewed_plan) }},

{{ indicator_rows(grains) }}
