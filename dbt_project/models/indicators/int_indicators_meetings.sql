{# Indicators over meetings with decision-making bodies. #}
{% set meeting = {
    'name': 'meeting',
    'feed': 'meetings',
    'key': ['meeting_id'],
    'time': 'year',
    'measures': ['decision_maker_meetings'],
} %}
{# The units are the municipalities: hyte_meetings_people is the number of distinct ones. #}
{% set hyte_meeting = {
    'name': 'hyte_meeting',
    'feed': 'meetings',
    'key': ['meeting_id'],
    'time': 'year',
    'people': 'hyte_municipalities',
    'measures': ['hyte_meetings'],
} %}
{% set grains = [meeting, hyte_meeting] %}

with
{{ declared_indicators(grains) }}

meeting_rows as (
    select
        organisation,
        meeting_id,
        municipality,
        cast(null as varchar) as team,
        year,
        case
            when {{ is_listed('body', "'" ~ var('decision_maker_bodies') ~ "'") }} then 1 else 0
        end as decision_maker_meetings
    from {{ ref('fct_meeting') }}
),

{{ roll_up(meeting) }},

-- A meeting without a municipality is a meeting with the group of none.
hyte_meeting_rows as (
    select
        organisation,
        meeting_id,
        municipality as unit,
        municipality,
        cast(null as varchar) as team,
        year,
        1 as hyte_meetings
    from {{ ref('fct_meeting') }}
    where
        body = '{{ var("hyte_body") }}'
        and municipality is not null
),

-- Two organisations in the group of one municipality meet one municipality.
hyte_municipalities as (
    select
        organisation,
        unit,
        dense_rank() over (order by unit) as person
    from hyte_meeting_rows
    group by organisation, unit
),

{{ roll_up(hyte_meeting) }},

{{ indicator_rows(grains) }}
