{#
  The workers in force on each of the days of a relation, once each: of several spells in force the
  one that began last counts. The relation holds the column of the day and the columns named in also.
#}
{% macro workers_in_force(days, day, also=[]) -%}
select
        spells.organisation,
        spells.worker_id,
        spells.started_on,
        spells.profession,
        spells.carries_clients,
        spells.municipality,
        spells.fte,
        {%- for column in also %}
        {{ days }}.{{ column }},
        {%- endfor %}
        {{ days }}.{{ day }}
    from {{ ref('dim_worker_spell') }} as spells
    inner join {{ days }}
        on
            spells.started_on <= {{ days }}.{{ day }}
            and coalesce(spells.ended_on >= {{ days }}.{{ day }}, true)
    qualify
        row_number() over (
            partition by spells.organisation, spells.worker_id, {{ days }}.{{ day }}
            order by spells.started_on desc
        ) = 1
{%- endmacro %}
