-- Every code stands once in its list, and is not empty. One test for all lists, since each test
-- costs a build as much as a model does.
{% set lists = [
    'activity',
    'agreement',
    'body',
    'channel',
    'client_question',
    'decision',
    'domain',
    'effect',
    'end_reason',
    'household',
    'initiator',
    'instrument',
    'intensity',
    'labour_market_status',
    'method',
    'municipalities',
    'observation_question',
    'observation_source',
    'organisations',
    'outreach_nature',
    'phase',
    'place_kind',
    'process_activity',
    'profession',
    'reason',
    'sector',
    'statement',
    'support_need',
    'target_group',
    'theme',
    'topic',
    'wave',
    'welfare_areas',
    'worker_survey_questions'
] %}
with codes as (
    {% for list in lists %}
    select
        '{{ list }}' as code_list,
        {{ '"column"' if list == 'worker_survey_questions' else 'code' }} as code
    from {{ ref(list) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    code_list,
    code,
    count(*) as rows_with_the_code
from codes
group by code_list, code
having count(*) > 1 or code is null
