select
    years.period,
    place_id,
    municipality,
    {{ pick('place_kind', 10) }} as kind,
    {{ pick('sector', 11) }} as sector,
    {{ several('target_group', 12) }} as target_groups,
    opened_on,
    known(closed_on) as closed_on
from places
inner join years
    on
        places.opened_on <= years.last_day
        and coalesce(places.closed_on, years.last_day) >= years.first_day
