{# Indicators over observations for structural social work. The units in them are the themes:
   observations_people is the number of distinct themes. #}
{% set observation = {
    'name': 'observation',
    'feed': 'observations',
    'key': ['observation_id'],
    'time': 'year',
    'dims': ['theme', 'source', 'level'],
    'people': 'themes',
    'measures': ['observations'],
} %}
{% set grains = [observation] %}

with
{{ declared_indicators(grains) }}

observation_rows as (
    select
        organisation,
        observation_id,
        theme as unit,
        municipality,
        cast(null as varchar) as team,
        year,
        theme,
        source,
        cast(level as varchar) as level,
        1 as observations
    from {{ ref('fct_observation') }}
),

-- A theme is the same theme in every organisation and municipality, so each is carried by name.
themes as (
    select
        organisation,
        theme as unit,
        dense_rank() over (order by theme) as person
    from observation_rows
    group by organisation, theme
),

{{ roll_up(observation) }},

{{ indicator_rows(grains) }}
