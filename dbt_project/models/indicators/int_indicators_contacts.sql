{# Indicators over client contacts, of whatever theme: the largest fact is read once. #}
{% set contact = {
    'name': 'contact',
    'feed': 'contacts',
    'key': ['contact_id'],
    'time': 'month',
    'dims': ['channel'],
    'people': 'client_people',
    'unit_count': 'contacted_relationships',
    'measures': [
        'contacts',
        'contact_minutes',
        'contacts_outside_office',
        'contacts_in_office',
    ],
} %}
{% set grains = [contact] %}

with
{{ declared_indicators(grains) }}

client_people as (
    select
        organisation,
        client_id as unit,
        dense_rank() over (order by person_id) as person
    from {{ ref('dim_client') }}
    qualify count(*) over (partition by person_id) > 1
),

contact_rows as (
    select
        organisation,
        contact_id,
        client_id as unit,
        municipality,
        month,
        channel,
        1 as contacts,
        minutes as contact_minutes,
        case when is_outside_office then 1 else 0 end as contacts_outside_office,
        case when is_outside_office then 0 else 1 end as contacts_in_office
    from {{ ref('fct_contact') }}
),

{{ roll_up(contact) }},

{{ indicator_rows(grains) }}
