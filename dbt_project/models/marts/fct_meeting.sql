select
    organisation,
    meeting_id,
    held_on,
    strftime(held_on, '%Y-%m') as month,
    strftime(held_on, '%Y') as year,
    body,
    municipality
from {{ ref('stg_meetings') }}
