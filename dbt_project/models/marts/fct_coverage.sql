with

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
)

-- One day is enough, but of a rolling year every day must be covered.
select distinct
    stretches.organisation,
    stretches.feed,
    periods.period_type,
    periods.period
from {{ ref('int_covered_stretch') }} as stretches
inner join periods
    on
        stretches.first_day <= periods.last_day
        and stretches.last_day >= periods.first_day
where
    periods.period_type <> 'rolling_year'
    or (stretches.first_day <= periods.first_day and stretches.last_day >= periods.last_day)
