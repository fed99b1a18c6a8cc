{#
  How measures are made of other measures, as the grains of the indicator models count them: declared
  here once, and never inferred from numbers. Disclosure control solves over these relations.

  sums     measure = the sum of another over some parts of one of its breakdowns
  same     measure = another, in every part
  at_most  measure <= another, in every part
  year_before  measure of a year = another of the year before, once all that it waits for has come

  Where whole is false, it does not hold in municipalities: a pair counts in the municipality of its
  worker, a relationship in that of its client.
#}
{%- set sums = [
    ('contacts_outside_office', 'contacts', 'channel', 'outside_office'),
    ('contacts_in_office', 'contacts', 'channel', 'not outside_office'),
    ('client_process_minutes', 'time_minutes', 'activity', "code = '" ~ var('client_process_activity') ~ "'"),
    ('other_minutes', 'time_minutes', 'activity', "code <> '" ~ var('client_process_activity') ~ "'"),
    ('intensive_relationships', 'open_relationships', 'intensity', "code = 'intensive'"),
    ('less_intensive_relationships', 'open_relationships', 'intensity', "code <> 'intensive'"),
    ('start_measurements', 'measurements', 'wave', "code = '" ~ var('start_wave') ~ "'"),
] -%}
{#- … and those over one part that no code list has, or over the undivided whole. #}
{%- set sums_of_one = [
    ('special_support_relationships', 'open_relationships', 'special_support', 'yes'),
    ('ordinary_support_relationships', 'open_relationships', 'special_support', 'no'),
    ('special_support_assignments', 'relationship_assignments', 'special_support', 'yes'),
    ('worker_month_entries', 'time_entries', 'none', 'all'),
] -%}
{%- set not_in_municipalities = ['start_measurements', 'worker_month_entries'] -%}
{%- set same = [
    ('relationships_on_last_day', 'open_relationships', true),
    ('workers_carrying_clients', 'carrying_workers', true),
    ('contacted_relationships_people', 'contacts_people', true),
    ('relationships_on_last_day_people', 'open_relationships_people', true),
    ('worker_assignments', 'pair_assignments', false),
    ('relationship_assignments', 'pair_assignments', false),
    ('worker_intensive_assignments', 'intensive_pair_assignments', false),
] -%}
{%- set at_most = [
    ('intensive_pairs', 'assigned_pairs', true),
    ('assigned_pairs', 'pair_assignments', true),
    ('intensive_pairs', 'intensive_pair_assignments', true),
    ('intensive_pair_assignments', 'pair_assignments', true),
    ('assigned_relationships', 'relationship_assignments', true),
    ('special_support_relationships', 'open_relationships', true),
    ('relationships_with_workers', 'workers_of_relationships', true),
    ('relationships_with_workers', 'open_relationships', true),
    ('contacts_with_method', 'contacts', true),
    ('contacted_relationships', 'contacts', true),
    ('relationships_started_with_reason', 'relationships_started', true),
    ('assessments_with_opinions', 'assessments_completed', true),
    ('forms_returned', 'measurements', true),
    ('relationships_measured_at_start', 'start_measurements', true),
    ('worker_months', 'worker_month_entries', true),
    ('workers_carrying_clients', 'workers', true),
    ('score_pairs', 'paired_scores', true),
    ('visits_with_any_topic', 'visits', true),
    ('visits_with_feeling', 'visits', true),
    ('visits_economy_only', 'visits_with_economic_topic', true),
] -%}
{%- set year_before = [('plans_of_year_before', 'plans_made', true)] -%}
{%- set whole_measures = {'same': same, 'at_most': at_most, 'year_before': year_before} -%}

with

sums as (
    {%- for measure, base, breakdown, which in sums %}
    select
        '{{ measure }}' as measure,
        '{{ base }}' as base_measure,
        '{{ breakdown }}' as breakdown,
        code as breakdown_value
    from {{ ref(breakdown) }}
    where {{ which }}
    union all
    {%- endfor %}
    {%- for measure, base, breakdown, code in sums_of_one %}
    select
        '{{ measure }}' as measure,
        '{{ base }}' as base_measure,
        '{{ breakdown }}' as breakdown,
        '{{ code }}' as breakdown_value
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

declared as (
    select
        measure,
        'sum' as relation,
        base_measure,
        breakdown,
        breakdown_value,
        not list_contains({{ not_in_municipalities }}, measure) as in_municipalities
    from sums
    {%- for relation, pairs in whole_measures.items() %}
    {%- for measure, base, in_municipalities in pairs %}
    union all
    select
        '{{ measure }}' as measure,
        '{{ relation }}' as relation,
        '{{ base }}' as base_measure,
        'every' as breakdown,
        'every' as breakdown_value,
        {{ in_municipalities }} as in_municipalities
    {%- endfor %}
    {%- endfor %}
)

select * from declared
order by all
