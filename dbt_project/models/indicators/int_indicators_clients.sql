{#
  Indicators of client relationships as they start, end, and stand on the last day of a year with or
  without assessment and plan. (Those of caseload stand on the last day of every month, too.)
#}
{% set forever = "cast('9999-12-31' as date)" %}
{% set started_relationship = {
    'name': 'started_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'year',
    'dims': ['initiator', 'reason'],
    'people': 'client_people',
    'repeats': false,
    'measures': ['relationships_started', 'relationships_started_with_reason'],
} %}
{% set ended_relationship = {
    'name': 'ended_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'year',
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

client_people as (
    select
        organisation,
        client_id as unit,
        person
    from {{ ref('int_repeat_client') }}
),

started_relationship_rows as (
    select
        organisation,
        client_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(started_on, '%Y') as year,
        initiated_by as initiator,
        primary_reason as reason,
        1 as relationships_started,
        case when primary_reason is not null then 1 else 0 end as relationships_started_with_reason
    from {{ ref('dim_client') }}
),

{{ roll_up(started_relationship) }},

ended_relationship_rows as (
    select
        organisation,
        client_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(ended_on, '%Y') as year,
        1 as relationships_ended,
        case when end_reason is not null then 1 else 0 end as relationships_ended_with_reason,
        case when end_reason is not null then 0 else 1 end as relationships_ended_without_reason,
        case
            when end_reason = '{{ var("goals_met_end_reason") }}' then 1 else 0
        end as relationships_ended_goals_met,
        case
            when end_reason <> '{{ var("goals_met_end_reason") }}' then 1 else 0
        end as relationships_ended_otherwise
    from {{ ref('dim_client') }}
    where ended_on is not null
),

{{ roll_up(ended_relationship) }},

year_ends as (
    select last_day
    from {{ ref('dim_period') }}
    where period_type = 'year'
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
        clients.organisation,
        clients.client_id,
        clients.municipality,
        year_ends.last_day,
        clients.special_support
    from {{ ref('dim_client') }} as clients
    inner join year_ends
        on
            clients.started_on <= year_ends.last_day
            and coalesce(clients.ended_on, {{ forever }}) >= year_ends.last_day
),

served as (
    select
        open_relationships.organisation,
        open_relationships.client_id,
        open_relationships.municipality,
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
        cast(null as varchar) as team,
        last_day,
        case when special_support then 'yes' else 'no' end as special_support,
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
