with answers as (
    unpivot (
        select * exclude (submission_id, received_at, warnings)
        from {{ ref('stg_group_responses') }}
    )
    on columns('^s[0-9]+$')
    into name statement value answer
)

select
    answers.organisation,
    answers.response_id,
    answers.group_id,
    answers.phase,
    answers.answered_on,
    strftime(answers.answered_on, '%Y-%m') as month,
    strftime(answers.answered_on, '%Y') as year,
    answers.statement,
    answers.answer,
    case when statements.reverse then 6 - answers.answer else answers.answer end as score,
    client_groups.municipality,
    client_groups.group_id is not null as is_group_known
from answers
left join {{ ref('statement') }} as statements on answers.statement = statements.code
left join {{ ref('dim_group') }} as client_groups
    on
        answers.organisation = client_groups.organisation
        and answers.group_id = client_groups.group_id
