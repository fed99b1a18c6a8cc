-- Every column of the feed that is a closed question of the form becomes a row where it was
-- answered; the others (own clients, shares of time) are not in the list and fall away.
with answers as (
    unpivot (
        select
            organisation,
            response_id,
            year,
            profession,
            cast(
                columns(
                    * exclude (
                        organisation,
                        response_id,
                        year,
                        profession,
                        submission_id,
                        received_at,
                        warnings
                    )
                ) as integer
            )
        from {{ ref('stg_worker_survey') }}
    )
    on columns(* exclude (organisation, response_id, year, profession))
    into name question value answer
)

select
    answers.organisation,
    answers.response_id,
    cast(answers.year as varchar) as year,
    answers.profession,
    answers.question,
    questions.answer as answer_type,
    answers.answer
from answers
inner join {{ ref('worker_survey_questions') }} as questions
    on answers.question = questions.column
