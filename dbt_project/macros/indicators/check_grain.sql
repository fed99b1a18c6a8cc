{#
  Checks of a grain, before any SQL is written from it: a mistake is a sentence with the model, the
  grain and what to write, not a parser error in compiled SQL. The fields are those of
  roll_up/driver.sql.
#}
{% macro check_grain(grain) %}
{%- set known = ['name', 'feed', 'key', 'feed_key', 'feed_where', 'time', 'dims', 'measures',
    'decimals', 'people', 'repeats', 'heads', 'unit_count', 'undivided',
    'month_end_means', 'quantile_of'] -%}
{%- if not grain.get('name') -%}
    {%- do wrong_grain(grain, "has no name. Write 'name': the rows of the grain are the CTE <name>_rows.") -%}
{%- endif -%}
{%- for field in grain if field not in known -%}
    {%- do wrong_grain(grain, "has the field '" ~ field ~ "', which no grain has. Write one of " ~ known | join(', ') ~ '.') -%}
{%- endfor -%}
{%- if not grain.get('time') -%}
    {%- do wrong_grain(grain, "has no time. Write 'time': 'month', 'year' or 'last_day': the column that says when a row counts.") -%}
{%- endif -%}
{%- if grain.time not in ['month', 'year', 'last_day'] -%}
    {%- do wrong_grain(grain, "has the time '" ~ grain.time ~ "'. Write month, year or last_day.") -%}
{%- endif -%}
{%- if not grain.get('measures') -%}
    {%- do wrong_grain(grain, "has no measures. Write 'measures': the columns of " ~ grain.name ~ '_rows that are summed.') -%}
{%- endif -%}
{%- for measure in grain.measures if grain.measures.count(measure) > 1 -%}
    {%- do wrong_grain(grain, "has the measure '" ~ measure ~ "' twice. Write it once.") -%}
{%- endfor -%}
{%- for field in ['decimals', 'month_end_means'] -%}
    {%- for measure in grain.get(field, []) if measure not in grain.measures -%}
        {%- do wrong_grain(grain, "names '" ~ measure ~ "' in " ~ field ~ ', which is none of its measures. Add it to measures, or correct the name.') -%}
    {%- endfor -%}
{%- endfor -%}
{%- if grain.get('feed') and not grain.get('key') -%}
    {%- do wrong_grain(grain, "has a feed and no key. Write 'key': the columns by which explain finds the rows of stg_" ~ grain.feed ~ '.') -%}
{%- endif -%}
{%- for column in grain.get('feed_key', {}) if column not in grain.get('key', []) -%}
    {%- do wrong_grain(grain, "has '" ~ column ~ "' in feed_key, which is no column of its key. Add it to key, or correct the name.") -%}
{%- endfor -%}
{%- if grain.get('unit_count') and not repeats(grain) -%}
    {%- do wrong_grain(grain, "has a unit_count, which needs people and repeats. Write 'people', or remove unit_count.") -%}
{%- endif -%}
{%- if grain.get('heads') and (grain.get('people') != 'unit' or repeats(grain)) -%}
    {%- do wrong_grain(grain, "has heads, which needs 'people': 'unit' and 'repeats': false. Write both, or remove heads.") -%}
{%- endif -%}
{%- if grain.get('quantile_of') in grain.measures -%}
    {%- do wrong_grain(grain, "has '" ~ grain.quantile_of ~ "' in quantile_of and in measures. Days are not summed: remove it from measures.") -%}
{%- endif -%}
{%- if grain.get('quantile_of') and not grain.get('undivided', true) -%}
    {%- do wrong_grain(grain, "has quantile_of, which needs an undivided cell for persons and events. Remove 'undivided', or quantile_of.") -%}
{%- endif -%}
{%- if grain.get('people') == grain.name ~ '_people' and repeats(grain) -%}
    {%- do wrong_grain(grain, "names its people '" ~ grain.people ~ "', as the roll-up names its own CTE. Give that CTE another name.") -%}
{%- endif -%}
{%- if 'team' in grain.get('dims', []) or 'municipality' in grain.get('dims', []) -%}
    {%- do wrong_grain(grain, 'has municipality or team in dims. They are areas, which every grain has: remove it.') -%}
{%- endif -%}
{% endmacro %}


{# The model that is written. A run-operation has none. #}
{% macro this_model() -%}
    {{ return(model.name if model is defined and model.name is defined else 'this model') }}
{%- endmacro %}


{% macro wrong_grain(grain, problem) -%}
    {%- do exceptions.raise_compiler_error(
        this_model() ~ ': the grain ' ~ grain.get('name', '(without name)') ~ ' ' ~ problem
    ) -%}
{%- endmacro %}


{# Checks of the grains of a model, each and together. #}
{% macro check_grains(grains) %}
{%- set names = [] -%}
{%- for grain in grains -%}
    {%- do check_grain(grain) -%}
    {%- if grain.name in names -%}
        {%- do wrong_grain(grain, 'is there twice. Give each grain its own name.') -%}
    {%- endif -%}
    {%- do names.append(grain.name) -%}
{%- endfor -%}
{% endmacro %}
