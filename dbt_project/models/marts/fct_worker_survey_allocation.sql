select
    shares.organisation,
    shares.response_id,
    cast(responses.year as varchar) as year,
    responses.profession,
    shares.block,
    shares.activity,
    shares.share,
    shares.block_sum_is_100
from {{ ref('int_worker_survey_share') }} as shares
inner join {{ ref('stg_worker_survey') }} as responses
    on
        shares.organisation = responses.organisation
        and shares.response_id = responses.response_id
