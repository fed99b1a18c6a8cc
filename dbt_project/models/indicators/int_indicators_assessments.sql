{# Indicators of service needs assessments, dated by the day they were started or completed, or by
   the last day to do so. #}
{% set completed_assessment = {
    'name': 'completed_assessment',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'month',
    'dims': ['age_group', 'sex'],
    'people': 'client_people',
    'quantile_of': 'days_to_completion',
    'measures': [
        'assessments_completed',
        'assessments_completed_after_start',
        'assessments_with_several_needs',
        'assessments_without_several_needs',
        'assessments_with_opinions',
        'assessments_in_agreement',
        'assessments_not_in_agreement',
        'multiprofessional_assessments',
        'other_assessments',
    ],
} %}
{% set assessment_need = {
    'name': 'assessment_need',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'month',
    'dims': ['support_need'],
    'undivided': false,
    'people': 'client_people',
    'measures': ['assessments_with_need'],
} %}
{% set started_assessment = {
    'name': 'started_assessment',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'month',
    'people': 'client_people',
    'measures': ['assessments_started'],
    'quantile_of': 'days_to_start',
} %}
{% set assessment_due_to_start = {
    'name': 'assessment_due_to_start',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'month',
    'dims': ['special_support'],
    'people': 'client_people',
    'measures': [
        'assessments_due_to_start',
        'assessments_started_in_time',
        'assessments_not_started_in_time',
    ],
} %}
{% set assessment_due_to_complete = {
    'name': 'assessment_due_to_complete',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'month',
    'dims': ['special_support'],
    'people': 'client_people',
    'measures': [
        'assessments_due_to_complete',
        'assessments_completed_in_time',
        'assessments_not_completed_in_time',
    ],
} %}
{% set grains = [
    completed_assessment,
    assessment_need,
    started_assessment,
    assessment_due_to_start,
    assessment_due_to_complete,
] %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

completed_assessment_rows as (
    select
        assessments.organisation,
        assessments.assessment_id,
        assessments.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(assessments.completed_on, '%Y-%m') as month,
        {{ age_group('clients.birth_year', 'assessments.completed_on') }} as age_group,
        clients.sex,
        assessments.completed_on - assessments.started_on as days_to_completion,
        1 as assessments_completed,
        case
            when assessments.started_on is not null then 1 else 0
        end as assessments_completed_after_start,
        case
            when assessments.support_need_count >= 2 then 1 else 0
        end as assessments_with_several_needs,
        case
            when assessments.support_need_count >= 2 then 0 else 1
        end as assessments_without_several_needs,
        case
            when assessments.opinions_match is not null then 1 else 0
        end as assessments_with_opinions,
        case
            when assessments.opinions_match = '{{ var("full_agreement") }}' then 1 else 0
        end as assessments_in_agreement,
        case
            when assessments.opinions_match <> '{{ var("full_agreement") }}' then 1 else 0
        end as assessments_not_in_agreement,
        case
            when assessments.is_multiprofessional then 1 else 0
        end as multiprofessional_assessments,
        case when assessments.is_multiprofessional then 0 else 1 end as other_assessments
    from {{ ref('fct_assessment') }} as assessments
    {{ client_on('assessments', 'assessments.completed_on') }}
    where assessments.completed_on is not null
),

{{ roll_up(completed_assessment) }},

assessment_need_rows as (
    select
        assessments.organisation,
        assessments.assessment_id,
        assessments.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(assessments.completed_on, '%Y-%m') as month,
        unnest(assessments.support_needs) as support_need,
        1 as assessments_with_need
    from {{ ref('fct_assessment') }} as assessments
    {{ client_on('assessments', 'assessments.completed_on') }}
    where assessments.completed_on is not null
),

{{ roll_up(assessment_need) }},

started_assessment_rows as (
    select
        assessments.organisation,
        assessments.assessment_id,
        assessments.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(assessments.started_on, '%Y-%m') as month,
        assessments.started_on - assessments.initiated_on as days_to_start,
        1 as assessments_started
    from {{ ref('fct_assessment') }} as assessments
    {{ client_on('assessments', 'assessments.started_on') }}
    where assessments.started_on is not null
),

{{ roll_up(started_assessment) }},

-- What has a limit is judged when the limit has passed; the day built on counts as over.
assessment_due_to_start_rows as (
    select
        assessments.organisation,
        assessments.assessment_id,
        assessments.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(assessments.start_due_on, '%Y-%m') as month,
        -- Of an unknown client it is not known either: in neither part.
        case
            when clients.special_support then 'yes' when not clients.special_support then 'no'
        end as special_support,
        1 as assessments_due_to_start,
        case when assessments.is_started_in_time then 1 else 0 end as assessments_started_in_time,
        case
            when assessments.is_started_in_time then 0 else 1
        end as assessments_not_started_in_time
    from {{ ref('fct_assessment') }} as assessments
    {{ client_on('assessments', 'assessments.start_due_on') }}
    where assessments.start_due_on <= {{ built_on() }}
),

{{ roll_up(assessment_due_to_start) }},

assessment_due_to_complete_rows as (
    select
        assessments.organisation,
        assessments.assessment_id,
        assessments.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(assessments.completion_due_on, '%Y-%m') as month,
        -- Of an unknown client it is not known either: in neither part.
        case
            when clients.special_support then 'yes' when not clients.special_support then 'no'
        end as special_support,
        1 as assessments_due_to_complete,
        case
            when assessments.is_completed_in_time then 1 else 0
        end as assessments_completed_in_time,
        case
            when assessments.is_completed_in_time then 0 else 1
        end as assessments_not_completed_in_time
    from {{ ref('fct_assessment') }} as assessments
    {{ client_on('assessments', 'assessments.completion_due_on') }}
    where assessments.completion_due_on <= {{ built_on() }}
),

{{ roll_up(assessment_due_to_complete) }},

{{ indicator_rows(grains) }}
