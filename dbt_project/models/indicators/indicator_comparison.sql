with given as (
    select *
    from {{ ref('indicator_values') }}
),

areas as (
    select
        'organisation' as area_type,
        organisation as area,
        welfare_area
    from {{ ref('dim_organisation') }}
    union all
    select
        'municipality' as area_type,
        municipality as area,
        welfare_area
    from {{ ref('dim_municipality') }}
    union all
    select
        'welfare_area' as area_type,
        welfare_area as area,
        welfare_area
    from {{ ref('dim_welfare_area') }}
),

-- Better ones first; where no way is better, larger ones. Ties share a rank.
ranked as (
    select
        given.indicator,
        given.area,
        given.period_type,
        given.period,
        given.breakdown,
        given.breakdown_value,
        case catalogue.direction when 'down' then 'lowest' when 'up' then 'highest' else 'size' end
            as ranked_by,
        rank() over (
            partition by
                given.indicator,
                given.period_type,
                given.period,
                given.breakdown,
                given.breakdown_value
            order by case catalogue.direction when 'down' then given.value else -given.value end
        ) as organisation_rank,
        count(*) over (
            partition by
                given.indicator,
                given.period_type,
                given.period,
                given.breakdown,
                given.breakdown_value
        ) as organisations_ranked
    from given
    inner join {{ ref('indicator_catalogue') }} as catalogue
        on given.indicator = catalogue.indicator
    where given.area_type = 'organisation'
)

select
    given.indicator,
    given.area_type,
    given.area,
    given.period_type,
    given.period,
    given.breakdown,
    given.breakdown_value,
    given.value,
    areas.welfare_area,
    of_welfare_area.value as welfare_area_value,
    of_country.value as country_value,
    of_year_before.value as previous_value,
    given.value - of_year_before.value as change,
    ranked.organisation_rank,
    ranked.organisations_ranked,
    ranked.ranked_by
from given
left join areas
    on
        given.area_type = areas.area_type
        and given.area = areas.area
left join given as of_welfare_area
    on
        of_welfare_area.area_type = 'welfare_area'
        and areas.welfare_area = of_welfare_area.area
        and given.indicator = of_welfare_area.indicator
        and given.period_type = of_welfare_area.period_type
        and given.period = of_welfare_area.period
        and given.breakdown = of_welfare_area.breakdown
        and given.breakdown_value = of_welfare_area.breakdown_value
left join given as of_country
    on
        of_country.area_type = 'country'
        and given.indicator = of_country.indicator
        and given.period_type = of_country.period_type
        and given.period = of_country.period
        and given.breakdown = of_country.breakdown
        and given.breakdown_value = of_country.breakdown_value
-- 2018 for 2019, 2018-03 for 2019-03.
left join given as of_year_before
    on
        given.indicator = of_year_before.indicator
        and given.area_type = of_year_before.area_type
        and given.area = of_year_before.area
        and given.period_type = of_year_before.period_type
        and cast(cast(left(given.period, 4) as integer) - 1 as varchar)
        || substr(given.period, 5) = of_year_before.period
        and given.breakdown = of_year_before.breakdown
        and given.breakdown_value = of_year_before.breakdown_value
left join ranked
    on
        given.area_type = 'organisation'
        and given.area = ranked.area
        and given.indicator = ranked.indicator
        and given.period_type = ranked.period_type
        and given.period = ranked.period
        and given.breakdown = ranked.breakdown
        and given.breakdown_value = ranked.breakdown_value
order by
    given.indicator,
    given.area_type,
    given.area,
    given.period_type,
    given.period,
    given.breakdown,
    given.breakdown_value
