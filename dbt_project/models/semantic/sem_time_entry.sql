select
    entries.organisation,
    entries.entry_id,
    entries.worked_on,
    entries.municipality,
    entries.profession,
    entries.activity,
    entries.is_community,
    entries.activity = '{{ var("client_process_activity") }}' as is_client_process,
    entries.minutes
from {{ ref('fct_time_entry') }} as entries
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'time_entries'
        and coverage.period_type = 'year'
        and entries.organisation = coverage.organisation
        and entries.year = coverage.period
