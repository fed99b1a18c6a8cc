{# Indicators over the yearly survey of workers. A response tells of no municipality. #}
{% set survey_response = {
    'name': 'survey_response',
    'feed': 'worker_survey',
    'key': ['response_id'],
    'time': 'year',
    'people': 'unit',
    'repeats': false,
    'measures': ['alloc_responses', 'process_responses'],
} %}
{% set survey_share = {
    'name': 'survey_share',
    'feed': 'worker_survey',
    'key': ['response_id'],
    'time': 'year',
    'dims': ['activity', 'process_activity'],
    'undivided': false,
    'people': 'unit',
    'repeats': false,
    'measures': ['alloc_share', 'process_share'],
} %}
{% set grains = [survey_response, survey_share] %}

with
{{ declared_indicators(grains) }}

survey_response_rows as (
    select
        organisation,
        response_id,
        response_id as unit,
        cast(null as varchar) as municipality,
        year,
        case when alloc_sum_is_100 then 1 else 0 end as alloc_responses,
        case when process_sum_is_100 then 1 else 0 end as process_responses
    from {{ ref('fct_worker_survey_response') }}
),

{{ roll_up(survey_response) }},

survey_share_rows as (
    select
        organisation,
        response_id,
        response_id as unit,
        cast(null as varchar) as municipality,
        year,
        case when block = 'alloc' then activity end as activity,
        case when block = 'process' then activity end as process_activity,
        case when block = 'alloc' then share else 0 end as alloc_share,
        case when block = 'process' then share else 0 end as process_share
    from {{ ref('fct_worker_survey_allocation') }}
    where block_sum_is_100
),

{{ roll_up(survey_share) }},

{{ indicator_rows(grains) }}
