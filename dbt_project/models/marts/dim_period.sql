with days as (
    select
        min(period_start) as first_covered_day,
        {{ built_on() }} as built_on
    from {{ ref('stg_current_submissions') }}
),

month_starts as (
    select
        unnest(
            generate_series(date_trunc('month', first_covered_day), built_on, interval 1 month)
        ) as first_day
    from days
),

year_starts as (
    select
        unnest(
            generate_series(date_trunc('year', first_covered_day), built_on, interval 1 year)
        ) as first_day
    from days
),

periods as (
    select
        'month' as period_type,
        strftime(first_day, '%Y-%m') as period,
        first_day,
        first_day + interval 1 month - interval 1 day as calendar_last_day
    from month_starts
    union all
    select
        'year' as period_type,
        strftime(first_day, '%Y') as period,
        first_day,
        first_day + interval 1 year - interval 1 day as calendar_last_day
    from year_starts
)

select
    periods.period_type,
    periods.period,
    cast(periods.first_day as date) as first_day,
    -- The state on a day that has not been lived yet is not known.
    least(cast(periods.calendar_last_day as date), days.built_on) as last_day
from periods
cross join days
