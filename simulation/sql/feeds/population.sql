-- Real figures (Statistics Finland) where there are any; for other years the nearest, moved by up
-- to one per cent a year and made up.
with known_years as (
    select
        municipality,
        year::integer as year,
        population::integer as population
    from read_csv({{ population_file }}, header = true, all_varchar = true)
),

nearest as (
    select
        years.period,
        years.year,
        years.last_day,
        known_years.municipality,
        known_years.population,
        years.year - known_years.year as years_away,
        {{ entity('population', 'years.year * 1000 + known_years.municipality::integer') }} as e
    from years
    cross join known_years
    qualify
        row_number() over (
            partition by years.year, known_years.municipality
            order by abs(years.year - known_years.year)
        ) = 1
)

select
    nearest.period,
    nearest.municipality,
    nearest.year::integer as year,
    (
        nearest.population
        * (1 + abs(nearest.years_away) * (0.01 * draw(nearest.e, 1) - 0.006))
    )::integer as population
from nearest
inner join {{ code_list('municipalities') }} as municipalities
    on nearest.municipality = municipalities.code
where municipalities.valid_to is null or municipalities.valid_to::date >= nearest.last_day
