{# The code list that each breakdown, or part of one (domain, statement), has its values from. #}
{%- set lists = {
    'intensity': 'intensity',
    'profession': 'profession',
    'activity': 'activity',
    'process_activity': 'process_activity',
    'channel': 'channel',
    'nature': 'outreach_nature',
    'topic': 'topic',
    'support_need': 'support_need',
    'initiator': 'initiator',
    'reason': 'reason',
    'instrument': 'instrument',
    'wave': 'wave',
    'question': 'client_question',
    'phase': 'phase',
    'method': 'method',
    'theme': 'theme',
    'source': 'observation_source',
    'kind': 'place_kind',
    'sector': 'sector',
    'target_group': 'target_group',
    'domain': 'domain',
    'statement': 'statement',
} -%}

with

listed as (
    {%- for breakdown, list in lists.items() %}
    select
        '{{ breakdown }}' as breakdown,
        code as breakdown_value,
        cast(row_number() over () as integer) as position,
        label_fi,
        label_sv,
        label_en
    from {{ ref(list) }}
    union all
    {%- endfor %}
    select
        breakdown,
        breakdown_value,
        position,
        label_fi,
        label_sv,
        label_en
    from {{ ref('breakdown_labels') }}
),

measurement_numbers as (
    select distinct cast(measurement_no as integer) as measurement_no
    from {{ ref('wave') }}
),

-- Two codes with : between them; of a wave its number, which several waves share.
instrument_waves as (
    select
        'instrument_wave' as breakdown,
        instruments.breakdown_value || ':' || numbers.measurement_no as breakdown_value,
        100 * instruments.position + numbers.measurement_no as position,
        instruments.label_fi || ', mittaus ' || numbers.measurement_no as label_fi,
        instruments.label_sv || ', mätning ' || numbers.measurement_no as label_sv,
        instruments.label_en || ', measurement ' || numbers.measurement_no as label_en
    from listed as instruments
    cross join measurement_numbers as numbers
    where instruments.breakdown = 'instrument'
),

instrument_domains as (
    select
        'instrument_domain' as breakdown,
        instruments.breakdown_value || ':' || domains.breakdown_value as breakdown_value,
        cast(100 * instruments.position + domains.position as integer) as position,
        instruments.label_fi || ', ' || lower(domains.label_fi) as label_fi,
        instruments.label_sv || ', ' || lower(domains.label_sv) as label_sv,
        instruments.label_en || ', ' || lower(domains.label_en) as label_en
    from listed as instruments
    cross join listed as domains
    where instruments.breakdown = 'instrument' and domains.breakdown = 'domain'
),

method_instrument_domains as (
    select
        'method_instrument_domain' as breakdown,
        methods.breakdown_value || ':' || parts.breakdown_value as breakdown_value,
        cast(10000 * methods.position + parts.position as integer) as position,
        methods.label_fi || ', ' || lower(parts.label_fi) as label_fi,
        methods.label_sv || ', ' || lower(parts.label_sv) as label_sv,
        methods.label_en || ', ' || lower(parts.label_en) as label_en
    from listed as methods
    cross join instrument_domains as parts
    where methods.breakdown = 'method'
),

statement_phases as (
    select
        'statement_phase' as breakdown,
        statements.breakdown_value || ':' || phases.breakdown_value as breakdown_value,
        cast(100 * statements.position + phases.position as integer) as position,
        statements.label_fi || ', ' || lower(phases.label_fi) as label_fi,
        statements.label_sv || ', ' || lower(phases.label_sv) as label_sv,
        statements.label_en || ', ' || lower(phases.label_en) as label_en
    from listed as statements
    cross join listed as phases
    where statements.breakdown = 'statement' and phases.breakdown = 'phase'
)

select *
from listed
where breakdown not in ('domain', 'statement')
union all
select * from instrument_waves
union all
select * from instrument_domains
union all
select * from method_instrument_domains
union all
select * from statement_phases
order by breakdown, position, breakdown_value
