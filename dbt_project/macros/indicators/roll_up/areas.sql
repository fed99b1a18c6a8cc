{#
  The grouping sets of the second half of the roll-up: team, organisation, welfare area, municipality
  and country, for the periods that an organisation covers.
#}


{# The key of a cell, from the coverage and a relation of places. #}
{% macro area_columns(places) -%}
coverage.base_feed,
        {{ area_names(places) }},
        coverage.period_type,
        coverage.period,
        {{ places }}.breakdown,
        {{ places }}.breakdown_value
{%- endmacro %}


{# The area of a grouping set of area_sets(). #}
{% macro area_names(places=none) -%}
case
            {%- if places %}
            when grouping({{ places }}.team) = 0 then 'team'
            {%- endif %}
            when grouping(coverage.organisation) = 0 then 'organisation'
            when grouping(coverage.welfare_area) = 0 then 'welfare_area'
            {%- if places %}
            when grouping({{ places }}.municipality) = 0 then 'municipality'
            {%- endif %}
            else 'country'
        end as area_type,
        case
            {%- if places %}
            -- A team is one organisation's: two that call theirs by one name have two.
            when grouping({{ places }}.team) = 0
                then coverage.organisation || ':' || {{ places }}.team
            {%- endif %}
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
            and coverage.period_type <> 'rolling_year'
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


{#
  One grouping set for each kind of area. Rows without a welfare area, a municipality or a team give
  an area that is null; the caller removes it.
#}
{% macro area_sets(keys, places=none) -%}
{%- set areas = ['coverage.organisation', 'coverage.welfare_area']
    + ([places ~ '.municipality', 'coverage.organisation, ' ~ places ~ '.team'] if places else [])
    + [none] -%}
grouping sets (
        {%- for area in areas %}
        ({{ (keys + ([area] if area else [])) | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
