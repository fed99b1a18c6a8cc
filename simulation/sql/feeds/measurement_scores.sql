-- Each client has a level in each domain, from which most rise.
with domains as (
    select
        instruments.code as instrument,
        domains.code as domain
    from {{ code_list('instrument') }} as instruments
    inner join {{ code_list('domain') }} as domains
        on
            domains.instrument = instruments.code
            or (
                domains.instrument is null
                and instruments.code not in (
                    select instrument
                    from {{ code_list('domain') }}
                    where instrument is not null
                )
            )
),

scored as (
    select
        year(measurements.measured_on)::varchar as period,
        measurements.measurement_id,
        domains.domain,
        measurements.nth,
        {{
            entity(
                'level',
                'measurements.client_no::ubigint * 100000 + hash(domains.domain) % 99991'
            )
        }} as client_domain,
        xor(measurements.e, hash(domains.domain)) as e
    from measurements
    inner join domains on measurements.instrument = domains.instrument
    where draw(measurements.e, 60) < 0.95
)

select
    period,
    measurement_id,
    domain,
    round(
        least(
            100.0,
            greatest(
                0.0,
                20 + 55 * draw(client_domain, 1)
                + case when nth = 0 then 0 else 30 * draw(e, 2) - 9 + 2 * nth end
            )
        ),
        1
    ) as score
from scored
