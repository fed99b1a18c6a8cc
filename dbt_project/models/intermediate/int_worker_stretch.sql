-- A worker may have several spells at once. Cutting the worker's time at the first day of each
-- spell and the day after its last gives stretches within which the same spells are in force, so
-- that a fact finds its worker's profession by one equality and one range: no row is multiplied.
with spells as (
    select *
    from {{ ref('stg_workers') }}
),

cuts as (
    -- The time before the first spell is a stretch too: rows may be dated there.
    select
        organisation,
        worker_id,
        date '0001-01-01' as first_day
    from spells
    union
    select
        organisation,
        worker_id,
        started_on as first_day
    from spells
    union
    select
        organisation,
        worker_id,
        ended_on + 1 as first_day
    from spells
    where ended_on is not null
),

stretches as (
    select
        organisation,
        worker_id,
        first_day,
        coalesce(
            lead(first_day) over (partition by organisation, worker_id order by first_day) - 1,
            date '9999-12-31'
        ) as last_day
    from cuts
),

-- Of several spells in force the one that began last counts; where none is in force, the worker's
-- spell that began last of all.
chosen as (
    select
        stretches.*,
        spells.profession,
        spells.municipality,
        spells.fte,
        spells.started_on <= stretches.first_day
        and coalesce(spells.ended_on >= stretches.first_day, true) as is_in_force
    from stretches
    inner join spells
        on
            stretches.organisation = spells.organisation
            and stretches.worker_id = spells.worker_id
    qualify
        row_number() over (
            partition by stretches.organisation, stretches.worker_id, stretches.first_day
            order by is_in_force desc, spells.started_on desc
        ) = 1
)

select
    organisation,
    worker_id,
    first_day,
    last_day,
    profession,
    municipality,
    fte,
    is_in_force
from chosen
