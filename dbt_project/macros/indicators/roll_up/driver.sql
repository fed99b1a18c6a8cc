{#
  The one roll-up: from the rows of one grain to its measures in every cell, that is in every area
  (country, welfare area, organisation, municipality, team), period (month, quarter, year, rolling
  year) and breakdown value.

  A model that uses it holds, in this order:
      with
      {{ declared_indicators(grains) }}   which indicators, and who covers what
      <name>_rows as (…)                  one CTE per grain: its rows, one column per measure
      {{ roll_up(grain) }}                for each grain
      {{ indicator_rows(grains) }}        numerator / denominator as declared

  A grain is a dictionary:
    name       the CTE <name>_rows: organisation, municipality (null: unknown), team (null: none), the
               column of time, unit (where people is given), the dimensions, the measures, and the
               columns of key
    feed       the feed that the rows come in; absent: the rows are computed
    key        columns of <name>_rows that identify the row within its organisation and find the
               rows of staging.stg_<feed> that it is made of
    feed_key   {column of key: SQL over stg_<feed> (staged)} where the feed has no column of that name
    feed_where SQL over the grain's row (counted) and stg_<feed> (staged): which rows with the key
    time       month     the row has a month 'YYYY-MM' and counts in it, in its quarter and its year,
                         and with its sums in the rolling years that it is in (periods.sql)
               year      the row has a year 'YYYY' and counts in it alone
               last_day  the row is a state on the last day of a period, and counts in every period
                         (month, quarter, year) that ends on it; in no rolling year
    dims       breakdowns that the rows can be divided by; a row where one is null has no part in it
    measures   columns of the rows that are summed
    decimals   those of them that are not whole numbers
    people     whom the rows are about, so that distinct people can be counted:
               (absent)  the people are not identified
               'unit'    every unit counts as a separate person organisation (a worker, a respondent)
               a CTE     units are client relationships; it holds organisation, unit and person (a
                         number) of those relationships that cannot simply be counted, because
                         their person has several. Where repeats is false also those that can be
                         in several municipalities or teams in one period; otherwise the roll-up
                         finds them itself
    repeats    can one unit have several rows in one period? (default true; false: one row per
               unit, dimension value and period of any length, except for the units that `people`
               holds)
    heads      a column of the rows: how many people one unit stands for, where it is not one (a
               group's participants, the people met on a visit); with people 'unit' and repeats
               false. A unit of 0 heads is about nobody
    unit_count name of a further measure: the number of distinct units (needs repeats)
    month_end_means  measures that are counted at each month end and averaged (indicator_rows.sql)
    undivided  false: the rows are parts of units (a visit's topics) and have no undivided cell
    quantile_of  a column of the rows, a whole number of days (null: the row has no part in it): its
               quantiles over the rows are values by the breakdown quantile (quantiles.sql), and its
               name is what a declaration of the kind quantile names as numerator

  Each measure has a sum and <measure>_people: the number of people for whom it is not 0. Most people
  have one relationship in one place and are counted there, like any sum. Only the others keep their
  identity (person) until the areas are made; they carry no sum, only one bit for each measure that
  is not 0.

  The fact behind <name>_rows is read once. Each step groups the result of the step before:
    cells    people.sql   the finest grain: a unit, a month, a combination of dimensions
    places   people.sql   organisation, municipality and team; by periods.sql months, quarters and
                          years, undivided and each breakdown; then rolling years from the months
    named    people.sql   the same for the people who keep their identity
    values   areas.sql    where the organisation covers the period of the base feed: team,
                          organisation, welfare area, municipality, country
  docs/reference/rendered/int_indicators_outreach.sql is the SQL that comes out for one model.
#}
{% macro roll_up(grain) %}
{%- set name = grain.name -%}
{%- set people = grain.get('people') -%}
{%- set measures = grain_measures(grain) -%}
{%- set key = ['base_feed', 'area_type', 'area', 'period_type', 'period', 'breakdown',
    'breakdown_value'] -%}

{{ described(grain) }}
{{ places_of_repeated_units(grain) if repeats(grain) else places_of_rows(grain) }},

{{ name }}_areas as (
    select
        {{ area_columns(name ~ '_places') }},
        {%- for measure in measures %}
        sum({{ name }}_places.{{ measure }}) as {{ measure }}
        {%- if people %},
        sum({{ name }}_places.{{ measure }}_people) as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ covered_areas_of(grain, name ~ '_places') }}
),

{{ quantile_values(grain) if grain.get('quantile_of') -}}
{% if named(grain) -%}
{%- if grain.get('unit_count') -%}
{#- Two relationships of one person are two units: these are counted before the people are. -#}
{{ name }}_named_areas_of_units as (
    select
        {{ area_columns(name ~ '_named') }},
        {{ name }}_named.person,
        bit_or({{ name }}_named.measured) as measured
    {{ covered_areas_of(grain, name ~ '_named', ['organisation', 'unit', 'person']) }}
),

{{ name }}_named_areas as (
    select
        {{ key | join(',\n        ') }},
        person,
        bit_or(measured) as measured,
        count(*) as units
    from {{ name }}_named_areas_of_units
    group by {{ key | join(', ') }}, person
),

{% else -%}
{{ name }}_named_areas as (
    select
        {{ area_columns(name ~ '_named') }},
        {{ name }}_named.person,
        bit_or({{ name }}_named.measured) as measured
    {{ covered_areas_of(grain, name ~ '_named', ['person']) }}
),

{% endif -%}

{% endif -%}
{{ name }}_values as (
    select *
    from {{ name }}_areas
    where area is not null
    {%- if named(grain) %}
    union all
    select
        {{ key | join(',\n        ') }},
        {%- if grain.get('unit_count') %}
        sum(units) as {{ grain.unit_count }},
        count(*) as {{ grain.unit_count }}_people,
        {%- endif %}
        {%- for measure in grain.measures %}
        0 as {{ measure }},
        {{ people_with(measure, grain, 'measured') }} as {{ measure }}_people
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_named_areas
    where area is not null
    group by {{ key | join(', ') }}
    {%- endif %}
)
{%- endmacro %}


{#
  The grain and the feeds behind its model as JSON in a comment of the compiled SQL. The build keeps
  that SQL in the warehouse, and `vuosikello explain` takes the rows of a value from it.
#}
{% macro described(grain) -%}
/* grain: {{ dict(grain, feeds=feeds_behind_this_model()) | tojson }} */
{%- endmacro %}


{# Every feed that this model reads, directly or through other models. #}
{% macro feeds_behind_this_model() -%}
    {%- set feeds = [] -%}
    {#- A unit test has no graph. -#}
    {%- if execute and graph.nodes is defined -%}
        {%- set seen = [model.unique_id] -%}
        {#- The loop appends to the list that it reads, so it visits each upstream node once. -#}
        {%- for unique_id in seen -%}
            {%- set node = graph.nodes.get(unique_id, {}) -%}
            {%- if node.get('path', '').startswith('staging/feeds/') -%}
                {%- do feeds.append(node.name | replace('stg_', '', 1)) -%}
            {%- endif -%}
            {%- for parent in node.get('depends_on', {}).get('nodes', []) if parent not in seen -%}
                {%- do seen.append(parent) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(feeds | sort) }}
{%- endmacro %}


{# All measures of a grain: the summed ones and the number of its units. #}
{% macro grain_measures(grain) -%}
    {{ return(([grain.unit_count] if grain.get('unit_count') else []) + grain.measures) }}
{%- endmacro %}


{#
  A double holds a whole number exactly up to 2^53 and is quick to sum. Other numbers are summed as
  decimals, so that the sum is the same in any order.
#}
{% macro measure_type(measure, grain) -%}
    {{ return('decimal(18, 6)' if measure in grain.get('decimals', []) else 'double') }}
{%- endmacro %}
