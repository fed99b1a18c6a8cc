with visits as (
    select
        * exclude (topics),
        list_sort(list_distinct(topics)) as topics
    from {{ ref('stg_outreach') }}
),

economic_topics as (
    select coalesce(list(code) filter (where economic), []) as codes
    from {{ ref('topic') }}
)

select
    visits.organisation,
    visits.visit_id,
    visits.occurred_on,
    strftime(visits.occurred_on, '%Y-%m') as month,
    strftime(visits.occurred_on, '%Y') as year,
    visits.municipality,
    visits.team,
    visits.place_id,
    visits.nature,
    visits.persons_present,
    visits.persons_contacted,
    visits.topics,
    cast(coalesce(len(visits.topics), 0) as integer) as topic_count,
    coalesce(list_has_any(visits.topics, economic_topics.codes), false) as has_economic_topic,
    coalesce(visits.topics = ['{{ var("economy_topic") }}'], false) as is_economy_only,
    visits.feeling
from visits
cross join economic_topics
