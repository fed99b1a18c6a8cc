select
    organisation,
    observation_id,
    observed_on,
    strftime(observed_on, '%Y-%m') as month,
    strftime(observed_on, '%Y') as year,
    municipality,
    level,
    source,
    question,
    theme
from {{ ref('stg_observations') }}
