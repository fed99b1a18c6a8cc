{#
  The one roll-up: from the rows of one grain to its measures in every cell, that is in every area
  (country, welfare area, organisation, municipality), period (month, year) and breakdown value.

  A model that uses it holds, in this order:
      with
      {{ declared_indicators(grains) }}   which indicators, and who covers what
      <name>_rows as (…)                  one CTE per grain: its rows, one column per measure
      {{ roll_up(grain) }}                for each grain
      {{ indicator_rows(grains) }}        numerator / denominator as declared

  A grain is a dictionary:
    name       the CTE <name>_rows: organisation, municipality (null: unknown), the column of time,
               unit (where people is given), the dimensions and the measures; beside them the
               columns of key
    feed       the feed that the rows come in; absent: the rows are computed and come in no file
    key        columns of <name>_rows that tell the row apart within its organisation and find the
               rows of staging.stg_<feed> that it is made of
    feed_key   {column of key: SQL over stg_<feed> (staged)} where the feed has no column of that name
    feed_where SQL over the grain's row (counted) and stg_<feed> (staged): which rows with the key
    time       month     the row has a month 'YYYY-MM' and counts in it and in its year
               year      the row has a year 'YYYY' and counts in it alone
               last_day  the row is a state on the last day of a period, and counts in every period
                         (month, year) that ends on it
    dims       breakdowns that the rows can be divided by; a row where one is null has no part in it
    measures   columns of the rows that are summed
    decimals   those of them that are not whole numbers
    people     whom the rows are about, so that distinct people can be counted:
               (absent)  nobody who is identified
               'unit'    every unit is a person of its own organisation (a worker, a respondent)
               a CTE     units are client relationships; it holds organisation, unit and person (a
                         number) of those relationships that may not simply be counted, because
                         their person has several or because they can stand in several
                         municipalities at once
    repeats    may one unit have several rows in one period? (default true; false: one row per
               unit, dimension value and period, but for the units that `people` holds)
    heads      a column of the rows: how many people one unit stands for, where it is not one (a
               group's participants); with people 'unit' and repeats false
    unit_count name of a further measure: the number of distinct units (needs repeats)
    undivided  false: the rows are parts of units (a visit's topics) and have no undivided cell

  Beside the sum of each measure stands <measure>_people: how many people it is not 0 for. Nearly
  everyone has one relationship in one place and is counted where it stands, like any sum. Only the
  others are carried by name until the areas are made; with them goes no sum, only one bit for each
  measure that is not 0.

  The fact behind <name>_rows is read once; each step groups what the one before has left:
    cells    the finest grain: a unit, a month, a combination of dimensions
    places   organisation and municipality; months and years; undivided and each breakdown
    named    the same for the people carried by name
    values   where the organisation covers the period of the base feed: organisation, welfare area,
             municipality, country
#}
{% macro roll_up(grain) %}
{%- set name = grain.name -%}
{%- set people = grain.get('people') -%}
{%- set measures = grain_measures(grain) -%}
{%- set key = ['base_feed', 'area_type', 'area', 'period_type', 'period', 'breakdown',
    'breakdown_value'] -%}
{%- if grain.get('unit_count') and not repeats(grain) -%}
    {%- do exceptions.raise_compiler_error(name ~ ': unit_count needs people and repeats') -%}
{%- endif -%}

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

{% if named(grain) -%}
{{ name }}_named_areas as (
    select
        {{ area_columns(name ~ '_named') }},
        {{ name }}_named.person,
        bit_or({{ name }}_named.measured) as measured
    {{ covered_areas_of(grain, name ~ '_named', ['person']) }}
),

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
        0 as {{ grain.unit_count }},
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


{# Every feed that this model reads, however many models lie between. #}
{% macro feeds_behind_this_model() -%}
    {%- set feeds = [] -%}
    {#- A unit test has no graph. -#}
    {%- if execute and graph.nodes is defined -%}
        {%- set seen = [model.unique_id] -%}
        {#- The list grows while it is read: everything that is read, once. -#}
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


{# Places where no unit repeats within a period, or where nobody is counted. #}
{% macro places_of_rows(grain) %}
{%- set name = grain.name -%}
{%- set dims = grain.get('dims', []) -%}
{%- set people = grain.get('people') -%}
{{ name }}_cells as (
    select
        {{ name }}_rows.organisation,
        {{ name }}_rows.municipality,
        {{ name }}_rows.{{ grain.time }},
        {%- for dim in dims %}
        {{ name }}_rows.{{ dim }},
        {%- endfor %}
        {%- for measure in grain.measures %}
        sum(cast({{ name }}_rows.{{ measure }} as {{ measure_type(measure, grain) }})) as {{ measure }}
        {%- if people %},
        {{ heads_of(grain) }} filter (
            where {{ name }}_rows.{{ measure }} <> 0
            {%- if named(grain) %} and {{ named(grain) }}.person is null{% endif %}
        ){{ ', 0)' if grain.get('heads') }} as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_rows
    {%- if named(grain) %}
    left join {{ named(grain) }}
        on
            {{ name }}_rows.organisation = {{ named(grain) }}.organisation
            and {{ name }}_rows.unit = {{ named(grain) }}.unit
    {%- endif %}
    group by
        {{ name }}_rows.organisation,
        {{ name }}_rows.municipality,
        {{ name }}_rows.{{ grain.time }}
        {%- for dim in dims %},
        {{ name }}_rows.{{ dim }}
        {%- endfor %}
),

{{ name }}_spread as (
    select
        organisation,
        municipality,
        {{ spread_columns(grain) }},
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }}
        {%- if people %},
        sum({{ measure }}_people) as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_cells
    group by {{ spread_sets(grain, ['organisation', 'municipality']) }}
),

{{ name }}_places as (
    select *
    from {{ name }}_spread
    where breakdown_value is not null
)
{%- if named(grain) %},

{{ name }}_named_rows as (
    select
        {{ name }}_rows.organisation,
        {{ name }}_rows.municipality,
        {{ name }}_rows.{{ grain.time }},
        {%- for dim in dims %}
        {{ name }}_rows.{{ dim }},
        {%- endfor %}
        {{ named(grain) }}.person,
        {{ measured_bits(grain, name ~ '_rows') }} as measured
    from {{ name }}_rows
    inner join {{ named(grain) }}
        on
            {{ name }}_rows.organisation = {{ named(grain) }}.organisation
            and {{ name }}_rows.unit = {{ named(grain) }}.unit
),

{{ name }}_named_spread as (
    select
        organisation,
        municipality,
        {{ spread_columns(grain) }},
        person,
        bit_or(measured) as measured
    from {{ name }}_named_rows
    group by {{ spread_sets(grain, ['organisation', 'municipality', 'person']) }}
),

{{ name }}_named as (
    select *
    from {{ name }}_named_spread
    where breakdown_value is not null
)
{%- endif %}
{%- endmacro %}


{#
  Places where a unit can have many rows in a period: sums and people go two ways and meet again.
  The sums need no unit; the people need no sum, only which measures are not 0 for the unit.
#}
{% macro places_of_repeated_units(grain) %}
{%- set name = grain.name -%}
{%- set dims = grain.get('dims', []) -%}
{%- set unit_count = grain.get('unit_count') -%}
{%- set place = ['organisation', 'municipality']
    + (['last_day'] if grain.time == 'last_day' else ['period_type', 'period'])
    + ['breakdown', 'breakdown_value'] -%}
{{ name }}_cells as (
    select
        organisation,
        municipality,
        {{ grain.time }},
        {%- for dim in dims %}
        {{ dim }},
        {%- endfor %}
        unit,
        {%- for measure in grain.measures %}
        sum(cast({{ measure }} as {{ measure_type(measure, grain) }})) as {{ measure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_rows
    group by {{ (['organisation', 'municipality', grain.time] + dims + ['unit']) | join(', ') }}
),

{{ name }}_sums as (
    select
        organisation,
        municipality,
        {{ grain.time }},
        {%- for dim in dims %}
        {{ dim }},
        {%- endfor %}
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_cells
    group by {{ (['organisation', 'municipality', grain.time] + dims) | join(', ') }}
),

{{ name }}_units as (
    {%- set has_finest_as_cells = dims | length == 1 and grain.get('undivided', true) %}
    {#- Then a grain without months has nothing left to be divided by. #}
    {%- set left = dict(grain, dims=[])
        if has_finest_as_cells and grain.time != 'month' else grain %}
    {%- if has_finest_as_cells %}
    -- The cells are the finest set as they stand, and the largest.
    select
        organisation,
        municipality,
        {%- if grain.time == 'last_day' %}
        last_day,
        {%- else %}
        '{{ grain.time }}' as period_type,
        {{ grain.time }} as period,
        {%- endif %}
        '{{ dims[0] }}' as breakdown,
        {{ dims[0] }} as breakdown_value,
        unit,
        {{ measured_bits(grain, name ~ '_cells') }} as measured
    from {{ name }}_cells
    union all
    {%- endif %}
    select
        organisation,
        municipality,
        {{ spread_columns(left) }},
        unit,
        bit_or({{ measured_bits(grain, name ~ '_cells') }}) as measured
    from {{ name }}_cells
    group by {{ spread_sets(
        left,
        ['organisation', 'municipality', 'unit'],
        has_finest=not has_finest_as_cells
    ) }}
),

{% if grain.people == 'unit' -%}
-- In several municipalities, or in a known and in the unknown one: one person all the same.
{{ named(grain) }} as (
    select
        organisation,
        unit,
        row_number() over (order by organisation, unit) as person
    from {{ name }}_cells
    group by organisation, unit
    having
        count(distinct municipality) > 1
        or count(municipality) between 1 and count(*) - 1
),

{% endif -%}
{{ name }}_named_units as (
    select
        {{ name }}_units.*,
        {{ named(grain) }}.person
    from {{ name }}_units
    left join {{ named(grain) }}
        on
            {{ name }}_units.organisation = {{ named(grain) }}.organisation
            and {{ name }}_units.unit = {{ named(grain) }}.unit
    where {{ name }}_units.breakdown_value is not null
),

{{ name }}_spread as (
    select
        organisation,
        municipality,
        {{ spread_columns(grain) }},
        {%- if unit_count %}
        0 as {{ unit_count }},
        0 as {{ unit_count }}_people,
        {%- endif %}
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }},
        0 as {{ measure }}_people{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_sums
    group by {{ spread_sets(grain, ['organisation', 'municipality']) }}
    union all
    select
        {{ place | join(',\n        ') }},
        {%- if unit_count %}
        count(*) as {{ unit_count }},
        count(*) filter (where person is null) as {{ unit_count }}_people,
        {%- endif %}
        {%- for measure in grain.measures %}
        0 as {{ measure }},
        {{ people_with(measure, grain, 'measured', 'person is null') }} as {{ measure }}_people
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_named_units
    group by {{ place | join(', ') }}
),

{{ name }}_places as (
    select *
    from {{ name }}_spread
    where breakdown_value is not null
),

{{ name }}_named as (
    select *
    from {{ name }}_named_units
    where person is not null
)
{%- endmacro %}


{# May one unit have several rows in one period, so that it must be told apart? #}
{% macro repeats(grain) -%}
    {{ return(grain.get('people') and grain.get('repeats', true)) }}
{%- endmacro %}


{# The CTE that holds those who are carried by name; none where everyone can simply be counted. #}
{% macro named(grain) -%}
    {%- if grain.get('people') and grain.people != 'unit' -%} {{ return(grain.people) }}
    {%- elif repeats(grain) -%} {{ return(grain.name ~ '_people') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{# How many people the rows are, up to the filter: as many as rows, or as their heads say. #}
{% macro heads_of(grain) -%}
{{ 'coalesce(sum(' ~ grain.name ~ '_rows.' ~ grain.heads ~ ')' if grain.get('heads') else 'count(*)' }}
{%- endmacro %}


{# Which measures are not 0: one bit for each, in one number. #}
{% macro measured_bits(grain, relation) -%}
{%- for measure in grain.measures -%}
{{ '+ ' if not loop.first }}case when {{ relation }}.{{ measure }} <> 0 then {{ 2 ** loop.index0 }} else 0 end
            {% endfor -%}
{%- endmacro %}


{# How many rows have the measure's bit. #}
{% macro people_with(measure, grain, bits, also=none) -%}
count(*) filter (
            where {{ bits }} & {{ 2 ** grain.measures.index(measure) }} <> 0
            {%- if also %} and {{ also }}{% endif %}
        )
{%- endmacro %}


{# What period and breakdown a grouping set of spread_sets() stands for. #}
{% macro spread_columns(grain) -%}
{%- set dims = grain.get('dims', []) -%}
{%- if grain.time == 'month' -%}
case when grouping(month) = 0 then 'month' else 'year' end as period_type,
        case when grouping(month) = 0 then month else left(month, 4) end as period,
{%- elif grain.time == 'year' -%}
'year' as period_type,
        year as period,
{%- else -%}
last_day,
{%- endif %}
{%- if dims %}
        case
            {%- for dim in dims %}
            when grouping({{ dim }}) = 0 then '{{ dim }}'
            {%- endfor %}
            else 'none'
        end as breakdown,
        case
            {%- for dim in dims %}
            when grouping({{ dim }}) = 0 then {{ dim }}
            {%- endfor %}
            else 'all'
        end as breakdown_value
{%- else %}
        'none' as breakdown,
        'all' as breakdown_value
{%- endif %}
{%- endmacro %}


{#
  A grouping set for each kind of period and each breakdown, and the undivided one; without those of
  a single dimension in the finest period where the rows are grouped by them already.
#}
{% macro spread_sets(grain, keys, has_finest=true) -%}
{%- set sets = [] -%}
{%- set times = ['month', 'left(month, 4)'] if grain.time == 'month' else [grain.time] -%}
{%- for time in times -%}
    {%- if grain.get('undivided', true) -%}
        {%- do sets.append(keys + [time]) -%}
    {%- endif -%}
    {%- for dim in grain.get('dims', []) if has_finest or time != grain.time -%}
        {%- do sets.append(keys + [time, dim]) -%}
    {%- endfor -%}
{%- endfor -%}
grouping sets (
        {%- for columns in sets %}
        ({{ columns | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# The key of a cell, from the coverage and a relation of places. #}
{% macro area_columns(places) -%}
coverage.base_feed,
        {{ area_names(places) }},
        coverage.period_type,
        coverage.period,
        {{ places }}.breakdown,
        {{ places }}.breakdown_value
{%- endmacro %}


{# What area a grouping set of area_sets() stands for. #}
{% macro area_names(places=none) -%}
case
            when grouping(coverage.organisation) = 0 then 'organisation'
            when grouping(coverage.welfare_area) = 0 then 'welfare_area'
            {%- if places %}
            when grouping({{ places }}.municipality) = 0 then 'municipality'
            {%- endif %}
            else 'country'
        end as area_type,
        case
            when grouping(coverage.organisation) = 0 then coverage.organisation
            when grouping(coverage.welfare_area) = 0 then coverage.welfare_area
            {%- if places %}
            when grouping({{ places }}.municipality) = 0 then {{ places }}.municipality
            {%- endif %}
            else 'FI'
        end as area
{%- endmacro %}


{# The rows of the places whose organisation covers the period, grouped into every kind of area. #}
{% macro covered_areas_of(grain, places, also=[]) -%}
from {{ places }}
    inner join coverage
        on
            {{ places }}.organisation = coverage.organisation
            {%- if grain.time == 'last_day' %}
            and {{ places }}.last_day = coverage.last_day
            {%- else %}
            and {{ places }}.period_type = coverage.period_type
            and {{ places }}.period = coverage.period
            {%- endif %}
    {%- set keys = ['coverage.base_feed', 'coverage.period_type', 'coverage.period'] %}
    {%- for column in ['breakdown', 'breakdown_value'] + also -%}
        {%- do keys.append(places ~ '.' ~ column) -%}
    {%- endfor %}
    group by {{ area_sets(keys, places) }}
{%- endmacro %}


{# One grouping set for each kind of area. Rows without a welfare area or a municipality make an
   area that is null; whoever groups drops it. #}
{% macro area_sets(keys, places=none) -%}
{%- set areas = ['coverage.organisation', 'coverage.welfare_area']
    + ([places ~ '.municipality'] if places else []) + [none] -%}
grouping sets (
        {%- for area in areas %}
        ({{ (keys + ([area] if area else [])) | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# All measures of a grain: the summed ones and the number of its units. #}
{% macro grain_measures(grain) -%}
    {{ return(([grain.unit_count] if grain.get('unit_count') else []) + grain.measures) }}
{%- endmacro %}


{#
  A double holds a whole number exactly up to 2^53 and is quick to sum. What is not whole is summed
  as a decimal, so that the sum is the same in whatever order it is made.
#}
{% macro measure_type(measure, grain) -%}
    {{ return('decimal(18, 6)' if measure in grain.get('decimals', []) else 'double') }}
{%- endmacro %}
