{#
  The two ends of a model of indicators: what is declared (before its rows) and what comes out (after
  the roll-up). The declaration is a row of the seed indicator_declarations; it names measures, and
  a model takes up every indicator whose numerator is a measure of one of its grains.
#}

{#
  declared  one row per indicator and breakdown that it has (none: undivided)
  coverage  one row per base feed of these indicators, organisation and period it covers, of the
            period types that an indicator of the feed asks for
  rolling_years  one row per organisation and rolling year of these
#}
{% macro declared_indicators(grains) %}
{%- do check_grains(grains) -%}
{%- set numerators = [] -%}
{%- set breakdowns = ['none'] -%}
{%- for grain in grains -%}
    {%- do numerators.extend(nameable_measures(grain)) -%}
    {%- do breakdowns.extend(grain.get('dims', [])) -%}
    {%- do breakdowns.extend(['quantile'] if grain.get('quantile_of') else []) -%}
{%- endfor -%}
declared as (
    select
        declarations.indicator,
        declarations.kind,
        declarations.base_feed,
        declarations.numerator,
        regexp_replace(declarations.numerator, '_people$', '') as numerator_measure,
        declarations.multiplier,
        declarations.divisor,
        -- An empty cell of a seed is null in a build and an empty text in a unit test.
        nullif(declarations.denominator, '') as denominator,
        nullif(declarations.complement, '') as complement,
        nullif(declarations.persons, '') as persons,
        declarations.events,
        declarations.breakdown_rule,
        declarations.parts_disjoint,
        declarations.areas,
        declarations.period_types,
        breakdowns.breakdown
    from {{ ref('indicator_declarations') }} as declarations
    inner join (
        values
        {%- for breakdown in breakdowns | unique %}
        ('{{ breakdown }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as breakdowns (breakdown)
        on
            (breakdowns.breakdown = 'none' and declarations.breakdown_rule = 'within')
            or {{ is_listed('breakdowns.breakdown', 'declarations.breakdowns') }}
    where
        declarations.numerator in (
            {%- for measure in numerators | unique %}
            '{{ measure }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        and {{ indicators_asked() }}
),

periods_asked as (
    select distinct
        base_feed,
        unnest(string_split(period_types, '|')) as period_type
    from declared
),

coverage as (
    {{ covered_periods() }}
    inner join periods_asked
        on
            covered.feed = periods_asked.base_feed
            and covered.period_type = periods_asked.period_type
),

rolling_years as (
    select distinct
        organisation,
        strftime(first_day, '%Y-%m') as first_month,
        period
    from coverage
    where period_type = 'rolling_year'
),
{%- endmacro %}


{#
  What a declaration may name as numerator: a measure, <measure>_people for the number of distinct
  people (or whatever else the grain's units are of) that it is not 0 for, or what quantiles are of.
#}
{% macro nameable_measures(grain) -%}
    {%- set names = grain_measures(grain) + ([grain.quantile_of] if grain.get('quantile_of') else []) -%}
    {%- if grain.get('people') -%}
        {%- for measure in grain_measures(grain) -%}
            {%- do names.append(measure ~ '_people') -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}


{# Is a code in a list with | between its codes? #}
{% macro is_listed(code, codes) -%}
position('|' || {{ code }} || '|' in '|' || coalesce({{ codes }}, '') || '|') > 0
{%- endmacro %}


{# All of them. A unit test asks for one at a time, to keep its rows few. #}
{% macro indicators_asked() -%}
declarations.indicator like '{{ var('indicators_like', '%') }}'
{%- endmacro %}


{#
  The value of a measure that a declaration names. A name that no grain of the model has is a mistake
  of the declaration and stops the build.
#}
{% macro measure_named(name, measures, cell, suffix='') -%}
case
            when {{ name }} is null then null
            {%- for measure in measures %}
            when {{ name }} = '{{ measure }}' then {{ cell }}.{{ measure }}{{ suffix }}
            {%- endfor %}
            else error('no grain of this model has the measure ' || {{ name }})
        end
{%- endmacro %}


{#
  From the measures of all grains to the indicators, as declared:
    within  numerator and denominator of the breakdown value, and the undivided row
    each    the same without the undivided row
    only    numerator of the breakdown value over the undivided denominator, no undivided row
  population: is the population of the area a measure too?

  A quantile has no denominator: its value is the number of days, its persons and events are those of
  the undivided cell.

  A measure that a grain names in month_end_means is counted at each month end of the period that has
  come (workers in force); its cells hold the mean over them. The sum is divided once, at the end, so
  that it is exact. Where no month end has come yet it is 0.
#}
{% macro indicator_rows(grains, population=false) %}
{%- set key = ['base_feed', 'area_type', 'area', 'period_type', 'period', 'breakdown',
    'breakdown_value'] -%}
{%- set measures = [] -%}
{%- set counted = [] -%}
{%- set means = [] -%}
{%- set headed = [] -%}
{%- for grain in grains -%}
    {%- do headed.extend(grain_measures(grain) if grain.get('heads') else []) -%}
    {%- do measures.extend(grain_measures(grain)) -%}
    {%- do means.extend(grain.get('month_end_means', [])) -%}
    {%- do counted.extend(grain_measures(grain) if grain.get('people') else []) -%}
{%- endfor -%}
{%- set measures = measures | unique | list -%}
{%- set counted = counted | unique | list -%}
{%- set nameable = measures + (['population'] if population else []) -%}
{%- set quantiles_of = grains | selectattr('quantile_of', 'defined') | list -%}
{%- for measure in counted -%}
    {%- do nameable.append(measure ~ '_people') -%}
{%- endfor %}

-- Zero is not missing: where an organisation covers the period there is a cell, with rows or without.
covered_areas as (
    select
        base_feed,
        {{ area_names() }},
        period_type,
        period
    from coverage
    group by {{ area_sets(['base_feed', 'period_type', 'period']) }}
),

{% if population -%}
{{ municipalities_where_none_is_none() }},

{% endif -%}
measured as (
    select
        base_feed,
        area_type,
        area,
        period_type,
        period,
        'none' as breakdown,
        'all' as breakdown_value,
        {%- if population %}
        true as none_is_none,
        {%- endif %}
        {%- for measure in measures %}
        0 as {{ measure }}
        {%- if measure in counted %},
        0 as {{ measure }}_people
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ 'areas_where_none_is_none' if population else 'covered_areas' }}
    where area is not null
    {%- for grain in grains %}
    union all
    select
        {{ key | join(',\n        ') }},
        {%- if population %}
        false as none_is_none,
        {%- endif %}
        {%- for measure in measures %}
        {{ measure if measure in grain_measures(grain) else '0' }}
        {%- if measure in counted %},
        {{ measure ~ '_people' if measure in grain_measures(grain) and grain.get('people') else '0' }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ grain.name }}_values
    {%- endfor %}
),

{% if means -%}
month_ends_of_periods as (
    select
        period_type,
        period,
        date_diff('month', first_day, last_day + 1) as month_ends
    from {{ ref('dim_period') }}
),

{% endif -%}
cells as (
    select
        {% for column in key -%}
        measured.{{ column }},
        {% endfor -%}
        {%- if population -%}
        max(populations.population) as population,
        bool_or(measured.none_is_none) as none_is_none,
        {% endif -%}
        {%- for measure in measures -%}
        {%- if measure in means -%}
        coalesce(
            cast(sum(measured.{{ measure }}) as double)
            / nullif(max(month_ends_of_periods.month_ends), 0),
            0
        ) as {{ measure }}
        {%- else -%}
        cast(sum(measured.{{ measure }}) as double) as {{ measure }}
        {%- endif %}
        {%- if measure in counted %},
        cast(sum(measured.{{ measure }}_people) as bigint) as {{ measure }}_people
        {%- endif %}{{ ',\n        ' if not loop.last }}
        {%- endfor %}
    from measured
    {%- if population %}
    left join {{ ref('int_population_area') }} as populations
        on
            measured.area_type = populations.area_type
            and measured.area = populations.area
            and left(measured.period, 4) = populations.year
    {%- endif %}
    {%- if means %}
    left join month_ends_of_periods
        on
            measured.period_type = month_ends_of_periods.period_type
            and measured.period = month_ends_of_periods.period
    {%- endif %}
    group by
        {% for column in key -%}
        measured.{{ column }}{{ ',\n        ' if not loop.last }}
        {%- endfor %}
),

undivided as (
    select *
    from cells
    where breakdown = 'none'
),

shares as (
    {%- for rule in ['within', 'only'] %}
    {%- set whole = 'undivided' if rule == 'only' else 'cells' %}
    {{ 'union all' if not loop.first }}
    select
        declared.indicator,
        declared.kind,
        declared.breakdown_rule,
        declared.complement,
        declared.parts_disjoint,
        {%- if headed %}
        declared.numerator_measure,
        {%- endif %}
        cells.area_type,
        cells.area,
        cells.period_type,
        cells.period,
        cells.breakdown,
        cells.breakdown_value,
        {{ measure_named('declared.numerator', nameable, 'cells') }}
        * declared.multiplier / declared.divisor as numerator,
        {{ measure_named('declared.denominator', nameable, whole) }} as denominator,
        {%- if population %}
        declared.denominator = 'population'
        and cells.area_type = 'municipality'
        and not cells.none_is_none as is_missing_at_0,
        {%- else %}
        false as is_missing_at_0,
        {%- endif %}
        -- The people of twelve months are not told: they are not those of each month together.
        case
            when cells.period_type <> 'rolling_year'
                then {{ measure_named('declared.persons', counted, whole, '_people') }}
        end as persons,
        {{ measure_named('declared.events', measures, whole) }} as events,
        case
            when declared.persons is not null and cells.period_type <> 'rolling_year'
                then {{ measure_named('declared.numerator_measure', counted, 'cells', '_people') }}
        end as numerator_persons,
        case
            when cells.period_type <> 'rolling_year'
                then {{ measure_named('declared.complement', counted, 'cells', '_people') }}
        end as complement_persons
    from cells
    inner join declared
        on
            cells.base_feed = declared.base_feed
            and cells.breakdown = declared.breakdown
            and {{ is_listed('cells.area_type', 'declared.areas') }}
            and {{ is_listed('cells.period_type', 'declared.period_types') }}
            and declared.breakdown_rule {{ '=' if rule == 'only' else '<>' }} 'only'
            and declared.kind <> 'quantile'
    {%- if rule == 'only' %}
    inner join undivided
        on
            cells.base_feed = undivided.base_feed
            and cells.area_type = undivided.area_type
            and cells.area = undivided.area
            and cells.period_type = undivided.period_type
            and cells.period = undivided.period
    {%- endif %}
    {%- endfor %}
),

published as (
    select *
    from shares
    where
        case
            when kind = 'count'
                then
                    numerator > 0
                    or (breakdown = 'none' and area_type not in ('municipality', 'team'))
            when coalesce(is_missing_at_0, false) and numerator = 0 then false
            when breakdown_rule = 'only' then numerator > 0 and denominator > 0
            else denominator > 0
        end
),

-- The other side of a part of a whole has no measure. A lower bound: the people who are not in the
-- part and, of parts that do not overlap, those of the largest other part. Heads are counted with
-- each unit, so that those who are not in the part are the others exactly, and may be nobody.
parts as (
    select
        *,
        case
            {%- if headed %}
            when numerator_measure in (
                {%- for measure in headed | unique -%}
                '{{ measure }}'{{ ', ' if not loop.last }}
                {%- endfor -%}
            ) then persons - numerator_persons
            {%- endif %}
            when numerator = denominator then 0
            else
                greatest(
                    1,
                    persons - numerator_persons,
                    coalesce(
                        max(case when parts_disjoint then numerator_persons end) over (
                            partition by indicator, area_type, area, period_type, period, breakdown
                            rows between unbounded preceding and unbounded following
                            exclude current row
                        ),
                        0
                    )
                )
        end as other_side_persons
    from published
    where breakdown_rule = 'only'
)
{% for source in ['published', 'parts'] %}
{{ 'union all' if not loop.first }}
select
    indicator,
    area_type,
    area,
    period_type,
    period,
    breakdown,
    breakdown_value,
    numerator,
    denominator,
    case when kind = 'count' then numerator else numerator / denominator end as value,
    cast(nullif(persons, 0) as bigint) as persons,
    cast(events as bigint) as events,
    cast(numerator_persons as bigint) as numerator_persons,
    cast(
        {%- if source == 'published' %}
        complement_persons
        {%- else %}
        case when persons is not null then coalesce(complement_persons, other_side_persons) end
        {%- endif %} as bigint
    ) as other_side_persons
from {{ source }}
{%- if source == 'published' %}
where breakdown_rule <> 'only'
{%- endif %}
{% endfor %}
{%- if quantiles_of -%}
union all
{{ quantile_rows(grains, counted, measures) }}
{%- endif %}
{%- endmacro %}
