{#
  What bounds the measures of outreach visits by each other: sums over measures and parts, each times
  a factor, that are at most 0 by definition. Disclosure control solves over them, beside the
  relations of indicator_measure_relation. Visits have several topics, so that topics make no sum.

    a visit with the topic has a topic, and with an economic one an economic topic
    a visit with any topic has one of the topics, and three more where it has four or more
    a visit with fewer than four has three at the most, one with more all of them
    a visit whose only topic is economy is one with economy, and has not four
    a feeling is 1 to 5
#}
{%- set many_topics = 4 -%}

with

topics as (
    select
        code,
        economic,
        count(*) over () as codes
    from {{ ref('topic') }}
),

of_each_topic as (
    select
        bounded.bound || ':' || topics.code as bound,
        bounded.measure,
        if(bounded.is_of_topic, 'topic', 'none') as breakdown,
        if(bounded.is_of_topic, topics.code, 'all') as breakdown_value,
        bounded.factor
    from topics
    inner join (
        values
        ('topic', false, 'visits_with_topic', true, 1),
        ('topic', false, 'visits_with_any_topic', false, -1),
        ('economic_topic', true, 'visits_with_topic', true, 1),
        ('economic_topic', true, 'visits_with_economic_topic', false, -1)
    ) as bounded (bound, is_economic, measure, is_of_topic, factor)
        on topics.economic or not bounded.is_economic
),

-- Over all topics together: with each bound, the factor of every visit's topic.
of_all_topics as (
    select
        bounded.bound,
        'visits_with_topic' as measure,
        'topic' as breakdown,
        topics.code as breakdown_value,
        bounded.factor
    from topics
    inner join (
        values
        ('any_of_the_topics', false, -1),
        ('any_of_the_economic_topics', true, -1),
        ('topics_at_the_most', false, 1)
    ) as bounded (bound, is_economic, factor)
        on topics.economic or not bounded.is_economic
),

undivided as (
    select
        bounded.bound,
        bounded.measure,
        'none' as breakdown,
        'all' as breakdown_value,
        bounded.factor
    from (
        values
        ('any_of_the_topics', 'visits_with_any_topic', 1),
        ('any_of_the_topics', 'visits_with_four_topics', {{ many_topics }} - 1),
        ('any_of_the_economic_topics', 'visits_with_economic_topic', 1),
        ('topics_at_the_most', 'visits_with_any_topic', 1 - {{ many_topics }}),
        ('one_topic_is_not_four', 'visits_economy_only', 1),
        ('one_topic_is_not_four', 'visits_with_four_topics', 1),
        ('one_topic_is_not_four', 'visits_with_any_topic', -1),
        ('economy_is_a_topic', 'visits_economy_only', 1),
        ('least_feeling', 'visits_with_feeling', 1),
        ('least_feeling', 'feeling_points', -1),
        ('greatest_feeling', 'feeling_points', 1),
        ('greatest_feeling', 'visits_with_feeling', -5)
    ) as bounded (bound, measure, factor)
    union all
    select
        'topics_at_the_most' as bound,
        'visits_with_four_topics' as measure,
        'none' as breakdown,
        'all' as breakdown_value,
        {{ many_topics }} - 1 - count(*) as factor
    from topics
    union all
    select
        'economy_is_a_topic' as bound,
        'visits_with_topic' as measure,
        'topic' as breakdown,
        '{{ var("economy_topic") }}' as breakdown_value,
        -1 as factor
),

declared as (
    select * from of_each_topic
    union all
    select * from of_all_topics
    union all
    select * from undivided
)

select
    bound,
    measure,
    breakdown,
    breakdown_value,
    cast(factor as double) as factor
from declared
order by all
