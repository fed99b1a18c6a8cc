-- One row per measurement: a start measurement of some clients, and fewer and fewer after it.
with measured as (
    select
        client_no,
        client_id,
        {{ entity('measured', 'client_no') }} as e,
        started_on,
        least(ended_on, {{ last_day }}) as ended_on
    from relationships
    where draw(e, 40) < case intensity when 'intensive' then 0.75 else 0.25 end
),

waves as (
    select
        waves.code as wave,
        waves.measurement_no::integer as measurement_no,
        row_number() over (order by waves.measurement_no, waves.code desc) - 1 as nth
    from {{ code_list('wave') }} as waves
),

planned as (
    select
        measured.client_no,
        measured.client_id,
        waves.wave,
        waves.measurement_no,
        waves.nth,
        {{ pick('instrument', 1) }} as instrument,
        {{ entity('measurement', 'client_no * 10 + waves.nth') }} as e,
        measured.ended_on,
        -- The start soon, the ones between half a year later, the last where the work ends.
        case
            when waves.wave = 'end' then measured.ended_on - drawn(e, 4, 0, 14)
            else measured.started_on + (waves.nth * 180)::integer + drawn(e, 5, 7, 60)
        end as measured_on
    from measured
    cross join waves
    where
        waves.nth = 0
        or draw(e, 10 + waves.nth::integer) < 0.5
)

select
    client_no,
    wave,
    measurement_no,
    nth,
    client_no * 10 + nth as measurement_no_in_organisation,
    printf('M%010d', (client_no * 10 + nth)::bigint) as measurement_id,
    client_id,
    instrument,
    e,
    measured_on,
    draw(e, 1) < 0.85 as form_returned,
    draw(e, 1) < 0.85 and draw(e, 2) < 0.06 as form_blank
from planned
where
    measured_on between {{ first_day }} and {{ last_day }}
    and measured_on <= ended_on
order by measurement_no_in_organisation
