{#
  A reference without the name of the database.

  The file a view is made in is renamed when it is published, and a reader may attach it under any
  name. A view that names its database would be broken there; without it DuckDB looks beside the view.
#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- do return(relation.include(database=false)) -%}
{%- endmacro %}
