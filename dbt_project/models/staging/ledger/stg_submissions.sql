{{ config(materialized='table') }}

with ledger as (
    select *
    from {{ read_ledger() }}
    -- What waited for a person is known from the moment it was released.
    where {{ as_of() }} is null or coalesce(known_at, received_at) <= {{ as_of() }}
),

submissions as (
    select *
    from ledger
    where
        event = 'submission'
        and submission_id is not null
    -- Receiving may be tried again after a crash: the same line may then stand twice.
    qualify row_number() over (partition by submission_id order by known_at, received_at) = 1
),

withdrawals as (
    select
        submission_id,
        min(known_at) as withdrawn_at,
        arg_min(withdrawn_by, known_at) as withdrawn_by,
        arg_min(reason, known_at) as withdrawal_reason
    from ledger
    where event = 'withdrawal'
    group by submission_id
)

select
    submissions.submission_id,
    submissions.organisation,
    submissions.feed,
    submissions.period,
    submissions.period_start,
    submissions.period_end,
    submissions.file,
    submissions.sha256,
    submissions.received_at,
    submissions.arrival_no,
    coalesce(submissions.known_at, submissions.received_at) as known_at,
    submissions.contract_version,
    submissions.status,
    submissions.rows_read,
    submissions.rows_loaded,
    submissions.rows_rejected,
    submissions.rows_warned,
    submissions.supersedes,
    submissions.derived_period,
    submissions.lake_path,
    submissions.key_id,
    withdrawals.withdrawn_at,
    withdrawals.withdrawn_by,
    withdrawals.withdrawal_reason
from submissions
left join withdrawals on submissions.submission_id = withdrawals.submission_id
