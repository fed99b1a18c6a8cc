{#
  A whole staging model: one row per key of the feed among its current submissions.

  The feed is the model's name without stg_, the columns are those of the model's own contract.
  Where a key stands in several current submissions of an organisation, the row of the submission
  received last wins. Only the keys that stand there more than once are looked up, so a feed of
  many million rows is never sorted; where no organisation has two current submissions nothing is.
#}
{% macro current_rows(key) -%}
    {%- set feed = feed_of_this_model() -%}
    {%- set of_the_ledger = ['received_at'] -%}
    {%- set columns = columns_of_this_model() -%}
    {%- set lake_columns = columns | rejectattr('name', 'in', of_the_ledger) | list -%}
with lake as (
    select *
    from {{ lake_rows(feed, lake_columns) }}
),

submissions as (
    select
        submission_id,
        received_at,
        arrival_no
    from {{ ref('stg_current_submissions') }}
    where feed = {{ sql_text(feed) }}
),

received as (
    select
        lake.*,
        submissions.received_at,
        submissions.arrival_no
    from lake
    inner join submissions on lake.submission_id = submissions.submission_id
)
{%- if keys_may_repeat(feed) %},

repeated_keys as (
    select
        organisation,
        {{ key | join(',\n        ') }},
        max(arrival_no) as last_arrival_no
    from received
    group by all
    having count(*) > 1
),

current_rows as (
    select received.*
    from received
    left join repeated_keys
        on
            received.organisation = repeated_keys.organisation
            {%- for column in key %}
            and received.{{ column }} is not distinct from repeated_keys.{{ column }}
            {%- endfor %}
    where
        repeated_keys.last_arrival_no is null
        or received.arrival_no = repeated_keys.last_arrival_no
)
{%- else %},

current_rows as (
    select *
    from received
)
{%- endif %}

select
    {%- for column in columns %}
    {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
from current_rows
{%- endmacro %}

{# A model under a unit test does not know its name and columns: a unit test overrides these two. #}
{% macro feed_of_this_model() -%}
    {{ return(model.name | replace('stg_', '', 1)) }}
{%- endmacro %}

{% macro columns_of_this_model() -%}
    {{ return(model.columns.values() | list) }}
{%- endmacro %}
