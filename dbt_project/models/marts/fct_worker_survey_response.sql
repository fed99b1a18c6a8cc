with responses as (
    select
        * exclude (submission_id, received_at, warnings)
        replace (cast(year as varchar) as year)
    from {{ ref('stg_worker_survey') }}
),

sums as (
    select
        organisation,
        response_id,
        bool_or(block = 'alloc' and block_sum_is_100) as alloc_sum_is_100,
        bool_or(block = 'process' and block_sum_is_100) as process_sum_is_100
    from {{ ref('int_worker_survey_share') }}
    group by organisation, response_id
)

select
    responses.*,
    coalesce(sums.alloc_sum_is_100, false) as alloc_sum_is_100,
    coalesce(sums.process_sum_is_100, false) as process_sum_is_100
from responses
left join sums
    on
        responses.organisation = sums.organisation
        and responses.response_id = sums.response_id
