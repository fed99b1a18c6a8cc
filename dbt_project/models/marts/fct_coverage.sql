with submissions as (
    select
        organisation,
        feed,
        period_start,
        period_end
    from {{ ref('stg_current_submissions') }}
),

-- The calendar's last day, also of a period under way: a file stated for a later day of it covers
-- it all the same.
periods as (
    select
        period_type,
        period,
        first_day,
        cast(
            first_day + to_months(
                case period_type when 'month' then 1 when 'quarter' then 3 else 12 end
            ) - interval 1 day as date
        ) as last_day
    from {{ ref('dim_period') }}
),

-- Stated periods that overlap or follow each other without a gap make one stretch of days.
marked as (
    select
        *,
        coalesce(
            period_start > max(period_end) over (
                partition by organisation, feed
                order by period_start, period_end
                rows between unbounded preceding and 1 preceding
            ) + 1,
            true
        ) as begins_stretch
    from submissions
),

numbered as (
    select
        *,
        count(*) filter (where begins_stretch) over (
            partition by organisation, feed
            order by period_start, period_end
            rows between unbounded preceding and current row
        ) as stretch
    from marked
),

stretches as (
    select
        organisation,
        feed,
        min(period_start) as first_day,
        max(period_end) as last_day
    from numbered
    group by organisation, feed, stretch
)

-- One day is enough, but of a rolling year every day must be covered.
select distinct
    stretches.organisation,
    stretches.feed,
    periods.period_type,
    periods.period
from stretches
inner join periods
    on
        stretches.first_day <= periods.last_day
        and stretches.last_day >= periods.first_day
where
    periods.period_type <> 'rolling_year'
    or (stretches.first_day <= periods.first_day and stretches.last_day >= periods.last_day)
