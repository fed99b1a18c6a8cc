select
    plans.organisation,
    plans.plan_id,
    plans.client_id,
    plans.made_on,
    strftime(plans.made_on, '%Y-%m') as month,
    strftime(plans.made_on, '%Y') as year,
    plans.reviewed_on,
    plans.joint as is_joint,
    plans.client_participated as has_client_participated,
    plans.goals_set,
    plans.goals_met,
    clients.person_id,
    clients.municipality,
    clients.team,
    clients.special_support,
    clients.client_id is not null as is_client_known
from {{ ref('stg_plans') }} as plans
{{ client_on('plans', 'plans.made_on') }}
