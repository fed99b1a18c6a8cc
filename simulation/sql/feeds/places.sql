-- Every year's file holds the places that were open in that year.
with photographed as (
    select
        places.*,
        years.period,
        years.last_day,
        {% if changes %}
        {{ changed('place municipality', 'number', 0.05) }} as moved,
        coalesce({{ changed('place kind', 'number', 0.1) }}, e) as remade,
        coalesce({{ changed('place sector', 'number', 0.1) }}, e) as handed_over,
        coalesce({{ changed('place groups', 'number', 0.2) }}, e) as opened_to
        {% else %}
        null::ubigint as moved,
        e as remade,
        e as handed_over,
        e as opened_to
        {% endif %}
    from places
    inner join {{ years }} as years
        on
            places.opened_on <= years.last_day
            and coalesce(places.closed_on, years.last_day) >= years.first_day
)

select
    period,
    place_id,
    case when moved is not null then {{ municipality(2, 'moved') }} else municipality end as municipality,
    {{ pick('place_kind', 10, 'remade') }} as kind,
    {{ pick('sector', 11, 'handed_over') }} as sector,
    {{ several('target_group', 12, 'opened_to') }} as target_groups,
    opened_on,
    {{ as_known('closed_on') }} as closed_on
from photographed as years
