{# Indicators over proposed measures. A measure belongs to the year it was proposed in, however long
   its way through the annual clock takes. #}
{% set proposed_measure = {
    'name': 'proposed_measure',
    'feed': 'measures',
    'key': ['measure_id'],
    'time': 'year',
    'dims': ['theme'],
    'measures': [
        'measures_proposed',
        'measures_due_for_report',
        'measures_reported_in_window',
        'measures_decided',
        'measures_adopted',
        'measures_adopted_and_implemented',
        'measures_implemented',
        'measures_due_for_evaluation',
        'measures_evaluated_in_window',
        'measures_with_known_effect',
        'measures_improved',
    ],
} %}
{% set grains = [proposed_measure] %}

with
{{ declared_indicators(grains) }}

-- The last days of the clock, as days of a year: 31 May for reporting, 31 October for evaluating.
last_days as (
    select
        max(ends) filter (where stage = '{{ var("reported_by_stage") }}') as reported_by,
        max(ends) filter (where stage = '{{ var("evaluated_by_stage") }}') as evaluated_by
    from {{ ref('annual_clock') }}
),

measures as (
    select
        proposed.*,
        {{ is_listed('proposed.decision', "'" ~ var('adopting_decisions') ~ "'") }} as is_adopted,
        cast(cast(proposed.year as integer) + 1 as varchar) as next_year,
        last_days.reported_by,
        last_days.evaluated_by
    from {{ ref('fct_measure') }} as proposed
    cross join last_days
),

judged as (
    select
        *,
        -- A limit is judged when it has passed, never before.
        cast(next_year || '-' || reported_by as date) <= {{ built_on() }} as is_report_due,
        cast(next_year || '-' || evaluated_by as date) <= {{ built_on() }} as is_evaluation_due,
        reported_on <= cast(next_year || '-' || reported_by as date) as is_reported_in_window,
        evaluated_on <= cast(next_year || '-' || evaluated_by as date) as is_evaluated_in_window,
        evaluated_on is not null
        and effect is not null
        and effect <> '{{ var("unknown_effect") }}' as has_known_effect
    from measures
),

proposed_measure_rows as (
    select
        organisation,
        measure_id,
        municipality,
        cast(null as varchar) as team,
        year,
        theme,
        1 as measures_proposed,
        case when is_report_due then 1 else 0 end as measures_due_for_report,
        case
            when is_report_due and is_reported_in_window then 1 else 0
        end as measures_reported_in_window,
        case when decided_on is not null then 1 else 0 end as measures_decided,
        case when is_adopted then 1 else 0 end as measures_adopted,
        case
            when is_adopted and implemented_on is not null then 1 else 0
        end as measures_adopted_and_implemented,
        case when implemented_on is not null then 1 else 0 end as measures_implemented,
        case
            when implemented_on is not null and is_evaluation_due then 1 else 0
        end as measures_due_for_evaluation,
        case
            when implemented_on is not null and is_evaluation_due and is_evaluated_in_window then 1
            else 0
        end as measures_evaluated_in_window,
        case when has_known_effect then 1 else 0 end as measures_with_known_effect,
        case
            when has_known_effect and effect = '{{ var("improved_effect") }}' then 1 else 0
        end as measures_improved
    from judged
),

{{ roll_up(proposed_measure) }},

{{ indicator_rows(grains) }}
