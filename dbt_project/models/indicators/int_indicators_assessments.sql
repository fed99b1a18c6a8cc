{# Indicators of service needs assessments, dated by the day they were completed or initiated. #}
{% set completed_assessment = {
    'name': 'completed_assessment',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'year',
    'people': 'client_people',
    'measures': [
        'assessments_completed',
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
    'time': 'year',
    'dims': ['support_need'],
    'undivided': false,
    'people': 'client_people',
    'measures': ['assessments_with_need'],
} %}
{% set initiated_assessment = {
    'name': 'initiated_assessment',
    'feed': 'assessments',
    'key': ['assessment_id'],
    'time': 'year',
    'dims': ['special_support'],
    'people': 'client_people',
    'measures': [
        'assessments_initiated',
        'assessments_started_in_time',
        'assessments_not_started_in_time',
        'assessments_started',
        'assessments_completed_in_time',
        'assessments_not_completed_in_time',
    ],
} %}
{% set grains = [completed_assessment, assessment_need, initiated_assessment] %}

with
{{ declared_indicators(grains) }}

client_people as (
    select
        organisation,
        client_id as unit,
        person
    from {{ ref('int_repeat_client') }}
),

completed_assessment_rows as (
    select
        organisation,
        assessment_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(completed_on, '%Y') as year,
        1 as assessments_completed,
        case when support_need_count >= 2 then 1 else 0 end as assessments_with_several_needs,
        case when support_need_count >= 2 then 0 else 1 end as assessments_without_several_needs,
        case when opinions_match is not null then 1 else 0 end as assessments_with_opinions,
        case
            when opinions_match = '{{ var("full_agreement") }}' then 1 else 0
        end as assessments_in_agreement,
        case
            when opinions_match <> '{{ var("full_agreement") }}' then 1 else 0
        end as assessments_not_in_agreement,
        case when is_multiprofessional then 1 else 0 end as multiprofessional_assessments,
        case when is_multiprofessional then 0 else 1 end as other_assessments
    from {{ ref('fct_assessment') }}
    where completed_on is not null
),

{{ roll_up(completed_assessment) }},

assessment_need_rows as (
    select
        organisation,
        assessment_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(completed_on, '%Y') as year,
        unnest(support_needs) as support_need,
        1 as assessments_with_need
    from {{ ref('fct_assessment') }}
    where completed_on is not null
),

{{ roll_up(assessment_need) }},

initiated_assessment_rows as (
    select
        organisation,
        assessment_id,
        client_id as unit,
        municipality,
        cast(null as varchar) as team,
        strftime(initiated_on, '%Y') as year,
        -- Of an unknown client it is not known either: in neither part.
        case when special_support then 'yes' when not special_support then 'no' end
            as special_support,
        1 as assessments_initiated,
        case when is_started_in_time then 1 else 0 end as assessments_started_in_time,
        case when is_started_in_time then 0 else 1 end as assessments_not_started_in_time,
        case when started_on is not null then 1 else 0 end as assessments_started,
        case when is_completed_in_time then 1 else 0 end as assessments_completed_in_time,
        case
            when started_on is not null and not is_completed_in_time then 1 else 0
        end as assessments_not_completed_in_time
    from {{ ref('fct_assessment') }}
),

{{ roll_up(initiated_assessment) }},

{{ indicator_rows(grains) }}
