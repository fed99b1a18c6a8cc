{# Indicators over low-threshold places: those open on the last day of a year, and where none is. #}
{% set place = {
    'name': 'place',
    'feed': 'places',
    'key': ['place_id'],
    'time': 'year',
    'dims': ['kind', 'sector'],
    'measures': ['open_places'],
} %}
{% set place_group = {
    'name': 'place_group',
    'feed': 'places',
    'key': ['place_id'],
    'time': 'year',
    'dims': ['target_group'],
    'undivided': false,
    'measures': ['open_places'],
} %}
{# A municipality without a place has no row of any feed: these grains name no feed but its code. #}
{% set blind_spot = {
    'name': 'blind_spot',
    'key': ['examined_municipality'],
    'time': 'year',
    'measures': ['blind_spots', 'municipalities', 'places_examined'],
} %}
{% set blind_spot_group = {
    'name': 'blind_spot_group',
    'key': ['examined_municipality'],
    'time': 'year',
    'dims': ['target_group'],
    'undivided': false,
    'measures': ['blind_spots', 'municipalities', 'places_examined'],
} %}
{% set grains = [place, place_group, blind_spot, blind_spot_group] %}

with
{{ declared_indicators(grains) }}

open_places as (
    select
        places.organisation,
        places.place_id,
        places.municipality,
        places.kind,
        places.sector,
        list_distinct(places.target_groups) as target_groups,
        years.period as year
    from {{ ref('dim_place_spell') }} as places
    inner join {{ ref('dim_period') }} as years
        on
            years.period_type = 'year'
            and places.opened_on <= years.last_day
            and coalesce(places.closed_on >= years.last_day, true)
            and years.last_day between places.valid_from and places.valid_to
),

place_rows as (
    select
        organisation,
        place_id,
        municipality,
        cast(null as varchar) as team,
        year,
        kind,
        sector,
        1 as open_places
    from open_places
),

{{ roll_up(place) }},

place_group_rows as (
    select
        organisation,
        place_id,
        municipality,
        cast(null as varchar) as team,
        year,
        unnest(target_groups) as target_group,
        1 as open_places
    from open_places
),

{{ roll_up(place_group) }},

-- Blind spots are counted in municipalities, of which nobody submits a row. One organisation tells
-- of those of its welfare area, so that each counts once however many cover the feed.
telling_organisations as (
    select
        welfare_area,
        period as year,
        last_day,
        min(organisation) as organisation
    from coverage
    where
        base_feed = 'places'
        and period_type = 'year'
        and welfare_area is not null
    group by welfare_area, period, last_day
),

municipalities as (
    select
        telling_organisations.organisation,
        telling_organisations.year,
        listed.municipality
    from telling_organisations
    inner join {{ ref('dim_municipality') }} as listed
        on
            telling_organisations.welfare_area = listed.welfare_area
            and coalesce(telling_organisations.last_day <= listed.valid_to, true)
),

covered_years as (
    select
        organisation,
        period as year
    from coverage
    where
        base_feed = 'places'
        and period_type = 'year'
),

-- A place or a visit counts where its organisation covers the feed, wherever that one's area is.
places_of_municipalities as (
    select
        open_places.municipality,
        open_places.year,
        count(*) as places
    from open_places
    inner join covered_years
        on
            open_places.organisation = covered_years.organisation
            and open_places.year = covered_years.year
    group by open_places.municipality, open_places.year
),

visited_municipalities as (
    select distinct
        visits.municipality,
        visits.year
    from {{ ref('fct_outreach_visit') }} as visits
    inner join covered_years
        on
            visits.organisation = covered_years.organisation
            and visits.year = covered_years.year
),

-- They make areas, and no municipality: a municipality is not blind, its area is.
blind_spot_rows as (
    select
        municipalities.organisation,
        municipalities.municipality as examined_municipality,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        municipalities.year,
        case
            when places.places is null and visited.municipality is null then 1 else 0
        end as blind_spots,
        1 as municipalities,
        coalesce(places.places, 0) as places_examined
    from municipalities
    left join places_of_municipalities as places
        on
            municipalities.municipality = places.municipality
            and municipalities.year = places.year
    left join visited_municipalities as visited
        on
            municipalities.municipality = visited.municipality
            and municipalities.year = visited.year
),

{{ roll_up(blind_spot) }},

groups as (
    select code as target_group
    from {{ ref('target_group') }}
    where code <> '{{ var("anyone_target_group") }}'
),

-- A place for the group and for anyone is one place.
places_for_groups as (
    select
        open_places.municipality,
        open_places.year,
        groups.target_group,
        count(*) as places
    from open_places
    inner join covered_years
        on
            open_places.organisation = covered_years.organisation
            and open_places.year = covered_years.year
    inner join groups
        on
            list_contains(open_places.target_groups, groups.target_group)
            or list_contains(open_places.target_groups, '{{ var("anyone_target_group") }}')
    group by open_places.municipality, open_places.year, groups.target_group
),

blind_spot_group_rows as (
    select
        municipalities.organisation,
        municipalities.municipality as examined_municipality,
        cast(null as varchar) as municipality,
        cast(null as varchar) as team,
        municipalities.year,
        groups.target_group,
        case when places.places is null then 1 else 0 end as blind_spots,
        1 as municipalities,
        coalesce(places.places, 0) as places_examined
    from municipalities
    cross join groups
    left join places_for_groups as places
        on
            municipalities.municipality = places.municipality
            and municipalities.year = places.year
            and groups.target_group = places.target_group
),

{{ roll_up(blind_spot_group) }},

{{ indicator_rows(grains, population=true) }}
