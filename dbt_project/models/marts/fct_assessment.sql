with assessments as (
    select
        * exclude (support_needs),
        list_sort(list_distinct(support_needs)) as support_needs
    from {{ ref('stg_assessments') }}
)

select
    assessments.organisation,
    assessments.assessment_id,
    assessments.client_id,
    assessments.initiated_on,
    assessments.started_on,
    assessments.completed_on,
    assessments.support_needs,
    cast(coalesce(len(assessments.support_needs), 0) as integer) as support_need_count,
    assessments.opinions_match,
    assessments.multiprofessional as is_multiprofessional,
    assessments.instrument,
    clients.person_id,
    clients.municipality,
    clients.special_support,
    clients.client_id is not null as is_client_known
from assessments
left join {{ ref('dim_client') }} as clients
    on
        assessments.organisation = clients.organisation
        and assessments.client_id = clients.client_id
