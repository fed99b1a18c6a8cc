-- Every year's file holds the relationships of that year. Where states change, a file tells those of
-- its own year: a relationship goes on in another municipality or team, or with other needs.
with photographed as (
    select
        relationships.* exclude (municipality, intensity, special_support),
        years.period,
        years.last_day,
        {% if changes %}
        coalesce({{ changed('client municipality', 'client_no', 0.15) }}, e) as moved,
        {{ changed('client team', 'client_no', 0.15) }} as handed_over,
        coalesce({{ changed('client intensity', 'client_no', 0.3) }}, e) as eased,
        coalesce({{ changed('client support', 'client_no', 0.15) }}, e) as supported,
        coalesce({{ changed('client work', 'client_no', 0.2) }}, e) as employed,
        coalesce({{ changed('client household', 'client_no', 0.15) }}, e) as housed
        {% else %}
        e as moved,
        null::ubigint as handed_over,
        e as eased,
        e as supported,
        e as employed,
        e as housed
        {% endif %}
    from relationships
    inner join {{ years }} as years
        on
            relationships.started_on <= years.last_day
            and relationships.ended_on >= years.first_day
)

select
    years.period,
    client_id,
    'T' || case
        when handed_over is not null then {{ municipality(29, 'handed_over') }}
        else {{ municipality(7, 'moved') }}
    end as team,
    person_code(person_no) as person_id,
    {{ municipality(7, 'moved') }} as municipality,
    started_on,
    {{ as_known('ended_on') }} as ended_on,
    {{ pick('intensity', 2, 'eased') }} as intensity,
    draw(supported, 8) < 0.22 as special_support,
    {{ pick('initiator', 20) }} as initiated_by,
    case when draw(e, 21) < 0.88 then {{ pick('reason', 22) }} end as primary_reason,
    case when draw(employed, 23) < 0.92 then {{ pick('labour_market_status', 24, 'employed') }} end
        as labour_market_status,
    case when draw(housed, 25) < 0.9 then {{ pick('household', 26, 'housed') }} end as household,
    case
        when {{ as_known('ended_on') }} is not null and draw(e, 27) < 0.9
            then {{ pick('end_reason', 28) }}
    end as end_reason
from photographed as years
