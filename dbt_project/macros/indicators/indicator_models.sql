{# Every model that computes indicators; a new one is named here and nowhere else. #}
{% macro indicator_models() -%}
    {{ return([
        'int_indicators_assessments',
        'int_indicators_caseload',
        'int_indicators_client_feedback',
        'int_indicators_clients',
        'int_indicators_contacts',
        'int_indicators_continuity',
        'int_indicators_groups',
        'int_indicators_measurements',
        'int_indicators_measures',
        'int_indicators_meetings',
        'int_indicators_observations',
        'int_indicators_outreach',
        'int_indicators_places',
        'int_indicators_plans',
        'int_indicators_time_entries',
        'int_indicators_worker_survey',
        'int_indicators_workers',
    ]) }}
{%- endmacro %}
