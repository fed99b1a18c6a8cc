with

country as (
    select
        'country' as area_type,
        'FI' as area,
        cast(null as varchar) as welfare_area,
        'Suomi' as label_fi,
        'Finland' as label_sv,
        'Finland' as label_en
),

welfare_areas as (
    select
        'welfare_area' as area_type,
        welfare_area as area,
        welfare_area,
        label_fi,
        label_sv,
        label_en
    from {{ ref('dim_welfare_area') }}
),

organisations as (
    select
        'organisation' as area_type,
        organisation as area,
        welfare_area,
        label_fi,
        label_sv,
        label_en
    from {{ ref('dim_organisation') }}
),

municipalities as (
    select
        'municipality' as area_type,
        municipality as area,
        welfare_area,
        label_fi,
        label_sv,
        label_en
    from {{ ref('dim_municipality') }}
),

-- No list holds the teams: they are those of which there is a value.
team_codes as (
    select distinct area
    from {{ ref('indicator_values') }}
    where area_type = 'team'
),

teams as (
    select
        'team' as area_type,
        team_codes.area,
        organisations.welfare_area,
        organisations.label_fi || ': ' || substr(team_codes.area, len(organisations.area) + 2)
            as label_fi,
        organisations.label_sv || ': ' || substr(team_codes.area, len(organisations.area) + 2)
            as label_sv,
        organisations.label_en || ': ' || substr(team_codes.area, len(organisations.area) + 2)
            as label_en
    from team_codes
    inner join organisations on split_part(team_codes.area, ':', 1) = organisations.area
)

select * from country
union all
select * from welfare_areas
union all
select * from organisations
union all
select * from municipalities
union all
select * from teams
order by area_type, area
