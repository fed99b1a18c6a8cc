{#
  Sums and people by place (organisation, municipality and team), period and breakdown: the first
  half of the roll-up. Areas are not known here; areas.sql groups the places into them.
#}


{# Places where no unit repeats within a period, or where no people are counted. #}
{% macro places_of_rows(grain) %}
{%- set name = grain.name -%}
{%- set dims = grain.get('dims', []) -%}
{%- set people = grain.get('people') -%}
{{ name }}_cells as (
    select
        {{ name }}_rows.organisation,
        {{ name }}_rows.municipality,
        {{ name }}_rows.team,
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
        {{ name }}_rows.team,
        {{ name }}_rows.{{ grain.time }}
        {%- for dim in dims %},
        {{ name }}_rows.{{ dim }}
        {%- endfor %}
),

{{ name }}_spread as (
    select
        organisation,
        municipality,
        team,
        {{ spread_columns(grain) }},
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }}
        {%- if people %},
        sum({{ measure }}_people) as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ with_periods(grain, name ~ '_cells') }}
    group by {{ spread_sets(grain, ['organisation', 'municipality', 'team']) }}
),

{{ rolling_years(grain) if grain.time == 'month' -}}
{{ name }}_places as (
    select *
    from {{ name }}_spread
    where breakdown_value is not null
    {%- if grain.time == 'month' %}
    union all
    select *
    from {{ name }}_rolling
    {%- endif %}
)
{%- if named(grain) %},

{{ name }}_named_rows as (
    select
        {{ name }}_rows.organisation,
        {{ name }}_rows.municipality,
        {{ name }}_rows.team,
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
        team,
        {{ spread_columns(grain) }},
        person,
        bit_or(measured) as measured
    from {{ with_periods(grain, name ~ '_named_rows') }}
    group by {{ spread_sets(grain, ['organisation', 'municipality', 'team', 'person']) }}
),

{{ name }}_named as (
    select *
    from {{ name }}_named_spread
    where breakdown_value is not null
)
{%- endif %}
{%- endmacro %}


{#
  Places where a unit can have many rows in a period. Sums and people are computed separately and
  joined again: the sums need no unit, and the people need no sum, only which measures are not 0 for
  the unit.
#}
{% macro places_of_repeated_units(grain) %}
{%- set name = grain.name -%}
{%- set dims = grain.get('dims', []) -%}
{%- set unit_count = grain.get('unit_count') -%}
{%- set where = ['organisation', 'municipality', 'team'] -%}
{%- set place = where
    + (['last_day'] if grain.time == 'last_day' else ['period_type', 'period'])
    + ['breakdown', 'breakdown_value'] -%}
{{ name }}_cells as (
    select
        organisation,
        municipality,
        team,
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
    group by {{ (where + [grain.time] + dims + ['unit']) | join(', ') }}
),

{{ name }}_sums as (
    select
        organisation,
        municipality,
        team,
        {{ grain.time }},
        {%- for dim in dims %}
        {{ dim }},
        {%- endfor %}
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_cells
    group by {{ (where + [grain.time] + dims) | join(', ') }}
),

{{ name }}_units as (
    {%- set has_finest_as_cells = dims | length == 1 and grain.get('undivided', true) %}
    {#- Then a grain without months has no other breakdown. #}
    {%- set left = dict(grain, dims=[])
        if has_finest_as_cells and grain.time != 'month' else grain %}
    {%- if has_finest_as_cells %}
    -- The cells are the finest set as they stand, and the largest.
    select
        organisation,
        municipality,
        team,
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
        team,
        {{ spread_columns(left) }},
        unit,
        bit_or({{ measured_bits(grain, name ~ '_cells') }}) as measured
    from {{ with_periods(grain, name ~ '_cells') }}
    group by {{ spread_sets(
        left,
        where + ['unit'],
        has_finest=not has_finest_as_cells
    ) }}
),

{# The units that cannot simply be counted, with the person that each is. -#}
{{ named(grain) }} as (
    {%- if grain.people != 'unit' %}
    select
        organisation,
        unit,
        person
    from {{ grain.people }}
    union all
    {%- endif %}
    -- In several places, or in a known and in the unknown one: one person all the same.
    select
        cells.organisation,
        cells.unit,
        -row_number() over (order by cells.organisation, cells.unit) as person
    from {{ name }}_cells as cells
    {%- if grain.people != 'unit' %}
    anti join {{ grain.people }} as told
        on
            cells.organisation = told.organisation
            and cells.unit = told.unit
    {%- endif %}
    group by cells.organisation, cells.unit
    having
        min(cells.municipality) <> max(cells.municipality)
        or min(cells.team) <> max(cells.team)
        or count(cells.municipality) between 1 and count(*) - 1
        or count(cells.team) between 1 and count(*) - 1
),

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
        team,
        {{ spread_columns(grain) }},
        {%- if unit_count %}
        0 as {{ unit_count }},
        0 as {{ unit_count }}_people,
        {%- endif %}
        {%- for measure in grain.measures %}
        sum({{ measure }}) as {{ measure }},
        0 as {{ measure }}_people{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ with_periods(grain, name ~ '_sums') }}
    group by {{ spread_sets(grain, ['organisation', 'municipality', 'team']) }}
    union all
    select
        {{ place | join(',\n        ') }},
        {%- if unit_count %}
        count(*) filter (where person is null) as {{ unit_count }},
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

{{ rolling_years(grain) if grain.time == 'month' -}}
{{ name }}_places as (
    select *
    from {{ name }}_spread
    where breakdown_value is not null
    {%- if grain.time == 'month' %}
    union all
    select *
    from {{ name }}_rolling
    {%- endif %}
),

{{ name }}_named as (
    select *
    from {{ name }}_named_units
    where person is not null
)
{%- endmacro %}


{# Can one unit have several rows in one period, so that units must be distinguished? #}
{% macro repeats(grain) -%}
    {{ return(grain.get('people') and grain.get('repeats', true)) }}
{%- endmacro %}


{# The CTE that holds the people who keep their identity; none where rows can simply be counted. #}
{% macro named(grain) -%}
    {%- if repeats(grain) -%} {{ return(grain.name ~ '_people') }}
    {%- elif grain.get('people') and grain.people != 'unit' -%} {{ return(grain.people) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{# The number of people of the rows, without the filter: the rows, or the sum of their heads. #}
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
