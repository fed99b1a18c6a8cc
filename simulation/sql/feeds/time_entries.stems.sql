-- One row per worker and working day of the year, and how many entries it has: two to five, none on
-- a day of leave, of which July has the most.
with working_days as (
    select any_day::date as worked_on
    from generate_series({{ year_first_day }}, {{ year_last_day }}, interval 1 day) as days(any_day)
    where
        isodow(any_day) <= 5
        and strftime(any_day, '%m-%d') not in (
            '01-01', '01-06', '05-01', '12-06', '12-24', '12-25', '12-26'
        )
),

present as (
    select
        working_days.worked_on,
        employments.worker_no,
        employments.worker_id,
        employments.fte,
        {{
            entity(
                'day',
                "employments.worker_no * 100000 + (working_days.worked_on - date '1970-01-01')"
            )
        }} as e
    from working_days
    inner join employments
        on working_days.worked_on between employments.started_on and employments.ended_on
    where employments.started_on <= {{ year_last_day }}
)

select
    strftime(worked_on, '%Y-%m') as period,
    (worked_on - date '1970-01-01') * 100000000 + worker_no as stem,
    worked_on,
    worker_id,
    fte,
    e,
    drawn(e, 1, 2, 5) as rows
from present
where draw(e, 2) >= case month(worked_on) when 7 then 0.65 when 12 then 0.2 else 0.09 end
