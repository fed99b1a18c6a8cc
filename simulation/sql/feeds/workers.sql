-- Most workers have one spell; some change their hours, some come back from a leave, and some do a
-- second, smaller job beside the first. Every year's file holds the spells of that year.
with employed as (
    select
        *,
        draw(e, 10) as course,
        case
            when ended_on - started_on < 200 then ended_on
            else started_on + ((ended_on - started_on) * (0.3 + 0.4 * draw(e, 11)))::integer
        end as middle
    from employments
    where started_on <= {{ last_day }}
),

spells as (
    select
        worker_id, null::varchar as post, profession, municipality, fte, started_on, ended_on
    from employed
    where course < 0.6
    union all
    select
        worker_id, null::varchar as post, profession, municipality, fte, started_on,
        middle as ended_on
    from employed
    where course between 0.6 and 0.85
    union all
    select
        worker_id,
        null::varchar as post,
        profession,
        municipality,
        case when course < 0.75 then 0.8 else fte end as fte,
        middle + 1 + case when course < 0.75 then 0 else drawn(e, 12, 60, 240) end as started_on,
        ended_on
    from employed
    where course between 0.6 and 0.85
    union all
    select
        worker_id, null::varchar as post, profession, municipality, least(fte, 0.8) as fte,
        started_on, ended_on
    from employed
    where course > 0.85
    union all
    select
        worker_id,
        'P2' as post,
        {{ each(professions, 'seat + 1') }} as profession,
        municipality,
        0.2 as fte,
        middle + 1 as started_on,
        least(middle + 180, ended_on) as ended_on
    from employed
    where course > 0.85
)

select
    years.period,
    spells.worker_id,
    spells.post,
    'T' || spells.municipality as team,
    spells.profession,
    spells.municipality,
    spells.fte,
    spells.started_on,
    known(spells.ended_on) as ended_on
from spells
inner join years
    on
        spells.started_on <= years.last_day
        and spells.ended_on >= years.first_day
where spells.started_on <= spells.ended_on
