with windows as (
    select *
    from {{ ref('reporting_windows') }}
)

select
    cast(year as varchar) as year,
    collection_opens,
    reminders,
    cast(split_part(reminders, '|', 1) as date) as first_reminder,
    due,
    window_opens,
    results_due
from windows
