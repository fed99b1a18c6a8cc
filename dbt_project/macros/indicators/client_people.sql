{#
  The CTE client_people: whom the units of a grain of client relationships are about, for those that
  cannot simply be counted (int_repeat_client; `people` in roll_up/driver.sql).
#}
{% macro client_people() -%}
client_people as (
    select
        organisation,
        client_id as unit,
        person
    from {{ ref('int_repeat_client') }}
)
{%- endmacro %}
