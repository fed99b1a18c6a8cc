-- One row per relationship and month of the year, and how many contacts it has in it: more where
-- the work is intensive or acute, fewer in July and December.
with months as (
    select
        *,
        unnest(
            range(
                greatest(year(started_on) * 12 + month(started_on) - 1, {{ year }} * 12),
                least(year(ended_on) * 12 + month(ended_on) - 1, {{ year }} * 12 + 11) + 1
            )
        ) as month_no
    from relationships
    where
        year(started_on) <= {{ year }}
        and year(ended_on) >= {{ year }}
),

spans as (
    select
        seat,
        client_no,
        client_id,
        intensity,
        month_no,
        {{ entity('contacts', 'client_no * 4000 + month_no % 4000') }} as e,
        greatest(started_on, make_date(month_no // 12, month_no % 12 + 1, 1)) as from_day,
        least(ended_on, last_day(make_date(month_no // 12, month_no % 12 + 1, 1))) as to_day
    from months
)

select
    strftime(from_day, '%Y-%m') as period,
    client_no as stem,
    seat,
    client_id,
    e,
    from_day,
    to_day,
    least(
        60,
        floor(
            case intensity when 'intensive' then 2.4 when 'acute' then 4.2 else 1.1 end
            * [1.05, 1.0, 1.1, 1.0, 1.05, 0.85, 0.45, 0.95, 1.15, 1.15, 1.1, 0.8][month_no % 12 + 1]
            * (to_day - from_day + 1) / 30
            + draw(e, 1)
        )
    )::integer as rows
from spans
