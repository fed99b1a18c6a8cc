select
    measurements.organisation,
    measurements.measurement_id,
    measurements.client_id,
    measurements.instrument,
    measurements.wave,
    waves.measurement_no,
    measurements.measured_on,
    strftime(measurements.measured_on, '%Y-%m') as month,
    strftime(measurements.measured_on, '%Y') as year,
    measurements.form_returned as is_form_returned,
    measurements.form_blank as is_form_blank,
    clients.person_id,
    clients.municipality,
    clients.team,
    clients.special_support,
    clients.client_id is not null as is_client_known
from {{ ref('stg_measurements') }} as measurements
left join {{ ref('wave') }} as waves on measurements.wave = waves.code
{{ client_on('measurements', 'measurements.measured_on') }}
