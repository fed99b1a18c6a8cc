select
    scores.organisation,
    scores.measurement_id,
    scores.domain,
    scores.score,
    measurements.client_id,
    measurements.instrument,
    measurements.wave,
    measurements.measured_on,
    measurements.municipality,
    measurements.team,
    measurements.measurement_id is not null as is_measurement_known
from {{ ref('stg_measurement_scores') }} as scores
left join {{ ref('fct_measurement') }} as measurements
    on
        scores.organisation = measurements.organisation
        and scores.measurement_id = measurements.measurement_id
