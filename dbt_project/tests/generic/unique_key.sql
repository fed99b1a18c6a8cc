{#
  The columns together identify a row: no combination stands twice and none of them is null.
  Returns each combination that breaks this, with the number of its rows.
#}
{% test unique_key(model, columns) %}
{%- if columns is string or not columns -%}
    {%- do exceptions.raise_compiler_error("unique_key: columns must be a list of column names") -%}
{%- endif %}
{%- set key = columns | map('tojson') | join(', ') %}
select
    {{ key }},
    count(*) as rows_with_the_key
from {{ model }}
group by {{ key }}
having count(*) > 1 or {{ columns | map('tojson') | join(' is null or ') }} is null
{% endtest %}
