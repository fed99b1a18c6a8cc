{#
  Every combination of the columns is in another model. Returns the orphans, with the number of
  rows that name each. A row where one of the columns is null refers to nothing and is passed over.
#}
{% test known_reference(model, columns, to, field_names) %}
{%- if columns is string or field_names is string or columns | length != field_names | length -%}
    {%- do exceptions.raise_compiler_error(
        "known_reference: columns and field_names must be lists of one length"
    ) -%}
{%- endif %}
{%- set given = columns | map('tojson') | join(', ') %}
{%- set known = field_names | map('tojson') | join(', ') %}
select
    {{ given }},
    count(*) as orphan_rows
from {{ model }}
where
    {{ columns | map('tojson') | join(' is not null and ') }} is not null
    and ({{ given }}) not in (select ({{ known }}) from {{ to }})
group by {{ given }}
{% endtest %}
