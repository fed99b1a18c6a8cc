{#
  The areas where none is none, also at 0. A municipality's count may be missing, since nobody need
  have submitted it; but where all organisations of its welfare area that are in force on some day of
  the period cover the feed, a rate per inhabitants without a row is 0. Its municipalities are those
  whose population is known.
#}
{% macro municipalities_where_none_is_none() -%}
organisations_in_force as (
    select
        feeds.base_feed,
        periods.period_type,
        periods.period,
        organisations.welfare_area,
        organisations.organisation
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('dim_organisation') }} as organisations
        on
            organisations.welfare_area is not null
            and coalesce(organisations.valid_from <= periods.last_day, true)
            and coalesce(organisations.valid_to >= periods.first_day, true)
    cross join (select distinct base_feed from declared) as feeds
),

wholly_covered_areas as (
    select
        in_force.base_feed,
        in_force.period_type,
        in_force.period,
        in_force.welfare_area
    from organisations_in_force as in_force
    left join coverage
        on
            in_force.base_feed = coverage.base_feed
            and in_force.organisation = coverage.organisation
            and in_force.period_type = coverage.period_type
            and in_force.period = coverage.period
    group by
        in_force.base_feed,
        in_force.period_type,
        in_force.period,
        in_force.welfare_area
    having count(*) = count(coverage.organisation)
),

areas_where_none_is_none as (
    select *
    from covered_areas
    union all
    select
        wholly_covered_areas.base_feed,
        populations.area_type,
        populations.area,
        wholly_covered_areas.period_type,
        wholly_covered_areas.period
    from wholly_covered_areas
    inner join {{ ref('int_population_area') }} as populations
        on
            populations.area_type = 'municipality'
            and wholly_covered_areas.welfare_area = populations.welfare_area
            and left(wholly_covered_areas.period, 4) = populations.year
)
{%- endmacro %}
