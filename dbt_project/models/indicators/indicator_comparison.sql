-- A view: it costs a build nothing, and who asks for one indicator reads that one alone, since
-- every comparison is made within an indicator.
{{ config(materialized='view') }}

with given as (
    select *
    from {{ ref('indicator_values') }}
),

catalogue as (
    select *
    from {{ ref('indicator_catalogue') }}
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

placed as (
    select
        given.*,
        areas.welfare_area,
        cast(left(given.period, 4) as integer) as year_number,
        substr(given.period, 5) as part_of_year,
        case catalogue.direction
            when 'up' then 'highest'
            when 'down' then 'lowest'
            else 'size'
        end as ranked_by
    from given
    inner join catalogue on given.indicator = catalogue.indicator
    -- A team (organisation:team) lies where its organisation does.
    left join areas
        on
            case given.area_type when 'team' then 'organisation' else given.area_type end
            = areas.area_type
            and split_part(given.area, ':', 1) = areas.area
),

compared as (
    select
        *,
        max(value) filter (where area_type = 'welfare_area') over of_welfare_area
            as welfare_area_value,
        max(value) filter (where area_type = 'country') over of_country as country_value,
        -- 2018 for 2019, 2018-Q1 for 2019-Q1, 2018-03 for 2019-03; the row before may be of an
        -- earlier year.
        case
            when lag(year_number) over of_years = year_number - 1 then lag(value) over of_years
        end as previous_value,
        rank() over (
            of_kind
            order by case when ranked_by = 'lowest' then value else -value end
        ) as area_rank,
        count(*) over of_kind as areas_ranked
    from placed
    window
        of_country as (
            partition by indicator, period_type, period, breakdown, breakdown_value
        ),
        of_welfare_area as (
            partition by indicator, period_type, period, breakdown, breakdown_value, welfare_area
        ),
        of_kind as (
            partition by indicator, period_type, period, breakdown, breakdown_value, area_type
        ),
        of_years as (
            partition by
                indicator,
                area_type,
                area,
                period_type,
                part_of_year,
                breakdown,
                breakdown_value
            order by year_number
        )
)

select
    indicator,
    area_type,
    area,
    period_type,
    period,
    breakdown,
    breakdown_value,
    value,
    welfare_area,
    welfare_area_value,
    country_value,
    previous_value,
    value - previous_value as change,
    case when area_type = 'organisation' then area_rank end as organisation_rank,
    case when area_type = 'organisation' then areas_ranked end as organisations_ranked,
    case when area_type = 'organisation' then ranked_by end as ranked_by
from compared
