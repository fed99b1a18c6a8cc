select
    year(measured_on)::varchar as period,
    measurement_id,
    client_id,
    instrument,
    wave,
    measured_on,
    form_returned,
    form_blank
from measurements
