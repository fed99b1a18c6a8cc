-- A worker may have several posts at once, and a post changes its state. Cutting the worker's time
-- at the first day of each post, the day after its last and each change of state gives stretches
-- within which the same posts are in force in the same state, so that a fact finds its worker's
-- profession by one equality and one range: no row is multiplied.
with posts as (
    select *
    from {{ ref('dim_worker_spell') }}
),

cuts as (
    select
        organisation,
        worker_id,
        valid_from as first_day
    from posts
    union
    select
        organisation,
        worker_id,
        started_on as first_day
    from posts
    union
    select
        organisation,
        worker_id,
        ended_on + 1 as first_day
    from posts
    where ended_on < date '9999-12-31'
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

-- Of several posts in force the one begun last counts, then the greater fte, then post; where none
-- is in force, the worker's post begun last of all.
chosen as (
    select
        stretches.*,
        posts.started_on,
        posts.post,
        posts.profession,
        posts.carries_clients,
        posts.team,
        posts.municipality,
        posts.fte,
        posts.started_on <= stretches.first_day
        and coalesce(posts.ended_on >= stretches.first_day, true) as is_in_force
    from stretches
    inner join posts
        on
            stretches.organisation = posts.organisation
            and stretches.worker_id = posts.worker_id
            and stretches.first_day between posts.valid_from and posts.valid_to
    qualify
        row_number() over (
            partition by stretches.organisation, stretches.worker_id, stretches.first_day
            order by
                is_in_force desc,
                posts.started_on desc,
                posts.fte desc,
                posts.post asc nulls first
        ) = 1
)

select
    organisation,
    worker_id,
    first_day,
    last_day,
    started_on,
    post,
    profession,
    carries_clients,
    team,
    municipality,
    fte,
    is_in_force
from chosen
