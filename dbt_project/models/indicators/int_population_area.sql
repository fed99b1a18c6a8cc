with areas as (
    select
        population.year,
        population.population,
        municipalities.welfare_area,
        population.municipality
    from {{ ref('fct_population') }} as population
    inner join {{ ref('dim_municipality') }} as municipalities
        on population.municipality = municipalities.municipality
),

submitted as (
    select
        year as submitted_year,
        case
            when grouping(municipality) = 0 then 'municipality'
            when grouping(welfare_area) = 0 then 'welfare_area'
            else 'country'
        end as area_type,
        case
            when grouping(municipality) = 0 then municipality
            when grouping(welfare_area) = 0 then welfare_area
            else 'FI'
        end as area,
        welfare_area,
        sum(population) as population
    from areas
    group by grouping sets ((year, municipality, welfare_area), (year, welfare_area), (year))
),

-- An organisation serves the people of its welfare area.
all_areas as (
    select *
    from submitted
    where area is not null
    union all
    select
        submitted.submitted_year,
        'organisation' as area_type,
        organisations.organisation as area,
        submitted.welfare_area,
        submitted.population
    from submitted
    inner join {{ ref('dim_organisation') }} as organisations
        on
            submitted.area_type = 'welfare_area'
            and submitted.area = organisations.welfare_area
),

-- The latest submitted year is one for all areas, so that no area is counted by an older map.
latest as (
    select
        periods.period as year,
        max(areas.year) as submitted_year
    from {{ ref('dim_period') }} as periods
    inner join areas on periods.period >= areas.year
    where periods.period_type = 'year'
    group by periods.period
)

select
    all_areas.area_type,
    all_areas.area,
    all_areas.welfare_area,
    latest.year,
    latest.submitted_year,
    cast(all_areas.population as bigint) as population
from latest
inner join all_areas on latest.submitted_year = all_areas.submitted_year
