{#
  The columns together identify a row: no combination stands twice and none of them is null, but for
  those named in optional, of which an empty one equals an empty one.
  Returns each combination that breaks this, with the number of its rows.
#}
{% test unique_key(model, columns, optional=[]) %}
{%- if columns is string or not columns -%}
    {%- do exceptions.raise_compiler_error("unique_key: columns must be a list of column names") -%}
{%- endif %}
{%- set key = columns | map('tojson') | join(', ') %}
{%- set required = columns | reject('in', optional) | map('tojson') %}
select
    {{ key }},
    count(*) as rows_with_the_key
from {{ model }}
group by {{ key }}
having count(*) > 1 or {{ required | join(' is null or ') }} is null
{% endtest %}
