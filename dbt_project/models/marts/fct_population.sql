select
    municipality,
    cast(year as varchar) as year,
    cast(population as bigint) as population
from {{ ref('stg_population') }}
-- The reference data has one submitter; were there two, the row received last would hold.
qualify
    row_number() over (
        partition by municipality, year
        order by received_at desc, submission_id desc
    ) = 1
