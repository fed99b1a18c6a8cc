-- Most participants answer at the start, fewer at the end, and then a little better.
with participants as (
    select
        *,
        unnest(range(participants)) as participant
    from client_groups
),

forms as (
    select
        participants.group_id,
        phases.code as phase,
        participants.group_no * 1000 + participants.participant * 10 + phases.nth as form_no,
        {{ entity('participant', 'group_no * 100 + participant') }} as person,
        {{ entity('form', 'group_no * 1000 + participant * 10 + phases.nth') }} as e,
        phases.nth,
        case when phases.nth = 0 then participants.started_on else participants.ended_on end
            as answered_on
    from participants
    cross join (
        select
            code,
            row_number() over (order by code = 'end', code) - 1 as nth
        from {{ code_list('phase') }}
    ) as phases
)

select
    year(answered_on)::varchar as period,
    printf('L%012d', form_no::bigint) as response_id,
    group_id,
    phase,
    answered_on
    {%- for statement in listed('statement') %},
    case
        when draw(e, {{ 100 + loop.index }}) < 0.95
            then {% if statement.reverse == '1' %}6 - {% endif %}least(
                5,
                greatest(
                    1,
                    round(
                        1.6 + 2.4 * draw(person, 1) + 1.6 * draw(e, {{ 200 + loop.index }}) - 0.6
                        + 0.4 * nth
                    )
                )
            )::integer
    end as {{ statement.code }}
    {%- endfor %}

from forms
where
    answered_on <= {{ last_day }}
    and draw(e, 1) < case when nth = 0 then 0.9 else 0.7 end
