{#
  The rows of a feed's current submissions, as a relation in brackets, with the columns of the
  model's own contract.

  The files are looked up when the model is built and stand in the view by their absolute paths, so
  that the view needs no other relation and always shows the submissions that the build saw. Files
  are read in groups of one contract version; only one file of a group is opened to learn its
  columns. A column that a version did not have yet is null.
#}
{% macro lake_rows(feed, columns) -%}
    {%- set versions = {} -%}
    {%- set folder = home() -%}
    {%- for file in current_files(feed) -%}
        {%- set path = as_pattern(folder ~ '/' ~ file.lake_path) -%}
        {%- do versions.setdefault(file.contract_version, []).append(path) -%}
    {%- endfor -%}
    {%- if not versions -%}
    (
        select
            {%- for column in columns %}
            cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    )
    {%- else -%}
    (
        {%- for paths in versions.values() %}
        {%- set present = columns_of_parquet(paths[-1]) %}
        {%- if not loop.first %}
        union all
        {%- endif %}
        select
            {%- for column in columns %}
            {{ ('cast(' ~ column.name if column.name in present else 'cast(null')
                ~ ' as ' ~ column.data_type ~ ') as ' ~ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from read_parquet([
            {%- for path in paths %}
            {{ sql_text(path) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ])
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{# lake_path and contract_version of the feed's current submissions, in the order received. #}
{% macro current_files(feed) -%}
    {%- set submissions = ref('stg_current_submissions') -%}
    {%- set files = [] -%}
    {%- if execute and load_relation(builtins.ref('stg_current_submissions')) -%}
        {%- set rows = run_query(
            "select lake_path, contract_version from " ~ submissions
            ~ " where feed = " ~ sql_text(feed) ~ " and lake_path is not null order by arrival_no"
        ).rows -%}
        {%- for row in rows -%}
            {%- do files.append({'lake_path': row[0], 'contract_version': row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(files) }}
{%- endmacro %}

{# Does any organisation have several current submissions of the feed? Then a key may stand in two. #}
{% macro keys_may_repeat(feed) -%}
    {%- if not execute or not load_relation(builtins.ref('stg_current_submissions')) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set repeated = run_query(
        "select 1 from " ~ ref('stg_current_submissions')
        ~ " where feed = " ~ sql_text(feed) ~ " group by organisation having count(*) > 1 limit 1"
    ).rows -%}
    {{ return(repeated | length > 0) }}
{%- endmacro %}

{% macro columns_of_parquet(path) -%}
    {%- set names = [] -%}
    {%- for row in run_query("describe select * from read_parquet(" ~ sql_text(path) ~ ")").rows -%}
        {%- do names.append(row[0]) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# Is any row of the feed perhaps out of force, because a later submission tells about its day? #}
{% macro rows_may_be_displaced(feed) -%}
    {%- if not execute or not load_relation(builtins.ref('stg_displaced_days')) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set displaced = run_query(
        "select 1 from " ~ ref('stg_displaced_days')
        ~ " where feed = " ~ sql_text(feed) ~ " limit 1"
    ).rows -%}
    {{ return(displaced | length > 0) }}
{%- endmacro %}
