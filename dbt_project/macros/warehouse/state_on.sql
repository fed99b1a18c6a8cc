{#
  The join of a fact to the state of its client, or the post that tells of its worker, on a day.
#}
{% macro client_on(fact, day) -%}
left join {{ ref('dim_client_spell') }} as clients
    on
        {{ fact }}.organisation = clients.organisation
        and {{ fact }}.client_id = clients.client_id
        and {{ day }} between clients.valid_from and clients.valid_to
{%- endmacro %}

{% macro worker_on(fact, day) -%}
left join {{ ref('int_worker_stretch') }} as workers
    on
        {{ fact }}.organisation = workers.organisation
        and {{ fact }}.worker_id = workers.worker_id
        and {{ day }} between workers.first_day and workers.last_day
{%- endmacro %}
