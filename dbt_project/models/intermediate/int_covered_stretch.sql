with submissions as (
    select
        organisation,
        feed,
        period_start,
        period_end
    from {{ ref('stg_current_submissions') }}
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
)

select
    organisation,
    feed,
    min(period_start) as first_day,
    max(period_end) as last_day
from numbered
group by organisation, feed, stretch
