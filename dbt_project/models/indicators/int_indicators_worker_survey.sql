{# Indicators over the yearly survey of workers and its rounds. They name no municipality. #}
{% set survey_response = {
    'name': 'survey_response',
    'feed': 'worker_survey',
    'key': ['response_id'],
    'time': 'year',
    'people': 'unit',
    'repeats': false,
    'measures': ['survey_responses', 'alloc_responses', 'process_responses'],
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
{% set survey_answer = {
    'name': 'survey_answer',
    'feed': 'worker_survey',
    'key': ['response_id'],
    'time': 'year',
    'dims': ['question'],
    'undivided': false,
    'people': 'unit',
    'repeats': false,
    'measures': ['scale_points', 'scale_answers', 'yes_answers', 'no_answers', 'yes_no_answers'],
} %}
{% set survey_round = {
    'name': 'survey_round',
    'feed': 'survey_rounds',
    'key': ['year'],
    'feed_key': {'year': 'cast(staged.year as varchar)'},
    'time': 'year',
    'measures': ['survey_rounds', 'sent_to'],
} %}
{% set grains = [survey_response, survey_share, survey_answer, survey_round] %}

with
{{ declared_indicators(grains) }}

survey_response_rows as (
    select
        organisation,
        response_id,
        response_id as unit,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        year,
        1 as survey_responses,
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
        cast(null as varchar) as team,
        year,
        case when block = 'alloc' then activity end as activity,
        case when block = 'process' then activity end as process_activity,
        case when block = 'alloc' then share else 0 end as alloc_share,
        case when block = 'process' then share else 0 end as process_share
    from {{ ref('fct_worker_survey_allocation') }}
    where block_sum_is_100
),

{{ roll_up(survey_share) }},

survey_answer_rows as (
    select
        organisation,
        response_id,
        response_id as unit,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        year,
        question,
        case when answer_type = 'scale' then answer else 0 end as scale_points,
        case when answer_type = 'scale' then 1 else 0 end as scale_answers,
        case when answer_type = 'yes_no' then answer else 0 end as yes_answers,
        case when answer_type = 'yes_no' then 1 - answer else 0 end as no_answers,
        case when answer_type = 'yes_no' then 1 else 0 end as yes_no_answers
    from {{ ref('fct_worker_survey_answer') }}
),

{{ roll_up(survey_answer) }},

survey_round_rows as (
    select
        organisation,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        year,
        1 as survey_rounds,
        sent_to
    from {{ ref('fct_survey_round') }}
),

{{ roll_up(survey_round) }},

{{ indicator_rows(grains) }}
