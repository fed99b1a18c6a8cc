select
    period as month,
    left(period, 4) as year,
    cast(right(period, 2) as integer) as month_number,
    first_day,
    last_day
from {{ ref('dim_period') }}
where period_type = 'month'
