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
)

select * from country
union all
select * from welfare_areas
union all
select * from organisations
union all
select * from municipalities
order by area_type, area
