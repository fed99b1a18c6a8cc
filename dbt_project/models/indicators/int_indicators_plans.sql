{# Indicators of client plans, dated by the day they were made or reviewed. #}
{% set review_days = 365 %}{# indicators.md: reviewed within 365 days #}
{% set made_plan = {
    'name': 'made_plan',
    'feed': 'plans',
    'key': ['plan_id'],
    'time': 'month',
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
    'time': 'month',
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
    'time': 'month',
    'people': 'client_people',
    'measures': ['plans_with_goals_told', 'goals_set', 'goals_met', 'goals_not_met'],
} %}
{% set plan_method = {
    'name': 'plan_method',
    'feed': 'plans',
    'key': ['plan_id'],
    'time': 'month',
    'dims': ['method'],
    'undivided': false,
    'people': 'client_people',
    'measures': ['plans_with_goals_told', 'goals_set', 'goals_met', 'goals_not_met'],
} %}
{% set grains = [made_plan, plan_of_year_before, reviewed_plan, plan_method] %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

made_plan_rows as (
    select
        organisation,
        plan_id,
        client_id as unit,
        municipality,
        team,
        month,
        1 as plans_made,
        case when is_joint then 1 else 0 end as joint_plans,
        case when is_joint then 0 else 1 end as separate_plans,
        case when has_client_participated then 1 else 0 end as plans_with_client,
        case when has_client_participated then 0 else 1 end as plans_without_client
    from {{ ref('fct_plan') }}
),

{{ roll_up(made_plan) }},

-- A period counts the plans of the same period a year before whose days of review have passed.
-- Where the organisation has not submitted the year before, nothing is known of its plans.
plan_of_year_before_rows as (
    select
        plans.organisation,
        plans.plan_id,
        plans.client_id as unit,
        plans.municipality,
        plans.team,
        strftime(plans.made_on + interval 1 year, '%Y-%m') as month,
        1 as plans_of_year_before,
        case
            when plans.reviewed_on - plans.made_on <= {{ review_days }} then 1 else 0
        end as plans_reviewed_in_year,
        case
            when plans.reviewed_on - plans.made_on <= {{ review_days }} then 0 else 1
        end as plans_not_reviewed_in_year
    from {{ ref('fct_plan') }} as plans
    inner join {{ ref('fct_coverage') }} as covered
        on
            plans.organisation = covered.organisation
            and plans.year = covered.period
            and covered.period_type = 'year'
            and covered.feed = 'plans'
    where plans.made_on + {{ review_days }} <= {{ built_on() }}
),

{{ roll_up(plan_of_year_before) }},

-- A plan without a goal has no goals met.
plans_with_goals_told as (
    select
        plans.organisation,
        plans.plan_id,
        plans.client_id,
        plans.made_on,
        plans.reviewed_on,
        clients.municipality,
        clients.team,
        strftime(plans.reviewed_on, '%Y-%m') as month,
        plans.goals_set,
        plans.goals_met,
        plans.goals_set - plans.goals_met as goals_not_met
    from {{ ref('fct_plan') }} as plans
    {{ client_on('plans', 'plans.reviewed_on') }}
    where
        plans.reviewed_on is not null
        and plans.goals_set > 0
        and plans.goals_met is not null
),

reviewed_plan_rows as (
    select
        organisation,
        plan_id,
        client_id as unit,
        municipality,
        team,
        month,
        1 as plans_with_goals_told,
        goals_set,
        goals_met,
        goals_not_met
    from plans_with_goals_told
),

{{ roll_up(reviewed_plan) }},

-- A plan counts once with each method of the contacts between its making and its review.
plan_method_rows as (
    select distinct
        plans.organisation,
        plans.plan_id,
        plans.client_id as unit,
        plans.municipality,
        plans.team,
        plans.month,
        contacts.method,
        1 as plans_with_goals_told,
        plans.goals_set,
        plans.goals_met,
        plans.goals_not_met
    from plans_with_goals_told as plans
    inner join {{ ref('fct_contact') }} as contacts
        on
            plans.organisation = contacts.organisation
            and plans.client_id = contacts.client_id
            and contacts.occurred_on between plans.made_on and plans.reviewed_on
    where contacts.method is not null
),

{{ roll_up(plan_method) }},

{{ indicator_rows(grains) }}
