{{ config(materialized='table') }}

with ledger as (
    select *
    from {{ read_ledger() }}
)

select
    submission_id,
    organisation,
    feed,
    period,
    period_start,
    period_end,
    file,
    sha256,
    received_at,
    coalesce(known_at, received_at) as known_at,
    contract_version,
    status,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_warned,
    supersedes,
    derived_period,
    lake_path,
    key_id
from ledger
where
    event = 'submission'
    and submission_id is not null
    -- What waited for a person is known from the moment it was released.
    and ({{ as_of() }} is null or coalesce(known_at, received_at) <= {{ as_of() }})
-- Receiving may be tried again after a crash: the same line may then stand twice.
qualify row_number() over (partition by submission_id order by known_at, received_at) = 1
