{# Indicators of measurements with instruments: how many, how many lasted, and what changed. #}
{% set measurement = {
    'name': 'measurement',
    'feed': 'measurements',
    'key': ['measurement_id'],
    'time': 'year',
    'dims': ['instrument', 'wave', 'instrument_wave'],
    'people': 'client_people',
    'measures': ['measurements', 'forms_returned'],
} %}
{#
  A relationship that was measured at the start with two instruments is one in the undivided value and
  one with each of them. So the same measures have a grain for the whole and another for the parts.
  Both are made of several measurements each, those of the relationship (with the instrument).
#}
{% set followed_measures = [
    'relationships_measured_at_start',
    'relationships_followed_up',
    'relationships_not_followed_up',
    'start_measurements',
] %}
{% set measured_client = {
    'name': 'measured_client',
    'feed': 'measurements',
    'key': ['client_id'],
    'time': 'year',
    'people': 'client_people',
    'repeats': false,
    'measures': followed_measures,
} %}
{% set measured_client_instrument = {
    'name': 'measured_client_instrument',
    'feed': 'measurements',
    'key': ['client_id', 'instrument'],
    'time': 'year',
    'dims': ['instrument'],
    'undivided': false,
    'people': 'client_people',
    'repeats': false,
    'measures': followed_measures,
} %}
{#
  A pair is two rows, one for each of its scores, so that both can be found in their feed: the start
  score takes its points away, the later one adds its own and counts the pair.
#}
{% set paired_score = {
    'name': 'paired_score',
    'feed': 'measurement_scores',
    'key': ['measurement_id', 'domain'],
    'time': 'year',
    'dims': ['instrument_domain'],
    'undivided': false,
    'people': 'client_people',
    'measures': [
        'paired_scores',
        'score_pairs',
        'score_change',
        'pairs_improved',
        'pairs_not_improved',
    ],
    'decimals': ['score_change'],
} %}
{#
  The same pairs by what was done with the client in between: a pair counts with every method of which
  there were at least three contacts from the first measurement to the last. What goes together is
  not what causes.
#}
{% set method_score = dict(
    paired_score,
    name='method_score',
    dims=['method_instrument_domain'],
    measures=['method_paired_scores', 'method_score_pairs', 'method_score_change'],
    decimals=['method_score_change'],
) %}
{% set contacts_of_a_method = 3 %}
{% set grains = [
    measurement, measured_client, measured_client_instrument, paired_score, method_score
] %}
{% set is_start = "wave = '" ~ var('start_wave') ~ "'" %}
{% set is_later = "wave <> '" ~ var('start_wave') ~ "'" %}
{# A score as one value that compares by day and then by measurement. #}
{% set dated_score %}struct_pack(
            measured_on := measured_on,
            measurement_id := measurement_id,
            score := score,
            municipality := municipality,
            team := team
        ){% endset %}
{# A measurement with the place of its client on that day. #}
{% set dated_place %}struct_pack(
            measured_on := measured_on,
            measurement_id := measurement_id,
            municipality := municipality,
            team := team
        ){% endset %}

with
{{ declared_indicators(grains) }}

{{ client_people() }},

measurement_rows as (
    select
        organisation,
        measurement_id,
        client_id as unit,
        municipality,
        team,
        year,
        instrument,
        wave,
        instrument || ':' || measurement_no as instrument_wave,
        1 as measurements,
        case when is_form_returned and not is_form_blank then 1 else 0 end as forms_returned
    from {{ ref('fct_measurement') }}
),

{{ roll_up(measurement) }},

-- The first start of the year, and the last later measurement of any year. A relationship counts
-- where its client was on the day of that start.
measured_with as (
    select
        organisation,
        client_id,
        instrument,
        year,
        count(*) filter (where {{ is_start }}) as start_measurements,
        min({{ dated_place }}) filter (where {{ is_start }}) as start,
        max(max(measured_on) filter (where {{ is_later }})) over (
            partition by organisation, client_id, instrument
        ) as followed_on
    from {{ ref('fct_measurement') }}
    group by organisation, client_id, instrument, year
),

measured_client_instrument_rows as (
    select
        organisation,
        client_id,
        instrument,
        client_id as unit,
        start['municipality'] as municipality,
        start['team'] as team,
        year,
        1 as relationships_measured_at_start,
        case when followed_on > start['measured_on'] then 1 else 0 end as relationships_followed_up,
        case
            when followed_on > start['measured_on'] then 0 else 1
        end as relationships_not_followed_up,
        start_measurements,
        start
    from measured_with
    where start_measurements > 0
),

{{ roll_up(measured_client_instrument) }},

measured_client_rows as (
    select
        organisation,
        client_id,
        unit,
        min(start)['municipality'] as municipality,
        min(start)['team'] as team,
        year,
        1 as relationships_measured_at_start,
        max(relationships_followed_up) as relationships_followed_up,
        1 - max(relationships_followed_up) as relationships_not_followed_up,
        sum(start_measurements) as start_measurements
    from measured_client_instrument_rows
    group by organisation, client_id, unit, year
),

{{ roll_up(measured_client) }},

-- Of each year the first start score and the last later one; of several on one day the same one
-- each time.
scores_of_year as (
    select
        organisation,
        client_id,
        instrument,
        domain,
        strftime(measured_on, '%Y') as year,
        min({{ dated_score }}) filter (where {{ is_start }}) as start_score,
        max({{ dated_score }}) filter (where {{ is_later }}) as last_score
    from {{ ref('fct_measurement_score') }}
    where is_measurement_known
    group by
        organisation,
        client_id,
        instrument,
        domain,
        strftime(measured_on, '%Y')
),

compared_scores as (
    select
        organisation,
        client_id,
        instrument || ':' || domain as instrument_domain,
        domain,
        year,
        min(start_score) over (
            partition by organisation, client_id, instrument, domain
        ) as start_score,
        last_score
    from scores_of_year
),

-- A pair counts where its client was on the day of the last score.
score_pairs as (
    select
        *,
        last_score['municipality'] as municipality,
        last_score['team'] as team
    from compared_scores
    where last_score['measured_on'] > start_score['measured_on']
),

{% for side, pairs in [('start', 0), ('last', 1)] -%}
{{ side }}_scores as (
    select
        organisation,
        {{ side }}_score['measurement_id'] as measurement_id,
        domain,
        client_id,
        client_id as unit,
        municipality,
        team,
        year,
        instrument_domain,
        start_score['measured_on'] as first_day,
        last_score['measured_on'] as last_day,
        {{ pairs }} as score_pairs,
        {{ '-' if side == 'start' }}{{ side }}_score['score'] as score_change,
        case
            when last_score['score'] > start_score['score'] then {{ pairs }} else 0
        end as pairs_improved,
        case
            when last_score['score'] > start_score['score'] then 0 else {{ pairs }}
        end as pairs_not_improved
    from score_pairs
),

{% endfor -%}
scores_of_pairs as (
    select *
    from start_scores
    union all
    select *
    from last_scores
),

paired_score_rows as (
    select
        organisation,
        measurement_id,
        domain,
        unit,
        municipality,
        team,
        year,
        instrument_domain,
        1 as paired_scores,
        score_pairs,
        score_change,
        pairs_improved,
        pairs_not_improved
    from scores_of_pairs
),

{{ roll_up(paired_score) }},

times_between as (
    select distinct
        organisation,
        client_id,
        first_day,
        last_day
    from scores_of_pairs
),

methods_between as (
    select
        times_between.organisation,
        times_between.client_id,
        times_between.first_day,
        times_between.last_day,
        contacts.method
    from times_between
    inner join {{ ref('fct_contact') }} as contacts
        on
            times_between.organisation = contacts.organisation
            and times_between.client_id = contacts.client_id
            and contacts.occurred_on between times_between.first_day and times_between.last_day
            and contacts.method is not null
    group by all
    having count(*) >= {{ contacts_of_a_method }}
),

method_score_rows as (
    select
        scores.organisation,
        scores.measurement_id,
        scores.domain,
        scores.unit,
        scores.municipality,
        scores.team,
        scores.year,
        methods.method || ':' || scores.instrument_domain as method_instrument_domain,
        1 as method_paired_scores,
        scores.score_pairs as method_score_pairs,
        scores.score_change as method_score_change
    from scores_of_pairs as scores
    inner join methods_between as methods
        on
            scores.organisation = methods.organisation
            and scores.client_id = methods.client_id
            and scores.first_day = methods.first_day
            and scores.last_day = methods.last_day
),

{{ roll_up(method_score) }},

{{ indicator_rows(grains) }}
