select
    contacts.organisation,
    contacts.contact_id,
    contacts.client_id,
    contacts.worker_id,
    contacts.occurred_on,
    strftime(contacts.occurred_on, '%Y-%m') as month,
    strftime(contacts.occurred_on, '%Y') as year,
    contacts.channel,
    channels.outside_office as is_outside_office,
    contacts.method,
    contacts.minutes,
    clients.person_id,
    clients.municipality,
    clients.team,
    workers.profession as worker_profession,
    clients.client_id is not null as is_client_known,
    workers.worker_id is not null as is_worker_known
from {{ ref('stg_contacts') }} as contacts
left join {{ ref('channel') }} as channels on contacts.channel = channels.code
{{ client_on('contacts', 'contacts.occurred_on') }}
{{ worker_on('contacts', 'contacts.occurred_on') }}
