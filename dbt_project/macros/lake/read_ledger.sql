{#
  The events of the ledger (submissions and withdrawals), as a relation in brackets.

  A ledger is append-only JSON lines; a line that a crash tore reads as a row of nulls, which the
  caller's filter on `event` drops. An empty or missing folder gives no row.
#}
{% macro read_ledger() -%}
    {%- set columns = {
        'event': 'varchar', 'submission_id': 'varchar', 'organisation': 'varchar',
        'feed': 'varchar', 'period': 'varchar', 'period_start': 'date', 'period_end': 'date',
        'file': 'varchar', 'sha256': 'varchar', 'received_at': 'timestamp',
        'contract_version': 'varchar', 'status': 'varchar', 'rows_read': 'bigint',
        'rows_loaded': 'bigint', 'rows_rejected': 'bigint', 'rows_warned': 'bigint',
        'supersedes': 'varchar', 'derived_period': 'varchar', 'lake_path': 'varchar',
        'key_id': 'varchar', 'known_at': 'timestamp',
        'arrival_no': 'bigint', 'withdrawn_by': 'varchar', 'reason': 'varchar',
    } -%}
    {%- set files = as_pattern(home()) ~ '/ledger/*.jsonl' -%}
    {%- set count_files = "select count(*) from glob(" ~ sql_text(files) ~ ")" -%}
    {%- if execute and run_query(count_files).rows[0][0] > 0 -%}
    (
        select *
        from read_json(
            {{ sql_text(files) }},
            format = 'newline_delimited',
            ignore_errors = true,
            columns = {{ '{' }}
                {%- for name, type in columns.items() %}'{{ name }}': '{{ type }}'
                {{- ', ' if not loop.last }}{% endfor -%}
            {{ '}' }}
        )
    )
    {%- else -%}
    (
        select
            {%- for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    )
    {%- endif -%}
{%- endmacro %}

{#
  The order of submissions: their place in the ledger. Lines of earlier versions have no number;
  they come first, in the order of their moments.
#}
{% macro ledger_order(direction='asc') -%}
arrival_no {{ direction }} nulls {{ 'first' if direction == 'asc' else 'last' }},
            received_at {{ direction }},
            submission_id {{ direction }}
{%- endmacro %}

{# A value as an SQL text literal. #}
{% macro sql_text(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{# A path that a pattern matches: DuckDB reads *, ? and [ in the name of any file as a pattern. #}
{% macro as_pattern(path) -%}
    {{ return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) }}
{%- endmacro %}
