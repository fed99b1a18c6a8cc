select
    declarations.indicator,
    declarations.theme,
    declarations.label_fi,
    declarations.label_sv,
    declarations.label_en,
    declarations.definition_fi,
    declarations.definition_sv,
    declarations.definition_en,
    declarations.unit,
    declarations.formula,
    declarations.kind,
    declarations.base_feed,
    declarations.numerator as numerator_measure,
    declarations.multiplier,
    declarations.divisor,
    nullif(declarations.denominator, '') as denominator_measure,
    nullif(declarations.complement, '') as complement_measure,
    nullif(declarations.persons, '') as persons_measure,
    declarations.events as events_measure,
    declarations.breakdowns,
    declarations.breakdown_rule,
    declarations.parts_disjoint,
    declarations.areas,
    declarations.period_types,
    declarations.direction,
    cast(declarations.target as double) as target,
    declarations.target_operator,
    declarations.personal,
    declarations.persons_kind,
    declarations.source,
    declarations.version,
    declarations.valid_from,
    cast(
        row_number() over (
            order by themes.position, declarations.position, declarations.indicator
        ) as integer
    ) as position,
    nullif(declarations.key_figure_in, '') as key_figure_in,
    nullif(declarations.charts, '') as charts
from {{ ref('indicator_declarations') }} as declarations
left join {{ ref('indicator_labels') }} as themes
    on declarations.theme = themes.code and themes.kind = 'theme'
order by declarations.indicator
