{#
  One row per client relationship: the day of its first contact, the earliest on or after its start;
  null where there has been none.
#}
{% macro first_contacts() -%}
select
        relationships.organisation,
        relationships.client_id,
        relationships.started_on,
        relationships.ended_on,
        min(contacts.occurred_on) as occurred_on
    from {{ ref('dim_client') }} as relationships
    left join {{ ref('fct_contact') }} as contacts
        on
            relationships.organisation = contacts.organisation
            and relationships.client_id = contacts.client_id
            and relationships.started_on <= contacts.occurred_on
    group by
        relationships.organisation,
        relationships.client_id,
        relationships.started_on,
        relationships.ended_on
{%- endmacro %}
