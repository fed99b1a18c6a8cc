with days as (
    select
        min(period_start) as first_covered_day,
        {{ built_on() }} as built_on
    from {{ ref('stg_current_submissions') }}
),

-- The months of each kind of period, and how far one begins after the other.
kinds (period_type, begins_with, months, step) as (
    values
    ('month', 'month', 1, 1),
    ('quarter', 'quarter', 3, 3),
    ('year', 'year', 12, 12),
    ('rolling_year', 'month', 12, 1)
),

starts as (
    select
        kinds.period_type,
        kinds.months,
        days.built_on,
        unnest(
            generate_series(
                date_trunc(kinds.begins_with, days.first_covered_day),
                days.built_on,
                to_months(kinds.step)
            )
        ) as first_day
    from kinds
    cross join days
),

periods as (
    select
        period_type,
        built_on,
        cast(first_day as date) as first_day,
        cast(first_day + to_months(months) - interval 1 day as date) as calendar_last_day
    from starts
)

select
    period_type,
    case period_type
        when 'month' then strftime(first_day, '%Y-%m')
        when 'quarter' then strftime(first_day, '%Y-Q') || quarter(first_day)
        when 'year' then strftime(first_day, '%Y')
        when 'rolling_year' then strftime(calendar_last_day, '%Y-%m')
    end as period,
    first_day,
    -- The state on a day that has not been lived yet is not known.
    least(calendar_last_day, built_on) as last_day
from periods
-- Of a rolling year every day counts, so it is one only when it is over.
where period_type <> 'rolling_year' or calendar_last_day <= built_on
