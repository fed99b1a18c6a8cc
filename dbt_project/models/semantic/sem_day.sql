select cast(unnest(generate_series(min(first_day), max(last_day), interval 1 day)) as date) as day
from {{ ref('dim_period') }}
