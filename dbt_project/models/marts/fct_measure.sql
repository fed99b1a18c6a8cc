select
    organisation,
    measure_id,
    municipality,
    theme,
    proposed_on,
    strftime(proposed_on, '%Y-%m') as month,
    strftime(proposed_on, '%Y') as year,
    reported_on,
    reported_to,
    decided_on,
    decision,
    implemented_on,
    evaluated_on,
    effect
from {{ ref('stg_measures') }}
