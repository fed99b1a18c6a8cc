-- The calendar runs from the first public holiday that is known to the last: both ends are certain.
with known as (
    select
        min(day) as first_day,
        max(day) as last_day
    from {{ ref('public_holidays') }}
),

days as (
    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day
    from known
),

named_days as (
    select
        days.day,
        holidays.label_fi as holiday_fi,
        holidays.day is not null as is_public_holiday,
        isodow(days.day) <= 5 and holidays.day is null as is_working_day
    from days
    left join {{ ref('public_holidays') }} as holidays on days.day = holidays.day
)

select
    day,
    is_public_holiday,
    holiday_fi,
    is_working_day,
    cast(
        sum(cast(is_working_day as integer)) over (
            order by day
            rows between unbounded preceding and current row
        ) as integer
    ) as working_day_no
from named_days
