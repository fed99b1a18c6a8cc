{# Every model that computes indicators; a new one is named here and nowhere else. #}
{% macro indicator_models() -%}
    {{ return([
        'int_indicators_caseload',
        'int_indicators_contacts',
        'int_indicators_outreach',
        'int_indicators_time_entries',
        'int_indicators_worker_survey',
    ]) }}
{%- endmacro %}
