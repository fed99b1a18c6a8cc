{# Social Welfare Act 36 §: begun on the seventh working day at the latest, done in three months. #}
{% set start_working_days = 7 %}
{% set completion_months = 3 %}
with assessments as (
    select
        * exclude (support_needs),
        list_sort(list_distinct(support_needs)) as support_needs,
        -- To the same day of the month, or to its last day where it has no such day.
        cast(started_on + interval {{ completion_months }} month as date) as completion_due_on
    from {{ ref('stg_assessments') }}
),

-- The day of initiation is not counted, be it a working day or not.
start_due as (
    select
        days.day as initiated_on,
        due.day as start_due_on
    from {{ ref('dim_day') }} as days
    inner join {{ ref('dim_day') }} as due
        on
            due.is_working_day
            and days.working_day_no + {{ start_working_days }} = due.working_day_no
)

select
    assessments.organisation,
    assessments.assessment_id,
    assessments.client_id,
    assessments.initiated_on,
    start_due.start_due_on,
    assessments.started_on,
    assessments.completion_due_on,
    assessments.completed_on,
    coalesce(assessments.started_on <= start_due.start_due_on, false) as is_started_in_time,
    coalesce(assessments.completed_on <= assessments.completion_due_on, false)
        as is_completed_in_time,
    assessments.support_needs,
    cast(coalesce(len(assessments.support_needs), 0) as integer) as support_need_count,
    assessments.opinions_match,
    assessments.multiprofessional as is_multiprofessional,
    assessments.instrument,
    clients.person_id,
    clients.municipality,
    clients.team,
    clients.special_support,
    clients.client_id is not null as is_client_known
from assessments
left join start_due on assessments.initiated_on = start_due.initiated_on
{{ client_on('assessments', 'coalesce(assessments.completed_on, assessments.initiated_on)') }}
