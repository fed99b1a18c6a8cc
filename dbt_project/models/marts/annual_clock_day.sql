with clock as (
    select *
    from {{ ref('annual_clock') }}
),

-- A round of the clock begins with its first stage, late in the year whose data it is about.
round_begins as (
    select min_by(begins, position) as begins
    from clock
),

days as (
    select
        day,
        strftime(day, '%m-%d') as month_day
    from {{ ref('dim_day') }}
)

select
    days.day,
    clock.position,
    clock.stage,
    clock.label_fi,
    clock.label_sv,
    clock.label_en,
    cast(
        case
            when days.month_day >= round_begins.begins then year(days.day) else year(days.day) - 1
        end as varchar
    ) as data_year
from days
cross join round_begins
-- A stage that ends earlier in the year than it begins runs over the turn of the year.
left join clock
    on
        (
            clock.begins <= clock.ends
            and days.month_day between clock.begins and clock.ends
        )
        or (
            clock.begins > clock.ends
            and (days.month_day >= clock.begins or days.month_day <= clock.ends)
        )
