{#
  The grouping sets of the first half of the roll-up: each kind of period, each breakdown, and the
  undivided rows.
#}


{# The period and breakdown of a grouping set of spread_sets(). #}
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
  A grouping set for each kind of period and each breakdown, and the undivided one. Where the rows
  are already grouped by a single dimension in the finest period (has_finest false), that set is left
  out.
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
