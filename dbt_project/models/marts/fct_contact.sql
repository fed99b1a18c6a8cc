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
    workers.profession as worker_profession,
    clients.client_id is not null as is_client_known,
    workers.worker_id is not null as is_worker_known
from {{ ref('stg_contacts') }} as contacts
left join {{ ref('channel') }} as channels on contacts.channel = channels.code
left join {{ ref('dim_client') }} as clients
    on
        contacts.organisation = clients.organisation
        and contacts.client_id = clients.client_id
left join {{ ref('int_worker_stretch') }} as workers
    on
        contacts.organisation = workers.organisation
        and contacts.worker_id = workers.worker_id
        and contacts.occurred_on between workers.first_day and workers.last_day
