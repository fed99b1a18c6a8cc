{# What must hold of the indicator values whatever the data. Each test returns the rows that fail. #}

{# A share lies between 0 and 1, and a value is its numerator over its denominator. #}
{% test share_between_0_and_1(model) %}
select
    given.*
from {{ model }} as given
inner join {{ ref('indicator_catalogue') }} as catalogue on given.indicator = catalogue.indicator
where
    given.numerator is null
    or given.value is distinct from given.numerator / coalesce(given.denominator, 1)
    or (catalogue.kind in ('count', 'quantile')) <> (given.denominator is null)
    or (catalogue.kind = 'share' and given.value not between 0 and 1)
    or given.denominator <= 0
{% endtest %}


{#
  The parts of a whole make the whole: disjoint parts of a share (activities, bands) sum to 1. The
  parts of a count sum to its undivided value at the most: a row may tell of no part. Breakdowns in
  which a row may stand in several parts are named: they make no sum.
#}
{% test parts_make_the_whole(model, overlapping_breakdowns=[]) %}
with parts as (
    select
        given.indicator,
        given.area_type,
        given.area,
        given.period_type,
        given.period,
        given.breakdown,
        catalogue.kind,
        sum(given.numerator) as numerator,
        max(given.denominator) as denominator
    from {{ model }} as given
    inner join {{ ref('indicator_declarations') }} as catalogue
        on given.indicator = catalogue.indicator
    where
        given.breakdown not in ({{ "'" ~ (['none'] + overlapping_breakdowns) | join("', '") ~ "'" }})
        and (catalogue.kind = 'count' or catalogue.parts_disjoint)
    group by
        given.indicator,
        given.area_type,
        given.area,
        given.period_type,
        given.period,
        given.breakdown,
        catalogue.kind
)

select parts.*
from parts
left join {{ model }} as undivided
    on
        parts.indicator = undivided.indicator
        and parts.area_type = undivided.area_type
        and parts.area = undivided.area
        and parts.period_type = undivided.period_type
        and parts.period = undivided.period
        and undivided.breakdown = 'none'
where
    -- What is not whole (full-time equivalents) sums to the last digit only in one order.
    (parts.kind = 'count' and parts.numerator > coalesce(undivided.numerator, 0) + 1e-6)
    or (parts.kind <> 'count' and abs(parts.numerator / parts.denominator - 1) > 1e-9)
{% endtest %}


{#
  Numerators, denominators and events are sums over rows, so the organisations make the country; of an
  indicator that has no organisations, its welfare areas do.
  Three things are not such sums: distinct people, the population, and the undivided denominator of a
  part that one organisation has and another has not. People can only be fewer, since one person can
  stand in several organisations.
  Of a ratio an organisation can have a numerator and no denominator (two left, and nobody was there on
  a month's end): then it has no value, and the country has more than the organisations with one. Its
  events, too, can be the country's alone: of a part of a count where its rows come to nothing (a
  visit where nobody was met) it has no row.
#}
{% test organisations_make_the_country(model) %}
with totals as (
    select
        given.indicator,
        given.period_type,
        given.period,
        given.breakdown,
        given.breakdown_value,
        given.area_type = 'country' as is_country,
        catalogue.base_feed,
        catalogue.kind = 'ratio' as is_ratio,
        -- A sum says nothing where the same people may be in several areas, nor of quantiles.
        catalogue.numerator like '%\_people' escape '\'
        or catalogue.kind = 'quantile' as is_no_sum,
        catalogue.breakdown_rule = 'only'
        or coalesce(catalogue.denominator = 'population', false)
        or coalesce(catalogue.denominator like '%\_people' escape '\', false) as is_partial,
        count(*) as areas,
        sum(given.numerator) as numerator,
        sum(given.denominator) as denominator,
        sum(given.events) as events,
        sum(given.persons) as persons
    from {{ model }} as given
    inner join {{ ref('indicator_declarations') }} as catalogue
        on given.indicator = catalogue.indicator
    where
        given.area_type = 'country'
        or given.area_type = case
            when {{ is_listed("'organisation'", 'catalogue.areas') }} then 'organisation'
            else 'welfare_area'
        end
    group by
        given.indicator,
        given.period_type,
        given.period,
        given.breakdown,
        given.breakdown_value,
        given.area_type,
        catalogue.base_feed,
        catalogue.kind,
        catalogue.numerator,
        catalogue.breakdown_rule,
        catalogue.denominator
),

covering as (
    select
        feed,
        period_type,
        period,
        count(*) as areas
    from {{ ref('fct_coverage') }}
    group by feed, period_type, period
),

compared as (
    select
        country.*,
        coalesce(parts.numerator, 0) as numerator_of_parts,
        coalesce(parts.denominator, 0) as denominator_of_parts,
        coalesce(parts.events, 0) as events_of_parts,
        parts.persons as persons_of_parts,
        country.is_ratio and coalesce(parts.areas, 0) < covering.areas as can_be_short,
        coalesce(parts.areas, 0) < covering.areas as events_can_be_short
    from totals as country
    left join totals as parts
        on
            country.indicator = parts.indicator
            and country.period_type = parts.period_type
            and country.period = parts.period
            and country.breakdown = parts.breakdown
            and country.breakdown_value = parts.breakdown_value
            and not parts.is_country
    left join covering
        on
            country.base_feed = covering.feed
            and country.period_type = covering.period_type
            and country.period = covering.period
    where country.is_country
)

select *
from compared
where
    (
        not is_no_sum
        and (
            numerator_of_parts - numerator > 1e-6
            or (numerator - numerator_of_parts > 1e-6 and not can_be_short)
        )
    )
    or (
        not is_partial
        and (
            abs(denominator - denominator_of_parts) > 1e-6
            or events < events_of_parts
            or (events > events_of_parts and not events_can_be_short)
            or (persons > persons_of_parts and not can_be_short)
        )
    )
{% endtest %}


{#
  A line of a scorecard shows what there can be: the undivided value only where the indicator has one,
  a part only of what the indicator is divided by.
#}
{% test a_line_can_have_a_value(model) %}
select lines.*
from {{ model }} as lines
inner join {{ ref('indicator_declarations') }} as declared on lines.indicator = declared.indicator
where
    (lines.breakdown is null) <> (lines.breakdown_value is null)
    or (lines.breakdown is null and declared.breakdown_rule <> 'within')
    or (
        lines.breakdown is not null
        and not {{ is_listed('lines.breakdown', 'declared.breakdowns') }}
    )
{% endtest %}
