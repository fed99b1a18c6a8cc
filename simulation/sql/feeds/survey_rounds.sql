select
    years.period,
    years.year::integer as year,
    count(employments.worker_no)::integer as sent_to
from years
left join employments
    on
        employments.started_on <= make_date(years.year, 11, 15)
        and employments.ended_on >= make_date(years.year, 11, 15)
group by years.period, years.year
