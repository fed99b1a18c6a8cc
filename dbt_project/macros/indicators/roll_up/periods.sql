{#
  The grouping sets of the first half of the roll-up: each kind of period, each breakdown, and the
  undivided rows.
#}


{# The period and breakdown of a grouping set of spread_sets(). #}
{% macro spread_columns(grain) -%}
{%- set dims = grain.get('dims', []) -%}
{%- if grain.time == 'month' -%}
case
            when grouping(month) = 0 then 'month'
            when grouping(quarter) = 0 then 'quarter'
            else 'year'
        end as period_type,
        case
            when grouping(month) = 0 then month
            when grouping(quarter) = 0 then quarter
            else year
        end as period,
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
{%- set times = ['month', 'quarter', 'year'] if grain.time == 'month' else [grain.time] -%}
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


{# A relation of cells for spread_sets(): rows of months have the quarter and the year of the month. #}
{% macro with_periods(grain, relation) -%}
{%- if grain.time == 'month' -%}
(
        select
            *,
            left(month, 5) || 'Q' || (cast(right(month, 2) as integer) + 2) // 3 as quarter,
            left(month, 4) as year
        from {{ relation }}
    ) as {{ relation }}
{%- else -%}
{{ relation }}
{%- endif -%}
{%- endmacro %}


{#
  Sums of the twelve months that end with a month, from those of the months at each place, so that
  the rows are not read twelve times. Only sums: the people of twelve months are not those of each
  month together, and are not told (persons is null in a rolling year). Only where the organisation
  covers every day (fct_coverage), and only if an indicator of the model asks for rolling years.

  No age_group: the age is that on the period's last day. Within a calendar year it is one and the
  same for every month and quarter, so a row can tell it; a rolling year reaches over two, and in it
  the people of the first would have to be a year older than in their own months.
#}
{% macro rolling_years(grain) %}
{%- set name = grain.name -%}
{%- set dims = grain.get('dims', []) -%}
{{ name }}_rolling as (
    select
        months.organisation,
        months.municipality,
        months.team,
        'rolling_year' as period_type,
        rolling.period,
        months.breakdown,
        months.breakdown_value,
        {%- for measure in grain_measures(grain) %}
        sum(months.{{ measure }}) as {{ measure }}
        {%- if grain.get('people') %},
        0 as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_spread as months
    inner join rolling_years as rolling
        on
            months.organisation = rolling.organisation
            and months.period between rolling.first_month and rolling.period
    where
        months.period_type = 'month'
        and months.breakdown_value is not null
        {%- if 'age_group' in dims %}
        and months.breakdown <> 'age_group'
        {%- endif %}
    group by
        months.organisation,
        months.municipality,
        months.team,
        rolling.period,
        months.breakdown,
        months.breakdown_value
),

{% endmacro %}
