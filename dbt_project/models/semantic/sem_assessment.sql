select
    assessments.organisation,
    assessments.assessment_id,
    assessments.completed_on,
    assessments.municipality,
    assessments.special_support,
    assessments.is_multiprofessional,
    assessments.support_need_count
from {{ ref('fct_assessment') }} as assessments
inner join {{ ref('fct_coverage') }} as coverage
    on
        coverage.feed = 'assessments'
        and coverage.period_type = 'year'
        and assessments.organisation = coverage.organisation
        and strftime(assessments.completed_on, '%Y') = coverage.period
