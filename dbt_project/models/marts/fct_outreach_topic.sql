with visit_topics as (
    select
        organisation,
        visit_id,
        unnest(topics) as topic
    from {{ ref('fct_outreach_visit') }}
)

select
    visit_topics.organisation,
    visit_topics.visit_id,
    visit_topics.topic,
    topics.economic as is_economic
from visit_topics
left join {{ ref('topic') }} as topics on visit_topics.topic = topics.code
