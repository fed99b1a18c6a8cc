{#
  A whole staging model: the rows in force of a feed, one per key, among its current submissions.

  The feed is the model's name without stg_, the columns are those of the model's own contract.
    key           the columns that identify a row within its organisation; an empty one equals an
                  empty one
    has_life      do the rows have a life (a beginning and an end), so that of several with one key
                  that of the latest stated end counts, and not simply the one received last?
  A feed with a period date (the variable period_dates) tells everything about its stated period:
  rows on a day that a later submission tells about as well are out of force (stg_displaced_days).

  First overlap, then keys among the rows that are left. Only the keys that stand there more than
  once are looked up, and only the rows of displaced submissions, so a feed of many million rows is
  never sorted; where no organisation has two current submissions nothing is.
#}
{% macro current_rows(key, has_life=false) -%}
    {%- set feed = feed_of_this_model() -%}
    {%- set period_date = var('period_dates').get(feed) -%}
    {%- set of_the_ledger = ['received_at'] -%}
    {%- set columns = columns_of_this_model() -%}
    {%- set lake_columns = columns | rejectattr('name', 'in', of_the_ledger) | list -%}
    {%- set rank = 'precedence' if has_life else 'arrival_no' -%}
with lake as (
    select *
    from {{ lake_rows(feed, lake_columns) }}
),

submissions as (
    select
        submission_id,
        received_at,
        arrival_no
        {%- if has_life %},
        -- The latest stated end, and of those the one received last.
        row_number() over (order by period_end, arrival_no) as precedence
        {%- endif %}
    from {{ ref('stg_current_submissions') }}
    where feed = {{ sql_text(feed) }}
),

received as (
    select
        lake.*,
        submissions.received_at,
        submissions.{{ rank }}
    from lake
    inner join submissions on lake.submission_id = submissions.submission_id
)
{%- if period_date and rows_may_be_displaced(feed) %},

displaced_days as (
    select distinct
        submission_id,
        cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day
    from {{ ref('stg_displaced_days') }}
    where feed = {{ sql_text(feed) }}
),

in_force as (
    select received.*
    from received
    left join displaced_days
        on
            received.submission_id = displaced_days.submission_id
            and received.{{ period_date }} = displaced_days.day
    where displaced_days.day is null
)
{%- else %},

in_force as (
    select *
    from received
)
{%- endif %}
{%- if keys_may_repeat(feed) %},

repeated_keys as (
    select
        organisation,
        {{ key | join(',\n        ') }},
        max({{ rank }}) as last_{{ rank }}
    from in_force
    group by all
    having count(*) > 1
),

current_rows as (
    select in_force.*
    from in_force
    left join repeated_keys
        on
            in_force.organisation = repeated_keys.organisation
            {%- for column in key %}
            and in_force.{{ column }} is not distinct from repeated_keys.{{ column }}
            {%- endfor %}
    where
        repeated_keys.last_{{ rank }} is null
        or in_force.{{ rank }} = repeated_keys.last_{{ rank }}
)
{%- else %},

current_rows as (
    select *
    from in_force
)
{%- endif %}

select
    {%- for column in columns %}
    {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from current_rows
{%- endmacro %}

{#
  Every row of every current submission of a feed, with what the submission states: the photographs
  that an organisation sent, of which each tells the state of its own period.
#}
{% macro photograph_rows(feed) -%}
    {#- Not read, but named: what rests on the feed is built anew when a submission of it arrives. -#}
    {%- do ref('stg_' ~ feed) -%}
    {%- set of_the_ledger = ['period', 'period_start', 'period_end', 'arrival_no'] -%}
    {%- set columns = columns_of_this_model() -%}
    {%- set lake_columns = columns | rejectattr('name', 'in', of_the_ledger) | list -%}
with lake as (
    select *
    from {{ lake_rows(feed, lake_columns) }}
)

select
    {%- for column in columns %}
    {{ 'submissions' if column.name in of_the_ledger else 'lake' }}.{{ column.name }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from lake
inner join {{ ref('stg_current_submissions') }} as submissions
    on lake.submission_id = submissions.submission_id
{%- endmacro %}

{# A model under a unit test does not know its name and columns: a unit test overrides these two. #}
{% macro feed_of_this_model() -%}
    {{ return(model.name | replace('stg_', '', 1)) }}
{%- endmacro %}

{% macro columns_of_this_model() -%}
    {{ return(model.columns.values() | list) }}
{%- endmacro %}
