select
    states.organisation,
    states.worker_id,
    states.started_on,
    states.post,
    posts.ended_on,
    states.valid_from,
    states.valid_to,
    states.profession,
    professions.carries_clients,
    states.team,
    states.municipality,
    states.fte
from {{ ref('int_worker_state') }} as states
inner join {{ ref('stg_workers') }} as posts
    on
        states.organisation = posts.organisation
        and states.worker_id = posts.worker_id
        and states.started_on = posts.started_on
        and states.post is not distinct from posts.post
left join {{ ref('profession') }} as professions on states.profession = professions.code
