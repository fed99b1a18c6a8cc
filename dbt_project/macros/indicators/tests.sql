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
    or (catalogue.kind = 'count') <> (given.denominator is null)
    or (catalogue.kind = 'share' and given.value not between 0 and 1)
    or given.denominator <= 0
{% endtest %}


{#
  The parts of a whole make the whole: disjoint parts of a share (activities, bands) sum to 1. The
  parts of a count sum to its undivided value at the most: a row may tell of no part.
#}
{% test parts_make_the_whole(model) %}
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
        given.breakdown <> 'none'
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
    (parts.kind = 'count' and parts.numerator > coalesce(undivided.numerator, 0))
    or (parts.kind <> 'count' and abs(parts.numerator / parts.denominator - 1) > 1e-9)
{% endtest %}


{#
  Numerators, denominators and events are sums over rows, so the organisations make the country.
  Three things are not such sums: distinct people, the population, and the undivided denominator of a
  part that one organisation has and another has not. People can only be fewer, since one person can
  stand in several organisations.
#}
{% test organisations_make_the_country(model) %}
with totals as (
    select
        given.indicator,
        given.period_type,
        given.period,
        given.breakdown,
        given.breakdown_value,
        given.area_type,
        catalogue.numerator like '%\_people' escape '\' as is_distinct,
        catalogue.breakdown_rule = 'only'
        or coalesce(catalogue.denominator = 'population', false)
        or coalesce(catalogue.denominator like '%\_people' escape '\', false) as is_partial,
        sum(given.numerator) as numerator,
        sum(given.denominator) as denominator,
        sum(given.events) as events,
        sum(given.persons) as persons
    from {{ model }} as given
    inner join {{ ref('indicator_declarations') }} as catalogue
        on given.indicator = catalogue.indicator
    where given.area_type in ('organisation', 'country')
    group by
        given.indicator,
        given.period_type,
        given.period,
        given.breakdown,
        given.breakdown_value,
        given.area_type,
        catalogue.numerator,
        catalogue.breakdown_rule,
        catalogue.denominator
)

select country.*
from totals as country
left join totals as organisations
    on
        country.indicator = organisations.indicator
        and country.period_type = organisations.period_type
        and country.period = organisations.period
        and country.breakdown = organisations.breakdown
        and country.breakdown_value = organisations.breakdown_value
        and organisations.area_type = 'organisation'
where
    country.area_type = 'country'
    and (
        (
            not country.is_distinct
            and abs(country.numerator - coalesce(organisations.numerator, 0)) > 1e-6
        )
        or (
            not country.is_partial
            and (
                abs(country.denominator - coalesce(organisations.denominator, 0)) > 1e-6
                or country.events <> coalesce(organisations.events, 0)
                or country.persons > organisations.persons
            )
        )
    )
{% endtest %}
