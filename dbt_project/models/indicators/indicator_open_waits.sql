{#
  What still waits for its end: a quantile of days tells only of waits that have ended, so those that
  go on, often the longest, stand here beside it. Areas and periods are those of the quantile: where
  the organisation covers the period in the feed of the indicator.
#}
with waits as (
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
    select
        'process.days_to_first_contact' as indicator,
        'contacts' as base_feed,
        relationships.organisation,
        relationships.client_id,
        relationships.started_on as began_on,
        min(contacts.occurred_on) as ended_on
    from {{ ref('dim_client') }} as relationships
    left join {{ ref('fct_contact') }} as contacts
        on
            relationships.organisation = contacts.organisation
            and relationships.client_id = contacts.client_id
            and relationships.started_on <= contacts.occurred_on
    group by relationships.organisation, relationships.client_id, relationships.started_on
),

-- A relationship that ended without a contact waits for none any more.
closed as (
    select
        waits.* exclude (ended_on),
        case
            when waits.indicator <> 'process.days_to_first_contact' then waits.ended_on
            else least(waits.ended_on, relationships.ended_on + 1)
        end as ended_on
    from waits
    left join {{ ref('dim_client') }} as relationships
        on
            waits.organisation = relationships.organisation
            and waits.client_id = relationships.client_id
),

coverage as (
    select
        covered.feed as base_feed,
        covered.organisation,
        organisations.welfare_area,
        covered.period_type,
        covered.period,
        periods.last_day
    from {{ ref('fct_coverage') }} as covered
    inner join {{ ref('dim_period') }} as periods
        on
            covered.period_type = periods.period_type
            and covered.period = periods.period
    inner join {{ ref('dim_organisation') }} as organisations
        on covered.organisation = organisations.organisation
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
        closed.indicator,
        closed.base_feed,
        closed.organisation,
        clients.municipality,
        clients.team,
        days.last_day,
        count(*) as open_waits,
        max(days.last_day - closed.began_on) as longest_days
    from closed
    inner join days
        on
            closed.base_feed = days.base_feed
            and closed.organisation = days.organisation
            and closed.began_on <= days.last_day
            and coalesce(closed.ended_on > days.last_day, true)
    {{ client_on('closed', 'days.last_day') }}
    where
        closed.indicator <> 'process.days_to_first_contact'
        or exists (
            select 1
            from {{ ref('int_covered_stretch') }} as stretches
            where
                stretches.organisation = closed.organisation
                and stretches.feed = 'contacts'
                and closed.began_on >= stretches.first_day
                and days.last_day <= stretches.last_day
        )
    group by
        closed.indicator,
        closed.base_feed,
        closed.organisation,
        clients.municipality,
        clients.team,
        days.last_day
),

open_by_period as (
    select
        counted.indicator,
        counted.organisation,
        coverage.welfare_area,
        counted.municipality,
        counted.team,
        coverage.period_type,
        coverage.period,
        counted.open_waits,
        counted.longest_days
    from open_by_place as counted
    inner join coverage
        on
            counted.base_feed = coverage.base_feed
            and counted.organisation = coverage.organisation
            and counted.last_day = coverage.last_day
),

areas as (
    select
        indicator,
        case
            when grouping(team) = 0 then 'team'
            when grouping(organisation) = 0 then 'organisation'
            when grouping(welfare_area) = 0 then 'welfare_area'
            when grouping(municipality) = 0 then 'municipality'
            else 'country'
        end as area_type,
        case
            when grouping(team) = 0 then organisation || ':' || team
            when grouping(organisation) = 0 then organisation
            when grouping(welfare_area) = 0 then welfare_area
            when grouping(municipality) = 0 then municipality
            else 'FI'
        end as area,
        period_type,
        period,
        cast(sum(open_waits) as bigint) as open_waits,
        max(longest_days) as longest_days
    from open_by_period
    group by grouping sets (
        (indicator, period_type, period, organisation, team),
        (indicator, period_type, period, organisation),
        (indicator, period_type, period, welfare_area),
        (indicator, period_type, period, municipality),
        (indicator, period_type, period)
    )
)

select *
from areas
where area is not null
order by indicator, area_type, area, period_type, period
