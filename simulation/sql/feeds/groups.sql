with attended as (
    select
        *,
        drawn(e, 10, 0, participants) as women
    from client_groups
)

select
    years.period,
    group_id,
    municipality,
    method,
    started_on,
    {{ as_known('ended_on') }} as ended_on,
    sessions,
    participants,
    case when draw(e, 11) < 0.85 then women end as women,
    case when draw(e, 11) < 0.85 then greatest(0, participants - women - drawn(e, 12, 0, 1)) end
        as men
from attended
inner join {{ years }} as years
    on
        attended.started_on <= years.last_day
        and attended.ended_on >= years.first_day
