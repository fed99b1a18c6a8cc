-- A period is the beginning of the text of its days (2019, 2019-03), so a stated period overlaps
-- it where it lies between the beginnings of the first and the last stated day.
select distinct
    submissions.organisation,
    submissions.feed,
    periods.period_type,
    periods.period
from {{ ref('stg_current_submissions') }} as submissions
inner join {{ ref('dim_period') }} as periods
    on
        periods.period between
        left(cast(submissions.period_start as varchar), len(periods.period))
        and left(cast(submissions.period_end as varchar), len(periods.period))
