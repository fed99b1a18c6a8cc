{#
  Indicators of client relationships as they start, end, and stand on the last day of a period with or
  without assessment and plan.
#}
{% set return_days = 183 %}{# indicators.md: started 1 to 183 days after another ended #}
{% set forever = "cast('9999-12-31' as date)" %}
{% set started_relationship = {
    'name': 'started_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'month',
    'dims': ['initiator', 'reason'],
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'relationships_started',
        'relationships_started_with_reason',
        'relationships_returned',
        'relationships_not_returned',
    ],
} %}
{% set ended_relationship = {
    'name': 'ended_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'month',
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'relationships_ended',
        'relationships_ended_with_reason',
        'relationships_ended_without_reason',
        'relationships_ended_goals_met',
        'relationships_ended_otherwise',
    ],
} %}
{% set served_relationship = {
    'name': 'served_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'last_day',
    'dims': ['special_support'],
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'relationships_on_last_day',
        'relationships_with_assessment',
        'relationships_without_assessment',
        'relationship_assessments',
        'relationships_with_plan',
        'relationships_without_plan',
        'relationship_plans',
    ],
} %}
{% set grains = [started_relationship, ended_relationship, served_relationship] %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

-- Relationships that started after another of the same person in the organisation had ended,
-- whether or not a third is open.
returned as (
    select distinct
        started.organisation,
        started.client_id
    from {{ ref('dim_client') }} as started
    inner join {{ ref('dim_client') }} as earlier
        on
            started.organisation = earlier.organisation
            and started.person_id = earlier.person_id
            and started.client_id <> earlier.client_id
            and started.started_on between earlier.ended_on + 1
            and earlier.ended_on + {{ return_days }}
),

started_relationship_rows as (
    select
        relationships.organisation,
        relationships.client_id,
        relationships.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(relationships.started_on, '%Y-%m') as month,
        relationships.initiated_by as initiator,
        relationships.primary_reason as reason,
        1 as relationships_started,
        case
            when relationships.primary_reason is not null then 1 else 0
        end as relationships_started_with_reason,
        case when returned.client_id is not null then 1 else 0 end as relationships_returned,
        case when returned.client_id is not null then 0 else 1 end as relationships_not_returned
    from {{ ref('dim_client') }} as relationships
    {{ client_on('relationships', 'relationships.started_on') }}
    left join returned
        on
            relationships.organisation = returned.organisation
            and relationships.client_id = returned.client_id
),

{{ roll_up(started_relationship) }},

-- A planned end after the day built on has not happened.
ended_relationship_rows as (
    select
        relationships.organisation,
        relationships.client_id,
        relationships.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(relationships.ended_on, '%Y-%m') as month,
        1 as relationships_ended,
        case
            when relationships.end_reason is not null then 1 else 0
        end as relationships_ended_with_reason,
        case
            when relationships.end_reason is not null then 0 else 1
        end as relationships_ended_without_reason,
        case
            when relationships.end_reason = '{{ var("goals_met_end_reason") }}' then 1 else 0
        end as relationships_ended_goals_met,
        case
            when relationships.end_reason <> '{{ var("goals_met_end_reason") }}' then 1 else 0
        end as relationships_ended_otherwise
    from {{ ref('dim_client') }} as relationships
    {{ client_on('relationships', 'relationships.ended_on') }}
    where relationships.ended_on <= {{ built_on() }}
),

{{ roll_up(ended_relationship) }},

days as (
    select distinct last_day
    from {{ ref('dim_period') }}
    where period_type <> 'rolling_year'
),

-- How many assessments and plans a relationship has from each day on that it has one more.
assessments_until as (
    select
        organisation,
        client_id,
        completed_on,
        sum(count(*)) over (
            partition by organisation, client_id
            order by completed_on
        ) as assessments
    from {{ ref('fct_assessment') }}
    where completed_on is not null
    group by organisation, client_id, completed_on
),

plans_until as (
    select
        organisation,
        client_id,
        made_on,
        sum(count(*)) over (
            partition by organisation, client_id
            order by made_on
        ) as plans
    from {{ ref('fct_plan') }}
    group by organisation, client_id, made_on
),

open_relationships as (
    select
        relationships.organisation,
        relationships.client_id,
        clients.municipality,
        clients.team,
        days.last_day,
        clients.special_support
    from {{ ref('dim_client') }} as relationships
    inner join days
        on
            relationships.started_on <= days.last_day
            and coalesce(relationships.ended_on, {{ forever }}) >= days.last_day
    {{ client_on('relationships', 'days.last_day') }}
),

served as (
    select
        open_relationships.organisation,
        open_relationships.client_id,
        open_relationships.municipality,
        open_relationships.team,
        open_relationships.last_day,
        open_relationships.special_support,
        coalesce(assessments_until.assessments, 0) as assessments,
        coalesce(plans_until.plans, 0) as plans
    from open_relationships
    asof left join assessments_until
        on
            open_relationships.organisation = assessments_until.organisation
            and open_relationships.client_id = assessments_until.client_id
            and open_relationships.last_day >= assessments_until.completed_on
    asof left join plans_until
        on
            open_relationships.organisation = plans_until.organisation
            and open_relationships.client_id = plans_until.client_id
            and open_relationships.last_day >= plans_until.made_on
),

served_relationship_rows as (
    select
        organisation,
        client_id,
        client_id as unit,
        municipality,
        team,
        last_day,
        case
            when special_support then 'yes' when not special_support then 'no'
        end as special_support,
        1 as relationships_on_last_day,
        case when assessments > 0 then 1 else 0 end as relationships_with_assessment,
        case when assessments > 0 then 0 else 1 end as relationships_without_assessment,
        assessments as relationship_assessments,
        case when plans > 0 then 1 else 0 end as relationships_with_plan,
        case when plans > 0 then 0 else 1 end as relationships_without_plan,
        plans as relationship_plans
    from served
),

{{ roll_up(served_relationship) }},

{{ indicator_rows(grains) }}
