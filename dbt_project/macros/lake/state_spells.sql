{#
  The state of a thing on every day, from the photographs that have it (feeds.md, State and time).

    photographs   a relation: organisation, the columns of key, period, period_start, period_end,
                  arrival_no and the columns of state; one row per key and submission
    key           what identifies the thing within its organisation
    state         the columns that hold as of the stated period

  On a day, the state is that of the photograph whose stated period contains the day (of several the
  earliest end); else of the last that ended before the day; else of the first after it, by first
  day, then end. Of several with the same end the one received last. The first spell is open
  backwards, the last forwards; neighbours with the same state are one spell.

  Stated periods are years, months and days, so a day lies in at most one of each: the photographs
  that contain a day are found by three equalities, the last one before it by one ordered join.
#}
{% macro state_spells(photographs, key, state) -%}
{%- set identity = ['organisation'] + key -%}
with photographs as (
    select
        {%- for column in identity %}
        {{ column }},
        {%- endfor %}
        period,
        period_start,
        period_end,
        arrival_no,
        -- Nothing is not distinct from nothing, but it equals nothing: keys are compared as text.
        concat_ws('|', {% for column in identity %}coalesce(cast({{ column }} as varchar), '')
        {{- ', ' if not loop.last }}{% endfor %}) as thing,
        struct_pack(
            {%- for column in state %}
            {{ column }} := {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as state
    from {{ photographs }}
),

things as (
    select
        thing,
        {%- for column in identity %}
        any_value({{ column }}) as {{ column }},
        {%- endfor %}
        -- The state of the days before any photograph.
        arg_min(
            state,
            struct_pack(a := period_start, b := period_end, c := -arrival_no)
        ) as first_state
    from photographs
    group by thing
),

-- Between two cuts no photograph begins or ends.
cuts as (
    select
        thing,
        date '0001-01-01' as valid_from
    from things
    union
    select
        thing,
        period_start as valid_from
    from photographs
    union
    select
        thing,
        period_end + 1 as valid_from
    from photographs
),

containing as (
    {%- for form in ['%Y', '%Y-%m', '%Y-%m-%d'] %}
    {{ 'union all' if not loop.first }}
    select
        cuts.thing,
        cuts.valid_from,
        photographs.period_end,
        photographs.arrival_no,
        photographs.state
    from cuts
    inner join photographs
        on
            cuts.thing = photographs.thing
            and strftime(cuts.valid_from, '{{ form }}') = photographs.period
    {%- endfor %}
),

narrowest as (
    select
        thing,
        valid_from,
        arg_min(state, struct_pack(a := period_end, b := -arrival_no)) as state
    from containing
    group by thing, valid_from
),

ended as (
    select
        thing,
        period_end,
        arg_max(state, arrival_no) as state
    from photographs
    group by thing, period_end
),

stretches as (
    select
        cuts.thing,
        cuts.valid_from,
        case
            when narrowest.state is not null then narrowest.state
            when ended.state is not null then ended.state
            else things.first_state
        end as state
    from cuts
    inner join things on cuts.thing = things.thing
    left join narrowest
        on
            cuts.thing = narrowest.thing
            and cuts.valid_from = narrowest.valid_from
    asof left join ended
        on
            cuts.thing = ended.thing
            and cuts.valid_from > ended.period_end
),

changes as (
    select *
    from stretches
    qualify
        state is distinct from lag(state) over (partition by thing order by valid_from)
        or row_number() over (partition by thing order by valid_from) = 1
)

select
    {%- for column in identity %}
    things.{{ column }},
    {%- endfor %}
    changes.valid_from,
    coalesce(
        lead(changes.valid_from) over (partition by changes.thing order by changes.valid_from) - 1,
        date '9999-12-31'
    ) as valid_to,
    {%- for column in state %}
    changes.state.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from changes
inner join things on changes.thing = things.thing
{%- endmacro %}
