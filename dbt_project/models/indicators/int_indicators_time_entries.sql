{# Indicators over the workers' recorded time: the entries, and the months that they make. #}
{% set community_target_minutes = 8 * 60 %}{# AIKUMETOD 5: at least eight hours a month #}
{% set time_entry = {
    'name': 'time_entry',
    'feed': 'time_entries',
    'key': ['entry_id'],
    'time': 'month',
    'dims': ['activity', 'profession'],
    'people': 'unit',
    'measures': ['time_entries', 'time_minutes', 'client_process_minutes', 'other_minutes'],
} %}
{% set worker_month = {
    'name': 'worker_month',
    'feed': 'time_entries',
    'key': ['worker_id', 'month'],
    'feed_key': {'month': "strftime(staged.worked_on, '%Y-%m')"},
    'time': 'month',
    'dims': ['profession'],
    'people': 'unit',
    'measures': [
        'worker_months',
        'community_minutes',
        'worker_months_on_target',
        'worker_months_below_target',
        'worker_month_entries',
    ],
} %}
{% set grains = [time_entry, worker_month] %}

with
{{ declared_indicators(grains) }}

time_entry_rows as (
    select
        organisation,
        entry_id,
        worker_id as unit,
        municipality,
        team,
        month,
        activity,
        profession,
        1 as time_entries,
        minutes as time_minutes,
        case
            when activity = '{{ var("client_process_activity") }}' then minutes else 0
        end as client_process_minutes,
        case
            when activity = '{{ var("client_process_activity") }}' then 0 else minutes
        end as other_minutes
    from {{ ref('fct_time_entry') }}
),

{{ roll_up(time_entry) }},

-- From the cells, so that the entries themselves are not read again.
entries_of_month as (
    select
        organisation,
        unit,
        month,
        sum(time_entries) as time_entries
    from time_entry_cells
    group by organisation, unit, month
),

worker_month_rows as (
    select
        months.organisation,
        months.worker_id,
        months.worker_id as unit,
        months.municipality,
        months.team,
        months.month,
        months.profession,
        1 as worker_months,
        months.community_minutes,
        case
            when months.community_minutes >= {{ community_target_minutes }} then 1 else 0
        end as worker_months_on_target,
        case
            when months.community_minutes >= {{ community_target_minutes }} then 0 else 1
        end as worker_months_below_target,
        coalesce(entries_of_month.time_entries, 0) as worker_month_entries
    from {{ ref('fct_worker_month') }} as months
    left join entries_of_month
        on
            months.organisation = entries_of_month.organisation
            and months.worker_id = entries_of_month.unit
            and months.month = entries_of_month.month
),

{{ roll_up(worker_month) }},

{{ indicator_rows(grains) }}
