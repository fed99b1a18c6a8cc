{# Indicators over the clients' answers to the feedback forms. A form names no municipality. #}
{% set feedback_answer = {
    'name': 'feedback_answer',
    'feed': 'client_feedback',
    'key': ['feedback_id', 'question'],
    'time': 'year',
    'dims': ['question'],
    'people': 'respondents',
    'measures': ['feedback_answers', 'feedback_points'],
} %}
{% set grains = [feedback_answer] %}

with
{{ declared_indicators(grains) }}

-- A form that names its measurement is of a client; the others name no client.
forms as (
    select
        answers.organisation,
        answers.feedback_id,
        min(answers.year) as year,
        min(questions.form) as form,
        min(measurements.client_id) as client_id,
        min(measurements.person_id) as person_id
    from {{ ref('fct_client_feedback') }} as answers
    left join {{ ref('client_question') }} as questions on answers.question = questions.code
    left join {{ ref('fct_measurement') }} as measurements
        on
            answers.organisation = measurements.organisation
            and answers.measurement_id = measurements.measurement_id
    group by answers.organisation, answers.feedback_id
),

-- Anonymous forms of the two kinds may be the same clients': of the people behind them those are
-- counted who must be there at least, the n-th of one form being the n-th of the other.
told_forms as (
    select
        *,
        case
            when client_id is null
                then row_number() over (
                    partition by organisation, year, form, client_id is null
                    order by feedback_id
                )
        end as nth
    from forms
),

respondents as (
    select
        organisation,
        feedback_id as unit,
        dense_rank() over (
            order by
                person_id,
                case when person_id is null then organisation end,
                case when person_id is null then client_id end,
                nth
        ) as person
    from told_forms
),

feedback_answer_rows as (
    select
        organisation,
        feedback_id,
        question,
        feedback_id as unit,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        year,
        1 as feedback_answers,
        score as feedback_points
    from {{ ref('fct_client_feedback') }}
),

{{ roll_up(feedback_answer) }},

{{ indicator_rows(grains) }}
