select
    organisation,
    feedback_id,
    question,
    measurement_id,
    answered_on,
    strftime(answered_on, '%Y-%m') as month,
    strftime(answered_on, '%Y') as year,
    score
from {{ ref('stg_client_feedback') }}
