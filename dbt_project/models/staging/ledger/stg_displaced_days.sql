{{ config(materialized='table') }}

-- Stated periods are years, months and days, so two of them overlap only where one is part of the
-- other; the text of the wider one is then the beginning of the other's.
with submissions as (
    select *
    from {{ ref('stg_current_submissions') }}
),

wider_periods as (
    select
        submission_id,
        unnest([left(period, 4), left(period, 7)]) as period
    from submissions
),

overlapping_pairs as (
    select
        parts.organisation,
        parts.feed,
        parts.submission_id as part,
        parts.arrival_no as part_arrival_no,
        wholes.submission_id as whole,
        wholes.arrival_no as whole_arrival_no,
        -- What both tell about is the smaller one.
        parts.period_start as first_day,
        parts.period_end as last_day
    from wider_periods
    inner join submissions as parts
        on wider_periods.submission_id = parts.submission_id
    inner join submissions as wholes
        on
            parts.organisation = wholes.organisation
            and parts.feed = wholes.feed
            and wider_periods.period = wholes.period
            and parts.period <> wholes.period
)

select
    organisation,
    feed,
    case when part_arrival_no < whole_arrival_no then part else whole end as submission_id,
    case when part_arrival_no < whole_arrival_no then whole else part end as displaced_by,
    first_day,
    last_day
from overlapping_pairs
where
    feed in (
        {%- for feed in var('period_dates') %}
        {{ sql_text(feed) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
