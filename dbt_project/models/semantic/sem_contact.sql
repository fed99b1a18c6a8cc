select
    contacts.organisation,
    contacts.contact_id,
    contacts.organisation || '/' || contacts.client_id as relationship,
    contacts.occurred_on,
    contacts.municipality,
    contacts.channel,
    contacts.is_outside_office,
    contacts.method,
    contacts.minutes
from {{ ref('fct_contact') }} as contacts
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'contacts'
        and coverage.period_type = 'year'
        and contacts.organisation = coverage.organisation
        and contacts.year = coverage.period
