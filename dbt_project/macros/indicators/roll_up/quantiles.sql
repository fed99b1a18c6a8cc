{#
  Quantiles of a number of days over the rows of a grain, in every area and period: the smallest
  number of whole days whose cumulative share of the rows is at least q. They come from the counts of
  rows per number of days, which add up over places and months as quantiles do not.
#}
{% macro quantile_values(grain) %}
{%- set name = grain.name -%}
{%- set days = grain.quantile_of -%}
{#- The counts are undivided: a quantile is divided by nothing else. -#}
{%- set counts = dict(grain, dims=[], undivided=true) -%}
{%- set time = ['last_day'] if grain.time == 'last_day' else ['period_type', 'period'] -%}
{%- set key = ['base_feed', 'area_type', 'area', 'period_type', 'period'] -%}
{{ name }}_counts as (
    select
        organisation,
        municipality,
        team,
        {{ grain.time }},
        {{ days }},
        count(*) as events
    from {{ name }}_rows
    where {{ days }} is not null
    group by organisation, municipality, team, {{ grain.time }}, {{ days }}
),

{{ name }}_spread_counts as (
    select
        organisation,
        municipality,
        team,
        {{ spread_columns(counts) }},
        {{ days }},
        sum(events) as events
    from {{ with_periods(counts, name ~ '_counts') }}
    group by {{ spread_sets(counts, ['organisation', 'municipality', 'team', days]) }}
),

{{ name }}_area_counts as (
    select
        {{ area_columns(name ~ '_spread_counts') }},
        {{ name }}_spread_counts.{{ days }},
        sum({{ name }}_spread_counts.events) as events
    {{ covered_areas_of(counts, name ~ '_spread_counts', [days]) }}
),

{{ name }}_running_counts as (
    select
        {{ key | join(',\n        ') }},
        {{ days }},
        sum(events) over (
            partition by {{ key | join(', ') }}
            order by {{ days }}
            rows between unbounded preceding and current row
        ) as events_so_far,
        sum(events) over (partition by {{ key | join(', ') }}) as all_events
    from {{ name }}_area_counts
    where area is not null
),

{{ name }}_quantiles as (
    select
        {%- for column in key %}
        counts.{{ column }},
        {%- endfor %}
        'quantile' as breakdown,
        quantiles.breakdown_value,
        min(counts.{{ days }}) as {{ days }}
    from {{ name }}_running_counts as counts
    inner join (
        values
        {%- for quantile, percent in quantiles().items() %}
        ('{{ quantile }}', {{ percent }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as quantiles (breakdown_value, percent)
        on counts.events_so_far * 100 >= counts.all_events * quantiles.percent
    group by
        {%- for column in key %}
        counts.{{ column }},
        {%- endfor %}
        quantiles.breakdown_value
),

{% endmacro %}


{# The quantiles that are told, with the share of the rows in percent. #}
{% macro quantiles() -%}
    {{ return({'p50': 50, 'p90': 90}) }}
{%- endmacro %}


{#
  What is told of quantiles: persons and events are those of the undivided cell, and all of the
  people stand on the one side that a quantile has.
#}
{% macro quantile_rows(grains, counted, measures) -%}
select
    declared.indicator,
    quantiles.area_type,
    quantiles.area,
    quantiles.period_type,
    quantiles.period,
    quantiles.breakdown,
    quantiles.breakdown_value,
    cast(quantiles.days * declared.multiplier / declared.divisor as double) as numerator,
    cast(null as double) as denominator,
    cast(quantiles.days * declared.multiplier / declared.divisor as double) as value,
    cast(
        nullif({{ measure_named('declared.persons', counted, 'undivided', '_people') }}, 0) as bigint
    ) as persons,
    cast({{ measure_named('declared.events', measures, 'undivided') }} as bigint) as events,
    cast(
        {{ measure_named('declared.persons', counted, 'undivided', '_people') }} as bigint
    ) as numerator_persons,
    cast(null as bigint) as other_side_persons
from (
    {%- for grain in grains if grain.get('quantile_of') %}
    {{ 'union all' if not loop.first }}
    select
        base_feed,
        area_type,
        area,
        period_type,
        period,
        breakdown,
        breakdown_value,
        '{{ grain.quantile_of }}' as measure,
        {{ grain.quantile_of }} as days
    from {{ grain.name }}_quantiles
    {%- endfor %}
) as quantiles
inner join declared
    on
        declared.kind = 'quantile'
        and quantiles.measure = declared.numerator
        and quantiles.base_feed = declared.base_feed
        and quantiles.breakdown = declared.breakdown
        and {{ is_listed('quantiles.area_type', 'declared.areas') }}
        and {{ is_listed('quantiles.period_type', 'declared.period_types') }}
inner join undivided
    on
        quantiles.base_feed = undivided.base_feed
        and quantiles.area_type = undivided.area_type
        and quantiles.area = undivided.area
        and quantiles.period_type = undivided.period_type
        and quantiles.period = undivided.period
{%- endmacro %}
