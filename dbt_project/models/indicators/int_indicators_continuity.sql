{#
  Indicators of how a client relationship goes on: its first contact, contacts in the last 90 days,
  and how many workers it has had.
#}
{% set contact_days = 90 %}{# indicators.md: without a contact in 90 days #}
{% set forever = "cast('9999-12-31' as date)" %}
{% set first_contact = {
    'name': 'first_contact',
    'feed': 'contacts',
    'key': ['client_id', 'occurred_on'],
    'time': 'month',
    'people': 'client_people',
    'repeats': false,
    'measures': ['first_contacts'],
    'quantile_of': 'days_to_first_contact',
} %}
{% set longer_relationship = {
    'name': 'longer_relationship',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'last_day',
    'dims': ['intensity'],
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'longer_relationships',
        'longer_relationships_without_contact',
        'longer_relationships_with_contact',
        'contacts_in_90_days',
    ],
} %}
{% set relationship_with_workers = {
    'name': 'relationship_with_workers',
    'feed': 'clients',
    'key': ['client_id'],
    'time': 'last_day',
    'people': 'client_people',
    'repeats': false,
    'measures': [
        'relationships_with_workers',
        'workers_of_relationships',
        'assignments_of_relationships',
    ],
} %}
{% set grains = [first_contact, longer_relationship, relationship_with_workers] %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

contact_stretches as (
    select
        organisation,
        first_day,
        last_day
    from {{ ref('int_covered_stretch') }}
    where feed = 'contacts'
),

first_contacts as (
    {{ first_contacts() }}
),

-- Where a day between is not covered, there may have been an earlier contact on it.
first_contact_rows as (
    select
        first_contacts.organisation,
        first_contacts.client_id,
        first_contacts.occurred_on,
        first_contacts.client_id as unit,
        clients.municipality,
        clients.team,
        strftime(first_contacts.occurred_on, '%Y-%m') as month,
        first_contacts.occurred_on - first_contacts.started_on as days_to_first_contact,
        1 as first_contacts
    from first_contacts
    inner join contact_stretches
        on
            first_contacts.organisation = contact_stretches.organisation
            and first_contacts.started_on >= contact_stretches.first_day
            and first_contacts.occurred_on <= contact_stretches.last_day
    {{ client_on('first_contacts', 'first_contacts.occurred_on') }}
),

{{ roll_up(first_contact) }},

days as (
    select distinct last_day
    from {{ ref('dim_period') }}
    where period_type <> 'rolling_year'
),

open_relationships as (
    select
        relationships.organisation,
        relationships.client_id,
        relationships.started_on,
        clients.municipality,
        clients.team,
        clients.intensity,
        days.last_day
    from {{ ref('dim_client') }} as relationships
    inner join days
        on
            relationships.started_on <= days.last_day
            and coalesce(relationships.ended_on, {{ forever }}) >= days.last_day
    {{ client_on('relationships', 'days.last_day') }}
),

contacts_of_days as (
    select
        contacts.organisation,
        contacts.client_id,
        days.last_day,
        count(*) as contacts
    from {{ ref('fct_contact') }} as contacts
    inner join days
        on
            contacts.occurred_on between days.last_day - {{ contact_days - 1 }}
            and days.last_day
    group by contacts.organisation, contacts.client_id, days.last_day
),

longer_relationship_rows as (
    select
        opened.organisation,
        opened.client_id,
        opened.client_id as unit,
        opened.municipality,
        opened.team,
        opened.last_day,
        opened.intensity,
        1 as longer_relationships,
        case when recent.contacts is null then 1 else 0 end as longer_relationships_without_contact,
        case when recent.contacts is null then 0 else 1 end as longer_relationships_with_contact,
        coalesce(recent.contacts, 0) as contacts_in_90_days
    from open_relationships as opened
    inner join contact_stretches
        on
            opened.organisation = contact_stretches.organisation
            and opened.last_day - {{ contact_days - 1 }} >= contact_stretches.first_day
            and opened.last_day <= contact_stretches.last_day
    left join contacts_of_days as recent
        on
            opened.organisation = recent.organisation
            and opened.client_id = recent.client_id
            and opened.last_day = recent.last_day
    where opened.last_day - opened.started_on > {{ contact_days }}
),

{{ roll_up(longer_relationship) }},

-- The twelve months up to the last day begin on the day after the same day a year before.
relationship_with_workers_rows as (
    select
        opened.organisation,
        opened.client_id,
        opened.client_id as unit,
        opened.municipality,
        opened.team,
        opened.last_day,
        1 as relationships_with_workers,
        count(distinct assignments.worker_id) as workers_of_relationships,
        count(*) as assignments_of_relationships
    from open_relationships as opened
    inner join {{ ref('fct_assignment') }} as assignments
        on
            opened.organisation = assignments.organisation
            and opened.client_id = assignments.client_id
            and opened.last_day >= assignments.started_on
            and cast(opened.last_day + 1 - interval 12 month as date)
            <= coalesce(assignments.ended_on, {{ forever }})
    group by
        opened.organisation,
        opened.client_id,
        opened.municipality,
        opened.team,
        opened.last_day
),

{{ roll_up(relationship_with_workers) }},

{{ indicator_rows(grains) }}
