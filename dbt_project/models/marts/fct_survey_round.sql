select
    organisation,
    cast(year as varchar) as year,
    sent_to
from {{ ref('stg_survey_rounds') }}
