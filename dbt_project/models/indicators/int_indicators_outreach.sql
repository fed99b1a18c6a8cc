{#
  Indicators over outreach visits. The people met are counted by the worker and not identified: a
  visit is a unit that stands for as many people as it met (heads). Who is met on two visits counts
  with both.
#}
{% set many_topics = 4 %}{# ISO SOS: four or more topics on one visit #}
{% set outreach_visit = {
    'name': 'outreach_visit',
    'feed': 'outreach',
    'key': ['visit_id'],
    'time': 'month',
    'dims': ['nature'],
    'people': 'unit',
    'repeats': false,
    'heads': 'persons_contacted',
    'measures': [
        'visits',
        'persons_contacted',
        'visits_with_any_topic',
        'visits_economy_only',
        'visits_with_other_topics',
        'visits_with_economic_topic',
        'visits_without_economic_topic',
        'visits_with_four_topics',
        'visits_with_fewer_topics',
        'visits_with_feeling',
        'feeling_points',
    ],
} %}
{% set outreach_topic = {
    'name': 'outreach_topic',
    'feed': 'outreach',
    'key': ['visit_id'],
    'time': 'month',
    'dims': ['topic'],
    'undivided': false,
    'people': 'unit',
    'repeats': false,
    'heads': 'persons_contacted',
    'measures': ['visits_with_topic'],
} %}
{% set grains = [outreach_visit, outreach_topic] %}

with
{{ declared_indicators(grains) }}

outreach_visit_rows as (
    select
        organisation,
        visit_id,
        visit_id as unit,
        municipality,
        team,
        month,
        nature,
        1 as visits,
        persons_contacted,
        case when topic_count > 0 then 1 else 0 end as visits_with_any_topic,
        -- Each part of the visits with a topic, and what it leaves of them.
        case when is_economy_only then 1 else 0 end as visits_economy_only,
        case when topic_count > 0 and not is_economy_only then 1 else 0 end
            as visits_with_other_topics,
        case when has_economic_topic then 1 else 0 end as visits_with_economic_topic,
        case when topic_count > 0 and not has_economic_topic then 1 else 0 end
            as visits_without_economic_topic,
        case when topic_count >= {{ many_topics }} then 1 else 0 end as visits_with_four_topics,
        case when topic_count between 1 and {{ many_topics }} - 1 then 1 else 0 end
            as visits_with_fewer_topics,
        case when feeling is not null then 1 else 0 end as visits_with_feeling,
        coalesce(feeling, 0) as feeling_points
    from {{ ref('fct_outreach_visit') }}
),

{{ roll_up(outreach_visit) }},

outreach_topic_rows as (
    select
        visits.organisation,
        visits.visit_id,
        visits.visit_id as unit,
        visits.municipality,
        visits.team,
        visits.month,
        topics.topic,
        visits.persons_contacted,
        1 as visits_with_topic
    from {{ ref('fct_outreach_topic') }} as topics
    inner join {{ ref('fct_outreach_visit') }} as visits
        on
            topics.organisation = visits.organisation
            and topics.visit_id = visits.visit_id
),

{{ roll_up(outreach_topic) }},

{{ indicator_rows(grains, population=true) }}
