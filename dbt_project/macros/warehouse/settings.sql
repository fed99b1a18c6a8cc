{#
  The settings of a build: a --vars value where one is given, else the environment variable that the
  build command sets. Environment variables change without a new parse of the whole project.
#}

{# The absolute path of the folder that holds lake/ and ledger/. #}
{% macro home() -%}
    {%- set home = var('home', none) or env_var('VUOSIKELLO_HOME', '') -%}
    {%- if execute and not home.startswith('/') -%}
        {%- do exceptions.raise_compiler_error(
            "home must be an absolute path, since the views of the published warehouse are read "
            ~ "from any folder. Set VUOSIKELLO_HOME or --vars 'home: …'. It is: '" ~ home ~ "'"
        ) -%}
    {%- endif -%}
    {{ return(home.rstrip('/')) }}
{%- endmacro %}

{# The moment (UTC) whose knowledge the warehouse shows, as SQL; null: everything received. #}
{% macro as_of() -%}
    {%- set as_of = var('as_of', none) or env_var('VUOSIKELLO_AS_OF', '') -%}
    cast({{ "'" ~ as_of ~ "'" if as_of else 'null' }} as timestamp)
{%- endmacro %}

{# The day the warehouse is built on, as SQL: given, or today in Finland. #}
{% macro built_on() -%}
    {%- set day = var('built_on', none) or env_var('VUOSIKELLO_BUILT_ON', '')
        or run_started_at.astimezone(modules.pytz.timezone('Europe/Helsinki')).date() -%}
    cast('{{ day }}' as date)
{%- endmacro %}
