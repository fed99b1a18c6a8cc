{#
  The workers in force on each of the days of a relation, once each: of several posts in force the
  one that began last tells (then the greater fte, then post); carrying_fte is the sum over all posts
  in force whose profession carries clients. The relation holds the column of the day and the columns
  named in also.
#}
{% macro workers_in_force(days, day, also=[]) -%}
select
        spells.organisation,
        spells.worker_id,
        spells.started_on,
        spells.post,
        spells.profession,
        spells.carries_clients,
        spells.municipality,
        spells.team,
        coalesce(
            sum(cast(spells.fte as decimal(18, 6))) filter (where spells.carries_clients) over (
                partition by spells.organisation, spells.worker_id, {{ days }}.{{ day }}
            ),
            0
        ) as carrying_fte,
        {%- for column in also %}
        {{ days }}.{{ column }},
        {%- endfor %}
        {{ days }}.{{ day }}
    from {{ posts_in_force(days, day) }}
    qualify
        row_number() over (
            partition by spells.organisation, spells.worker_id, {{ days }}.{{ day }}
            order by spells.started_on desc, spells.fte desc, spells.post nulls first
        ) = 1
{%- endmacro %}


{# The posts of workers (spells) that are in force on the days, in their state of the day. #}
{% macro posts_in_force(days, day) -%}
{{ ref('dim_worker_spell') }} as spells
    inner join {{ days }}
        on
            spells.started_on <= {{ days }}.{{ day }}
            and coalesce(spells.ended_on >= {{ days }}.{{ day }}, true)
            and {{ days }}.{{ day }} between spells.valid_from and spells.valid_to
{%- endmacro %}
