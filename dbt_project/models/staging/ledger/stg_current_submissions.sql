{{ config(materialized='table') }}

with accepted as (
    select *
    from {{ ref('stg_submissions') }}
    where
        status in ('accepted', 'accepted_with_rejects')
        and withdrawn_at is null
),

current_submissions as (
    select *
    from accepted
    qualify
        row_number() over (
            partition by organisation, feed, period
            order by {{ ledger_order('desc') }}
        ) = 1
)

select
    organisation,
    feed,
    period,
    period_start,
    period_end,
    submission_id,
    received_at,
    row_number() over (order by {{ ledger_order() }}) as arrival_no,
    contract_version,
    status,
    file,
    sha256,
    rows_loaded,
    rows_rejected,
    rows_warned,
    lake_path,
    key_id
from current_submissions
