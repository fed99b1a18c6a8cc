-- The form that goes with the wave, where it came back with answers; now and then without a
-- measurement.
with answered as (
    select
        measurements.measurement_id,
        measurements.measurement_no_in_organisation as form_no,
        questions.code as question,
        xor(measurements.e, hash(questions.code)) as e,
        least(measurements.measured_on + drawn(measurements.e, 61, 0, 14), {{ last_day }})
            as answered_on,
        draw(measurements.e, 62) < 0.93 as is_joined
    from measurements
    inner join {{ code_list('client_question') }} as questions
        on measurements.measurement_no = questions.form::integer
    where
        measurements.form_returned
        and not measurements.form_blank
)

select
    year(answered_on)::varchar as period,
    printf('F%010d', form_no::bigint) as feedback_id,
    question,
    case when is_joined then measurement_id end as measurement_id,
    answered_on,
    [1, 2, 3, 3, 4, 4, 4, 5, 5, 5][drawn(e, 1, 1, 10)]::integer as score
from answered
where draw(e, 2) < 0.94
