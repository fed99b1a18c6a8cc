-- Most workers have one spell; some change their hours, some come back from a leave, and some do a
-- second, smaller job beside the first. Every year's file holds the spells of that year. Where states
-- change, some hold two half posts from the same day, and a post goes on with another profession,
-- municipality, team or share of full time; the posts of one worker are never more than full time.
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
        worker_no, worker_id, null::varchar as post, profession, municipality, fte, 1.0 as most_fte,
        started_on, ended_on
    from employed
    where course < {{ 0.35 if changes else 0.6 }}
    {% if changes %}
    union all
    select
        worker_no,
        worker_id,
        unnest(['P1', 'P2']) as post,
        unnest([profession, {{ each(professions, 'seat + 1') }}]) as profession,
        municipality,
        0.5 as fte,
        0.5 as most_fte,
        started_on,
        ended_on
    from employed
    where course >= 0.35 and course < 0.6
    {% endif %}
    union all
    select
        worker_no, worker_id, null::varchar as post, profession, municipality, fte, 1.0 as most_fte,
        started_on, middle as ended_on
    from employed
    where course between 0.6 and 0.85
    union all
    select
        worker_no,
        worker_id,
        null::varchar as post,
        profession,
        municipality,
        case when course < 0.75 then 0.8 else fte end as fte,
        1.0 as most_fte,
        middle + 1 + case when course < 0.75 then 0 else drawn(e, 12, 60, 240) end as started_on,
        ended_on
    from employed
    where course between 0.6 and 0.85
    union all
    select
        worker_no, worker_id, null::varchar as post, profession, municipality,
        least(fte, 0.8) as fte, 0.8 as most_fte, started_on, ended_on
    from employed
    where course > 0.85
    union all
    select
        worker_no,
        worker_id,
        'P2' as post,
        {{ each(professions, 'seat + 1') }} as profession,
        municipality,
        0.2 as fte,
        0.2 as most_fte,
        middle + 1 as started_on,
        least(middle + 180, ended_on) as ended_on
    from employed
    where course > 0.85
),

photographed as (
    select
        spells.*,
        years.period,
        years.last_day,
        {% if changes %}
        {% set post = "(worker_no * 10 + case post when 'P1' then 1 when 'P2' then 2 else 0 end)" %}
        {{ changed('worker municipality', post, 0.15) }} as moved,
        {{ changed('worker team', post, 0.15) }} as handed_over,
        {{ changed('worker profession', post, 0.15) }} as retrained,
        {{ changed('worker fte', post, 0.2) }} as rescheduled
        {% else %}
        null::ubigint as moved,
        null::ubigint as handed_over,
        null::ubigint as retrained,
        null::ubigint as rescheduled
        {% endif %}
    from spells
    inner join {{ years }} as years
        on
            spells.started_on <= years.last_day
            and spells.ended_on >= years.first_day
    where spells.started_on <= spells.ended_on
)

select
    period,
    worker_id,
    post,
    'T' || case
        when handed_over is not null then {{ municipality(21, 'handed_over') }}
        when moved is not null then {{ municipality(20, 'moved') }}
        else municipality
    end as team,
    case
        when retrained is not null then {{ pick('profession', 22, 'retrained') }}
        else profession
    end as profession,
    case when moved is not null then {{ municipality(20, 'moved') }} else municipality end as municipality,
    case
        when rescheduled is not null
            then (most_fte * [1.0, 0.9, 0.8, 0.6, 0.5][drawn(rescheduled, 23, 1, 5)])::double
        else fte
    end as fte,
    started_on,
    {{ as_known('ended_on') }} as ended_on
from photographed as years
