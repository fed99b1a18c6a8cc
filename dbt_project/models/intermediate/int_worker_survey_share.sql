with alloc as (
    unpivot (
        select
            organisation,
            response_id,
            columns('^alloc_')
        from {{ ref('stg_worker_survey') }}
    )
    on columns(* exclude (organisation, response_id))
    into name question value share
),

process as (
    unpivot (
        select
            organisation,
            response_id,
            columns('^process_')
        from {{ ref('stg_worker_survey') }}
    )
    on columns(* exclude (organisation, response_id))
    into name question value share
),

shares as (
    select *
    from alloc
    union all
    select *
    from process
)

select
    organisation,
    response_id,
    regexp_extract(question, '^([a-z]+)_', 1) as block,
    regexp_replace(question, '^[a-z]+_', '') as activity,
    share,
    sum(share) over (
        partition by organisation, response_id, regexp_extract(question, '^([a-z]+)_', 1)
    ) = 100 as block_sum_is_100
from shares
