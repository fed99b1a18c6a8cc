-- One row per simulated year, which is the period of most files.
select
    year,
    year::varchar as period,
    make_date(year, 1, 1) as first_day,
    make_date(year, 12, 31) as last_day
from range({{ first_year }}, {{ last_year }} + 1) as years(year)
order by year
