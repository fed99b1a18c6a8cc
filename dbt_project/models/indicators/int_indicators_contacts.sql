{# Indicators over client contacts, of whatever theme: the largest fact is read here only. #}
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
        'contacts_with_method',
    ],
} %}
{#
  A grain of its own, by year only. As a dimension of the grain above the method would divide every
  month and channel of a relationship once more: over 3 million contacts that took half as much
  processor time again, a second look at the fact a tenth.
#}
{% set contact_method = {
    'name': 'contact_method',
    'feed': 'contacts',
    'key': ['contact_id'],
    'time': 'year',
    'dims': ['method'],
    'undivided': false,
    'people': 'client_people',
    'measures': ['contacts_by_method'],
} %}
{% set grains = [contact, contact_method] %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

contact_rows as (
    select
        organisation,
        contact_id,
        client_id as unit,
        municipality,
        team,
        month,
        channel,
        1 as contacts,
        minutes as contact_minutes,
        case when is_outside_office then 1 else 0 end as contacts_outside_office,
        case when is_outside_office then 0 else 1 end as contacts_in_office,
        case when method is not null then 1 else 0 end as contacts_with_method
    from {{ ref('fct_contact') }}
),

{{ roll_up(contact) }},

contact_method_rows as (
    select
        organisation,
        contact_id,
        client_id as unit,
        municipality,
        team,
        year,
        method,
        1 as contacts_by_method
    from {{ ref('fct_contact') }}
    where method is not null
),

{{ roll_up(contact_method) }},

{{ indicator_rows(grains) }}
