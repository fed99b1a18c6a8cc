{#
  What still waits for its end: a quantile of days tells only of waits that have ended, so those that
  go on, often the longest, stand here beside it. Areas and periods are those of the quantile: where
  the organisation covers the period in the feed of the indicator.
#}
with first_contacts as (
    {{ first_contacts() }}
),

waits as (
    select
        'process.days_to_start' as indicator,
        'assessments' as base_feed,
        organisation,
        client_id,
        initiated_on as began_on,
        started_on as ended_on
    from {{ ref('fct_assessment') }}
    union all
    select
        'process.days_to_completion' as indicator,
        'assessments' as base_feed,
        organisation,
        client_id,
        started_on as began_on,
        completed_on as ended_on
    from {{ ref('fct_assessment') }}
    where started_on is not null
    union all
    -- A relationship that ended without a contact waits for none any more.
    select
        'process.days_to_first_contact' as indicator,
        'contacts' as base_feed,
        organisation,
        client_id,
        started_on as began_on,
        least(occurred_on, ended_on + 1) as ended_on
    from first_contacts
),

coverage as (
    {{ covered_periods() }}
    where covered.period_type <> 'rolling_year'
),

days as (
    select distinct
        base_feed,
        organisation,
        last_day
    from coverage
),

-- A relationship is known to wait for its first contact only where every day of it is covered.
open_by_place as (
    select
        waits.indicator,
        waits.base_feed,
        waits.organisation,
        clients.municipality,
        clients.team,
        days.last_day,
        count(*) as open_waits,
        max(days.last_day - waits.began_on) as longest_days
    from waits
    inner join days
        on
            waits.base_feed = days.base_feed
            and waits.organisation = days.organisation
            and waits.began_on <= days.last_day
            and coalesce(waits.ended_on > days.last_day, true)
    {{ client_on('waits', 'days.last_day') }}
    where
        waits.indicator <> 'process.days_to_first_contact'
        or exists (
            select 1
            from {{ ref('int_covered_stretch') }} as stretches
            where
                stretches.organisation = waits.organisation
                and stretches.feed = 'contacts'
                and waits.began_on >= stretches.first_day
                and days.last_day <= stretches.last_day
        )
    group by
        waits.indicator,
        waits.base_feed,
        waits.organisation,
        clients.municipality,
        clients.team,
        days.last_day
),

areas as (
    select
        open_by_place.indicator,
        {{ area_names('open_by_place') }},
        coverage.period_type,
        coverage.period,
        cast(sum(open_by_place.open_waits) as bigint) as open_waits,
        max(open_by_place.longest_days) as longest_days
    from open_by_place
    inner join coverage
        on
            open_by_place.base_feed = coverage.base_feed
            and open_by_place.organisation = coverage.organisation
            and open_by_place.last_day = coverage.last_day
    group by {{ area_sets(
        ['open_by_place.indicator', 'coverage.period_type', 'coverage.period'],
        'open_by_place'
    ) }}
)

select *
from areas
where area is not null
order by indicator, area_type, area, period_type, period
