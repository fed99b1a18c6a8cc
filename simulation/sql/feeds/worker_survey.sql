-- Six in ten of those who are there in November answer. The shares of time are drawn around the
-- work as it is, and the last one is what is left of 100.
{% macro shares(columns) %}
    {% for column in columns[:-1] %}
    floor(
        100 * weight_{{ column }}
        / (weight_{{ columns | join(' + weight_') }})
    )::integer as {{ column }},
    {% endfor %}
{% endmacro %}
with asked as (
    select
        years.year,
        years.period,
        employments.*,
        {{ entity('response', 'employments.worker_no * 10000 + years.year') }} as a
    from employments
    inner join years
        on
            employments.started_on <= make_date(years.year, 11, 15)
            and employments.ended_on >= make_date(years.year, 11, 15)
),

weighed as (
    select
        period,
        year,
        worker_no,
        profession,
        is_carrying,
        slots,
        a
        {%- for column in alloc + process %},
        0.2 + draw(a, {{ 300 + loop.index }}) * {{ [3, 4, 8, 4, 1, 2, 2, 3][loop.index0 % 8] }}
            as weight_{{ column }}
        {%- endfor %}

    from asked
    where draw(a, 1) < 0.62
),

shared as (
    select
        *,
        {{ shares(alloc) }}
        {{ shares(process) }}
    from weighed
)

select
    period,
    printf('K%d%09d', year, worker_no::bigint) as response_id,
    year::integer as year,
    profession,
    case
        when is_carrying and draw(a, 2) < 0.95
            then (slots * (0.7 + 0.4 * draw(a, 3)))::integer
    end as own_clients,
    {% for column in questions %}
    {% if column.kind == 'boolean' %}
    case
        when draw(a, {{ 100 + loop.index }}) < 0.96
            then draw(a, {{ 200 + loop.index }}) < {{ 0.35 + 0.05 * (loop.index0 % 10) }}
    end as {{ column.name }},
    {% else %}
    case
        when draw(a, {{ 100 + loop.index }}) < 0.96
            then [1, 2, 2, 3, 3, 3, 4, 4, 4, 5][drawn(a, {{ 200 + loop.index }}, 1, 10)]
    end::integer as {{ column.name }},
    {% endif %}
    {% endfor %}
    {% for columns in (alloc, process) %}
    {% for column in columns[:-1] %}
    {{ column }},
    {% endfor %}
    100 - ({{ columns[:-1] | join(' + ') }}) as {{ columns[-1] }}{{ ',' if not loop.last }}
    {% endfor %}
from shared
