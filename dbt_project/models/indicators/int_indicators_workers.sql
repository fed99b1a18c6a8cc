{# Indicators over employment: who is in force on the last day of a year, and who left in it. #}
{% set worker_in_force = {
    'name': 'worker_in_force',
    'feed': 'workers',
    'key': ['worker_id', 'started_on', 'post'],
    'time': 'year',
    'dims': ['profession'],
    'people': 'unit',
    'repeats': false,
    'measures': ['workers', 'workers_carrying_clients'],
} %}
{# Each post counts with its own profession and place; a worker may have several. #}
{% set post_in_force = {
    'name': 'post_in_force',
    'feed': 'workers',
    'key': ['worker_id', 'started_on', 'post'],
    'time': 'year',
    'dims': ['profession'],
    'people': 'unit',
    'measures': ['posts', 'worker_fte'],
    'decimals': ['worker_fte'],
} %}
{# One row per spell, year and state; a worker may have several. #}
{% set worker_spell = {
    'name': 'worker_spell',
    'feed': 'workers',
    'key': ['worker_id', 'started_on', 'post'],
    'time': 'year',
    'dims': ['profession'],
    'people': 'unit',
    'measures': ['spells_ended', 'mean_workers', 'turnover_spells'],
    'month_end_means': ['mean_workers'],
} %}
{# The posts behind the turnover: a post is one, in however many states it stood in the year. #}
{% set post_of_year = {
    'name': 'post_of_year',
    'feed': 'workers',
    'key': ['worker_id', 'started_on', 'post'],
    'time': 'year',
    'dims': ['profession'],
    'people': 'unit',
    'measures': ['post_states'],
    'unit_count': 'turnover_posts',
} %}
{% set grains = [worker_in_force, post_in_force, worker_spell, post_of_year] %}

with
{{ declared_indicators(grains) }}

years as (
    select
        period as year,
        first_day,
        last_day
    from {{ ref('dim_period') }}
    where period_type = 'year'
),

-- On the year's last day; a worker's place and profession are those of the post that tells.
workers_on_last_day as (
    {{ workers_in_force('years', 'last_day', also=['year']) }}
),

worker_in_force_rows as (
    select
        organisation,
        worker_id,
        started_on,
        post,
        worker_id as unit,
        municipality,
        team,
        year,
        profession,
        1 as workers,
        case when carries_clients then 1 else 0 end as workers_carrying_clients
    from workers_on_last_day
),

{{ roll_up(worker_in_force) }},

post_in_force_rows as (
    select
        spells.organisation,
        spells.worker_id,
        spells.started_on,
        spells.post,
        spells.worker_id as unit,
        spells.municipality,
        spells.team,
        years.year,
        spells.profession,
        1 as posts,
        spells.fte as worker_fte
    from {{ posts_in_force('years', 'last_day') }}
),

{{ roll_up(post_in_force) }},

months_of_years as (
    select
        year,
        last_day,
        unnest(generate_series(first_day, last_day, interval 1 month)) as first_of_month
    from years
),

month_ends as (
    select
        year,
        last_day(first_of_month) as month_end
    from months_of_years
    where last_day(first_of_month) <= last_day
),

workers_on_month_ends as (
    {{ workers_in_force('month_ends', 'month_end', also=['year']) }}
),

-- The number of month ends of the year at which the post gives its worker's state.
spells_on_month_ends as (
    select
        organisation,
        worker_id,
        started_on,
        post,
        municipality,
        team,
        profession,
        year,
        count(*) as month_ends,
        0 as spells_ended
    from workers_on_month_ends
    group by all
),

-- In their state of the day that they ended. A planned end has not happened.
ended_spells as (
    select
        organisation,
        worker_id,
        started_on,
        post,
        municipality,
        team,
        profession,
        strftime(ended_on, '%Y') as year,
        0 as month_ends,
        1 as spells_ended
    from {{ ref('dim_worker_spell') }}
    where
        ended_on <= {{ built_on() }}
        and ended_on between valid_from and valid_to
),

spells_of_years as (
    select *
    from spells_on_month_ends
    union all
    select *
    from ended_spells
),

worker_spell_rows as (
    select
        organisation,
        worker_id,
        started_on,
        post,
        worker_id as unit,
        municipality,
        team,
        year,
        profession,
        sum(spells_ended) as spells_ended,
        sum(month_ends) as mean_workers,
        1 as turnover_spells
    from spells_of_years
    group by organisation, worker_id, started_on, post, municipality, team, year, profession
),

{{ roll_up(worker_spell) }},

post_of_year_rows as (
    select
        organisation,
        worker_id,
        started_on,
        post,
        concat_ws('|', worker_id, started_on, post) as unit,
        municipality,
        team,
        year,
        profession,
        1 as post_states
    from worker_spell_rows
),

{{ roll_up(post_of_year) }},

{{ indicator_rows(grains, population=true) }}
