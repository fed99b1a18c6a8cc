





with
declared as (
    select
        declarations.indicator,
        declarations.kind,
        declarations.base_feed,
        declarations.numerator,
        regexp_replace(declarations.numerator, '_people$', '') as numerator_measure,
        declarations.multiplier,
        declarations.divisor,
        -- An empty cell of a seed is null in a build and an empty text in a unit test.
        nullif(declarations.denominator, '') as denominator,
        nullif(declarations.complement, '') as complement,
        nullif(declarations.persons, '') as persons,
        declarations.events,
        declarations.breakdown_rule,
        declarations.parts_disjoint,
        declarations.areas,
        declarations.period_types,
        breakdowns.breakdown
    from "codes"."indicator_declarations" as declarations
    inner join (
        values
        ('none'),
        ('nature'),
        ('topic')
    ) as breakdowns (breakdown)
        on
            (breakdowns.breakdown = 'none' and declarations.breakdown_rule = 'within')
            or position('|' || breakdowns.breakdown || '|' in '|' || coalesce(declarations.breakdowns, '') || '|') > 0
    where
        declarations.numerator in (
            'visits',
            'persons_contacted',
            'visits_with_any_topic',
            'visits_economy_only',
            'visits_with_other_topics',
            'visits_with_economic_topic',
            'visits_without_economic_topic',
            'visits_with_four_topics',
            'visits_with_fewer_topics',
            'visits_with_feeling',
            'feeling_points',
            'visits_people',
            'persons_contacted_people',
            'visits_with_any_topic_people',
            'visits_economy_only_people',
            'visits_with_other_topics_people',
            'visits_with_economic_topic_people',
            'visits_without_economic_topic_people',
            'visits_with_four_topics_people',
            'visits_with_fewer_topics_people',
            'visits_with_feeling_people',
            'feeling_points_people',
            'visits_with_topic',
            'visits_with_topic_people'
        )
        and declarations.indicator like '%'
),

periods_asked as (
    select distinct
        base_feed,
        unnest(string_split(period_types, '|')) as period_type
    from declared
),

coverage as (
    select
        covered.feed as base_feed,
        covered.organisation,
        organisations.welfare_area,
        covered.period_type,
        covered.period,
        periods.first_day,
        periods.last_day
    from "marts"."fct_coverage" as covered
    inner join "marts"."dim_period" as periods
        on
            covered.period_type = periods.period_type
            and covered.period = periods.period
    inner join "marts"."dim_organisation" as organisations
        on covered.organisation = organisations.organisation
    inner join periods_asked
        on
            covered.feed = periods_asked.base_feed
            and covered.period_type = periods_asked.period_type
),

rolling_years as (
    select distinct
        organisation,
        strftime(first_day, '%Y-%m') as first_month,
        period
    from coverage
    where period_type = 'rolling_year'
),

outreach_visit_rows as (
    select
        organisation,
        visit_id,
        visit_id as unit,
        municipality,
        team,
        month,
        nature,
        1 as visits,
        persons_contacted,
        case when topic_count > 0 then 1 else 0 end as visits_with_any_topic,
        -- Each part of the visits with a topic, and what it leaves of them.
        case when is_economy_only then 1 else 0 end as visits_economy_only,
        case when topic_count > 0 and not is_economy_only then 1 else 0 end
            as visits_with_other_topics,
        case when has_economic_topic then 1 else 0 end as visits_with_economic_topic,
        case when topic_count > 0 and not has_economic_topic then 1 else 0 end
            as visits_without_economic_topic,
        case when topic_count >= 4 then 1 else 0 end as visits_with_four_topics,
        case when topic_count between 1 and 4 - 1 then 1 else 0 end
            as visits_with_fewer_topics,
        case when feeling is not null then 1 else 0 end as visits_with_feeling,
        coalesce(feeling, 0) as feeling_points
    from "marts"."fct_outreach_visit"
),

/* grain: {"dims": ["nature"], "feed": "outreach", "feeds": ["outreach", "population"], "heads": "persons_contacted", "key": ["visit_id"], "measures": ["visits", "persons_contacted", "visits_with_any_topic", "visits_economy_only", "visits_with_other_topics", "visits_with_economic_topic", "visits_without_economic_topic", "visits_with_four_topics", "visits_with_fewer_topics", "visits_with_feeling", "feeling_points"], "name": "outreach_visit", "people": "unit", "repeats": false, "time": "month"} */
outreach_visit_cells as (
    select
        outreach_visit_rows.organisation,
        outreach_visit_rows.municipality,
        outreach_visit_rows.team,
        outreach_visit_rows.month,
        outreach_visit_rows.nature,
        sum(cast(outreach_visit_rows.visits as double)) as visits,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits <> 0
        ), 0) as visits_people,
        sum(cast(outreach_visit_rows.persons_contacted as double)) as persons_contacted,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.persons_contacted <> 0
        ), 0) as persons_contacted_people,
        sum(cast(outreach_visit_rows.visits_with_any_topic as double)) as visits_with_any_topic,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_any_topic <> 0
        ), 0) as visits_with_any_topic_people,
        sum(cast(outreach_visit_rows.visits_economy_only as double)) as visits_economy_only,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_economy_only <> 0
        ), 0) as visits_economy_only_people,
        sum(cast(outreach_visit_rows.visits_with_other_topics as double)) as visits_with_other_topics,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_other_topics <> 0
        ), 0) as visits_with_other_topics_people,
        sum(cast(outreach_visit_rows.visits_with_economic_topic as double)) as visits_with_economic_topic,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_economic_topic <> 0
        ), 0) as visits_with_economic_topic_people,
        sum(cast(outreach_visit_rows.visits_without_economic_topic as double)) as visits_without_economic_topic,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_without_economic_topic <> 0
        ), 0) as visits_without_economic_topic_people,
        sum(cast(outreach_visit_rows.visits_with_four_topics as double)) as visits_with_four_topics,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_four_topics <> 0
        ), 0) as visits_with_four_topics_people,
        sum(cast(outreach_visit_rows.visits_with_fewer_topics as double)) as visits_with_fewer_topics,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_fewer_topics <> 0
        ), 0) as visits_with_fewer_topics_people,
        sum(cast(outreach_visit_rows.visits_with_feeling as double)) as visits_with_feeling,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.visits_with_feeling <> 0
        ), 0) as visits_with_feeling_people,
        sum(cast(outreach_visit_rows.feeling_points as double)) as feeling_points,
        coalesce(sum(outreach_visit_rows.persons_contacted) filter (
            where outreach_visit_rows.feeling_points <> 0
        ), 0) as feeling_points_people
    from outreach_visit_rows
    group by
        outreach_visit_rows.organisation,
        outreach_visit_rows.municipality,
        outreach_visit_rows.team,
        outreach_visit_rows.month,
        outreach_visit_rows.nature
),

outreach_visit_spread as (
    select
        organisation,
        municipality,
        team,
        case
            when grouping(month) = 0 then 'month'
            when grouping(quarter) = 0 then 'quarter'
            else 'year'
        end as period_type,
        case
            when grouping(month) = 0 then month
            when grouping(quarter) = 0 then quarter
            else year
        end as period,
        case
            when grouping(nature) = 0 then 'nature'
            else 'none'
        end as breakdown,
        case
            when grouping(nature) = 0 then nature
            else 'all'
        end as breakdown_value,
        sum(visits) as visits,
        sum(visits_people) as visits_people,
        sum(persons_contacted) as persons_contacted,
        sum(persons_contacted_people) as persons_contacted_people,
        sum(visits_with_any_topic) as visits_with_any_topic,
        sum(visits_with_any_topic_people) as visits_with_any_topic_people,
        sum(visits_economy_only) as visits_economy_only,
        sum(visits_economy_only_people) as visits_economy_only_people,
        sum(visits_with_other_topics) as visits_with_other_topics,
        sum(visits_with_other_topics_people) as visits_with_other_topics_people,
        sum(visits_with_economic_topic) as visits_with_economic_topic,
        sum(visits_with_economic_topic_people) as visits_with_economic_topic_people,
        sum(visits_without_economic_topic) as visits_without_economic_topic,
        sum(visits_without_economic_topic_people) as visits_without_economic_topic_people,
        sum(visits_with_four_topics) as visits_with_four_topics,
        sum(visits_with_four_topics_people) as visits_with_four_topics_people,
        sum(visits_with_fewer_topics) as visits_with_fewer_topics,
        sum(visits_with_fewer_topics_people) as visits_with_fewer_topics_people,
        sum(visits_with_feeling) as visits_with_feeling,
        sum(visits_with_feeling_people) as visits_with_feeling_people,
        sum(feeling_points) as feeling_points,
        sum(feeling_points_people) as feeling_points_people
    from (
        select
            *,
            left(month, 5) || 'Q' || (cast(right(month, 2) as integer) + 2) // 3 as quarter,
            left(month, 4) as year
        from outreach_visit_cells
    ) as outreach_visit_cells
    group by grouping sets (
        (organisation, municipality, team, month),
        (organisation, municipality, team, month, nature),
        (organisation, municipality, team, quarter),
        (organisation, municipality, team, quarter, nature),
        (organisation, municipality, team, year),
        (organisation, municipality, team, year, nature)
    )
),

outreach_visit_rolling as (
    select
        months.organisation,
        months.municipality,
        months.team,
        'rolling_year' as period_type,
        rolling.period,
        months.breakdown,
        months.breakdown_value,
        sum(months.visits) as visits,
        0 as visits_people,
        sum(months.persons_contacted) as persons_contacted,
        0 as persons_contacted_people,
        sum(months.visits_with_any_topic) as visits_with_any_topic,
        0 as visits_with_any_topic_people,
        sum(months.visits_economy_only) as visits_economy_only,
        0 as visits_economy_only_people,
        sum(months.visits_with_other_topics) as visits_with_other_topics,
        0 as visits_with_other_topics_people,
        sum(months.visits_with_economic_topic) as visits_with_economic_topic,
        0 as visits_with_economic_topic_people,
        sum(months.visits_without_economic_topic) as visits_without_economic_topic,
        0 as visits_without_economic_topic_people,
        sum(months.visits_with_four_topics) as visits_with_four_topics,
        0 as visits_with_four_topics_people,
        sum(months.visits_with_fewer_topics) as visits_with_fewer_topics,
        0 as visits_with_fewer_topics_people,
        sum(months.visits_with_feeling) as visits_with_feeling,
        0 as visits_with_feeling_people,
        sum(months.feeling_points) as feeling_points,
        0 as feeling_points_people
    from outreach_visit_spread as months
    inner join rolling_years as rolling
        on
            months.organisation = rolling.organisation
            and months.period between rolling.first_month and rolling.period
    where
        months.period_type = 'month'
        and months.breakdown_value is not null
    group by
        months.organisation,
        months.municipality,
        months.team,
        rolling.period,
        months.breakdown,
        months.breakdown_value
),

outreach_visit_places as (
    select *
    from outreach_visit_spread
    where breakdown_value is not null
    union all
    select *
    from outreach_visit_rolling
),

outreach_visit_areas as (
    select
        coverage.base_feed,
        case
            when grouping(outreach_visit_places.team) = 0 then 'team'
            when grouping(coverage.organisation) = 0 then 'organisation'
            when grouping(coverage.welfare_area) = 0 then 'welfare_area'
            when grouping(outreach_visit_places.municipality) = 0 then 'municipality'
            else 'country'
        end as area_type,
        case
            -- A team is one organisation's: two that call theirs by one name have two.
            when grouping(outreach_visit_places.team) = 0
                then coverage.organisation || ':' || outreach_visit_places.team
            when grouping(coverage.organisation) = 0 then coverage.organisation
            when grouping(coverage.welfare_area) = 0 then coverage.welfare_area
            when grouping(outreach_visit_places.municipality) = 0 then outreach_visit_places.municipality
            else 'FI'
        end as area,
        coverage.period_type,
        coverage.period,
        outreach_visit_places.breakdown,
        outreach_visit_places.breakdown_value,
        sum(outreach_visit_places.visits) as visits,
        sum(outreach_visit_places.visits_people) as visits_people,
        sum(outreach_visit_places.persons_contacted) as persons_contacted,
        sum(outreach_visit_places.persons_contacted_people) as persons_contacted_people,
        sum(outreach_visit_places.visits_with_any_topic) as visits_with_any_topic,
        sum(outreach_visit_places.visits_with_any_topic_people) as visits_with_any_topic_people,
        sum(outreach_visit_places.visits_economy_only) as visits_economy_only,
        sum(outreach_visit_places.visits_economy_only_people) as visits_economy_only_people,
        sum(outreach_visit_places.visits_with_other_topics) as visits_with_other_topics,
        sum(outreach_visit_places.visits_with_other_topics_people) as visits_with_other_topics_people,
        sum(outreach_visit_places.visits_with_economic_topic) as visits_with_economic_topic,
        sum(outreach_visit_places.visits_with_economic_topic_people) as visits_with_economic_topic_people,
        sum(outreach_visit_places.visits_without_economic_topic) as visits_without_economic_topic,
        sum(outreach_visit_places.visits_without_economic_topic_people) as visits_without_economic_topic_people,
        sum(outreach_visit_places.visits_with_four_topics) as visits_with_four_topics,
        sum(outreach_visit_places.visits_with_four_topics_people) as visits_with_four_topics_people,
        sum(outreach_visit_places.visits_with_fewer_topics) as visits_with_fewer_topics,
        sum(outreach_visit_places.visits_with_fewer_topics_people) as visits_with_fewer_topics_people,
        sum(outreach_visit_places.visits_with_feeling) as visits_with_feeling,
        sum(outreach_visit_places.visits_with_feeling_people) as visits_with_feeling_people,
        sum(outreach_visit_places.feeling_points) as feeling_points,
        sum(outreach_visit_places.feeling_points_people) as feeling_points_people
    from outreach_visit_places
    inner join coverage
        on
            outreach_visit_places.organisation = coverage.organisation
            and outreach_visit_places.period_type = coverage.period_type
            and outreach_visit_places.period = coverage.period
    group by grouping sets (
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_visit_places.breakdown, outreach_visit_places.breakdown_value, coverage.organisation),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_visit_places.breakdown, outreach_visit_places.breakdown_value, coverage.welfare_area),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_visit_places.breakdown, outreach_visit_places.breakdown_value, outreach_visit_places.municipality),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_visit_places.breakdown, outreach_visit_places.breakdown_value, coverage.organisation, outreach_visit_places.team),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_visit_places.breakdown, outreach_visit_places.breakdown_value)
    )
),

outreach_visit_values as (
    select *
    from outreach_visit_areas
    where area is not null
),

outreach_topic_rows as (
    select
        visits.organisation,
        visits.visit_id,
        visits.visit_id as unit,
        visits.municipality,
        visits.team,
        visits.month,
        topics.topic,
        visits.persons_contacted,
        1 as visits_with_topic
    from "marts"."fct_outreach_topic" as topics
    inner join "marts"."fct_outreach_visit" as visits
        on
            topics.organisation = visits.organisation
            and topics.visit_id = visits.visit_id
),

/* grain: {"dims": ["topic"], "feed": "outreach", "feeds": ["outreach", "population"], "heads": "persons_contacted", "key": ["visit_id"], "measures": ["visits_with_topic"], "name": "outreach_topic", "people": "unit", "repeats": false, "time": "month", "undivided": false} */
outreach_topic_cells as (
    select
        outreach_topic_rows.organisation,
        outreach_topic_rows.municipality,
        outreach_topic_rows.team,
        outreach_topic_rows.month,
        outreach_topic_rows.topic,
        sum(cast(outreach_topic_rows.visits_with_topic as double)) as visits_with_topic,
        coalesce(sum(outreach_topic_rows.persons_contacted) filter (
            where outreach_topic_rows.visits_with_topic <> 0
        ), 0) as visits_with_topic_people
    from outreach_topic_rows
    group by
        outreach_topic_rows.organisation,
        outreach_topic_rows.municipality,
        outreach_topic_rows.team,
        outreach_topic_rows.month,
        outreach_topic_rows.topic
),

outreach_topic_spread as (
    select
        organisation,
        municipality,
        team,
        case
            when grouping(month) = 0 then 'month'
            when grouping(quarter) = 0 then 'quarter'
            else 'year'
        end as period_type,
        case
            when grouping(month) = 0 then month
            when grouping(quarter) = 0 then quarter
            else year
        end as period,
        case
            when grouping(topic) = 0 then 'topic'
            else 'none'
        end as breakdown,
        case
            when grouping(topic) = 0 then topic
            else 'all'
        end as breakdown_value,
        sum(visits_with_topic) as visits_with_topic,
        sum(visits_with_topic_people) as visits_with_topic_people
    from (
        select
            *,
            left(month, 5) || 'Q' || (cast(right(month, 2) as integer) + 2) // 3 as quarter,
            left(month, 4) as year
        from outreach_topic_cells
    ) as outreach_topic_cells
    group by grouping sets (
        (organisation, municipality, team, month, topic),
        (organisation, municipality, team, quarter, topic),
        (organisation, municipality, team, year, topic)
    )
),

outreach_topic_rolling as (
    select
        months.organisation,
        months.municipality,
        months.team,
        'rolling_year' as period_type,
        rolling.period,
        months.breakdown,
        months.breakdown_value,
        sum(months.visits_with_topic) as visits_with_topic,
        0 as visits_with_topic_people
    from outreach_topic_spread as months
    inner join rolling_years as rolling
        on
            months.organisation = rolling.organisation
            and months.period between rolling.first_month and rolling.period
    where
        months.period_type = 'month'
        and months.breakdown_value is not null
    group by
        months.organisation,
        months.municipality,
        months.team,
        rolling.period,
        months.breakdown,
        months.breakdown_value
),

outreach_topic_places as (
    select *
    from outreach_topic_spread
    where breakdown_value is not null
    union all
    select *
    from outreach_topic_rolling
),

outreach_topic_areas as (
    select
        coverage.base_feed,
        case
            when grouping(outreach_topic_places.team) = 0 then 'team'
            when grouping(coverage.organisation) = 0 then 'organisation'
            when grouping(coverage.welfare_area) = 0 then 'welfare_area'
            when grouping(outreach_topic_places.municipality) = 0 then 'municipality'
            else 'country'
        end as area_type,
        case
            -- A team is one organisation's: two that call theirs by one name have two.
            when grouping(outreach_topic_places.team) = 0
                then coverage.organisation || ':' || outreach_topic_places.team
            when grouping(coverage.organisation) = 0 then coverage.organisation
            when grouping(coverage.welfare_area) = 0 then coverage.welfare_area
            when grouping(outreach_topic_places.municipality) = 0 then outreach_topic_places.municipality
            else 'FI'
        end as area,
        coverage.period_type,
        coverage.period,
        outreach_topic_places.breakdown,
        outreach_topic_places.breakdown_value,
        sum(outreach_topic_places.visits_with_topic) as visits_with_topic,
        sum(outreach_topic_places.visits_with_topic_people) as visits_with_topic_people
    from outreach_topic_places
    inner join coverage
        on
            outreach_topic_places.organisation = coverage.organisation
            and outreach_topic_places.period_type = coverage.period_type
            and outreach_topic_places.period = coverage.period
    group by grouping sets (
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_topic_places.breakdown, outreach_topic_places.breakdown_value, coverage.organisation),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_topic_places.breakdown, outreach_topic_places.breakdown_value, coverage.welfare_area),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_topic_places.breakdown, outreach_topic_places.breakdown_value, outreach_topic_places.municipality),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_topic_places.breakdown, outreach_topic_places.breakdown_value, coverage.organisation, outreach_topic_places.team),
        (coverage.base_feed, coverage.period_type, coverage.period, outreach_topic_places.breakdown, outreach_topic_places.breakdown_value)
    )
),

outreach_topic_values as (
    select *
    from outreach_topic_areas
    where area is not null
),



-- Zero is not missing: where an organisation covers the period there is a cell, with rows or without.
covered_areas as (
    select
        base_feed,
        case
            when grouping(coverage.organisation) = 0 then 'organisation'
            when grouping(coverage.welfare_area) = 0 then 'welfare_area'
            else 'country'
        end as area_type,
        case
            when grouping(coverage.organisation) = 0 then coverage.organisation
            when grouping(coverage.welfare_area) = 0 then coverage.welfare_area
            else 'FI'
        end as area,
        period_type,
        period
    from coverage
    group by grouping sets (
        (base_feed, period_type, period, coverage.organisation),
        (base_feed, period_type, period, coverage.welfare_area),
        (base_feed, period_type, period)
    )
),

organisations_in_force as (
    select
        feeds.base_feed,
        periods.period_type,
        periods.period,
        organisations.welfare_area,
        organisations.organisation
    from "marts"."dim_period" as periods
    inner join "marts"."dim_organisation" as organisations
        on
            organisations.welfare_area is not null
            and coalesce(organisations.valid_from <= periods.last_day, true)
            and coalesce(organisations.valid_to >= periods.first_day, true)
    cross join (select distinct base_feed from declared) as feeds
),

wholly_covered_areas as (
    select
        in_force.base_feed,
        in_force.period_type,
        in_force.period,
        in_force.welfare_area
    from organisations_in_force as in_force
    left join coverage
        on
            in_force.base_feed = coverage.base_feed
            and in_force.organisation = coverage.organisation
            and in_force.period_type = coverage.period_type
            and in_force.period = coverage.period
    group by
        in_force.base_feed,
        in_force.period_type,
        in_force.period,
        in_force.welfare_area
    having count(*) = count(coverage.organisation)
),

areas_where_none_is_none as (
    select *
    from covered_areas
    union all
    select
        wholly_covered_areas.base_feed,
        populations.area_type,
        populations.area,
        wholly_covered_areas.period_type,
        wholly_covered_areas.period
    from wholly_covered_areas
    inner join "intermediate"."int_population_area" as populations
        on
            populations.area_type = 'municipality'
            and wholly_covered_areas.welfare_area = populations.welfare_area
            and left(wholly_covered_areas.period, 4) = populations.year
),

measured as (
    select
        base_feed,
        area_type,
        area,
        period_type,
        period,
        'none' as breakdown,
        'all' as breakdown_value,
        true as none_is_none,
        0 as visits,
        0 as visits_people,
        0 as persons_contacted,
        0 as persons_contacted_people,
        0 as visits_with_any_topic,
        0 as visits_with_any_topic_people,
        0 as visits_economy_only,
        0 as visits_economy_only_people,
        0 as visits_with_other_topics,
        0 as visits_with_other_topics_people,
        0 as visits_with_economic_topic,
        0 as visits_with_economic_topic_people,
        0 as visits_without_economic_topic,
        0 as visits_without_economic_topic_people,
        0 as visits_with_four_topics,
        0 as visits_with_four_topics_people,
        0 as visits_with_fewer_topics,
        0 as visits_with_fewer_topics_people,
        0 as visits_with_feeling,
        0 as visits_with_feeling_people,
        0 as feeling_points,
        0 as feeling_points_people,
        0 as visits_with_topic,
        0 as visits_with_topic_people
    from areas_where_none_is_none
    where area is not null
    union all
    select
        base_feed,
        area_type,
        area,
        period_type,
        period,
        breakdown,
        breakdown_value,
        false as none_is_none,
        visits,
        visits_people,
        persons_contacted,
        persons_contacted_people,
        visits_with_any_topic,
        visits_with_any_topic_people,
        visits_economy_only,
        visits_economy_only_people,
        visits_with_other_topics,
        visits_with_other_topics_people,
        visits_with_economic_topic,
        visits_with_economic_topic_people,
        visits_without_economic_topic,
        visits_without_economic_topic_people,
        visits_with_four_topics,
        visits_with_four_topics_people,
        visits_with_fewer_topics,
        visits_with_fewer_topics_people,
        visits_with_feeling,
        visits_with_feeling_people,
        feeling_points,
        feeling_points_people,
        0,
        0
    from outreach_visit_values
    union all
    select
        base_feed,
        area_type,
        area,
        period_type,
        period,
        breakdown,
        breakdown_value,
        false as none_is_none,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        visits_with_topic,
        visits_with_topic_people
    from outreach_topic_values
),

cells as (
    select
        measured.base_feed,
        measured.area_type,
        measured.area,
        measured.period_type,
        measured.period,
        measured.breakdown,
        measured.breakdown_value,
        max(populations.population) as population,
        bool_or(measured.none_is_none) as none_is_none,
        cast(sum(measured.visits) as double) as visits,
        cast(sum(measured.visits_people) as bigint) as visits_people,
        cast(sum(measured.persons_contacted) as double) as persons_contacted,
        cast(sum(measured.persons_contacted_people) as bigint) as persons_contacted_people,
        cast(sum(measured.visits_with_any_topic) as double) as visits_with_any_topic,
        cast(sum(measured.visits_with_any_topic_people) as bigint) as visits_with_any_topic_people,
        cast(sum(measured.visits_economy_only) as double) as visits_economy_only,
        cast(sum(measured.visits_economy_only_people) as bigint) as visits_economy_only_people,
        cast(sum(measured.visits_with_other_topics) as double) as visits_with_other_topics,
        cast(sum(measured.visits_with_other_topics_people) as bigint) as visits_with_other_topics_people,
        cast(sum(measured.visits_with_economic_topic) as double) as visits_with_economic_topic,
        cast(sum(measured.visits_with_economic_topic_people) as bigint) as visits_with_economic_topic_people,
        cast(sum(measured.visits_without_economic_topic) as double) as visits_without_economic_topic,
        cast(sum(measured.visits_without_economic_topic_people) as bigint) as visits_without_economic_topic_people,
        cast(sum(measured.visits_with_four_topics) as double) as visits_with_four_topics,
        cast(sum(measured.visits_with_four_topics_people) as bigint) as visits_with_four_topics_people,
        cast(sum(measured.visits_with_fewer_topics) as double) as visits_with_fewer_topics,
        cast(sum(measured.visits_with_fewer_topics_people) as bigint) as visits_with_fewer_topics_people,
        cast(sum(measured.visits_with_feeling) as double) as visits_with_feeling,
        cast(sum(measured.visits_with_feeling_people) as bigint) as visits_with_feeling_people,
        cast(sum(measured.feeling_points) as double) as feeling_points,
        cast(sum(measured.feeling_points_people) as bigint) as feeling_points_people,
        cast(sum(measured.visits_with_topic) as double) as visits_with_topic,
        cast(sum(measured.visits_with_topic_people) as bigint) as visits_with_topic_people
    from measured
    left join "intermediate"."int_population_area" as populations
        on
            measured.area_type = populations.area_type
            and measured.area = populations.area
            and left(measured.period, 4) = populations.year
    group by
        measured.base_feed,
        measured.area_type,
        measured.area,
        measured.period_type,
        measured.period,
        measured.breakdown,
        measured.breakdown_value
),

undivided as (
    select *
    from cells
    where breakdown = 'none'
),

shares as (
    
    select
        declared.indicator,
        declared.kind,
        declared.breakdown_rule,
        declared.complement,
        declared.parts_disjoint,
        declared.numerator_measure,
        cells.area_type,
        cells.area,
        cells.period_type,
        cells.period,
        cells.breakdown,
        cells.breakdown_value,
        case
            when declared.numerator is null then null
            when declared.numerator = 'visits' then cells.visits
            when declared.numerator = 'persons_contacted' then cells.persons_contacted
            when declared.numerator = 'visits_with_any_topic' then cells.visits_with_any_topic
            when declared.numerator = 'visits_economy_only' then cells.visits_economy_only
            when declared.numerator = 'visits_with_other_topics' then cells.visits_with_other_topics
            when declared.numerator = 'visits_with_economic_topic' then cells.visits_with_economic_topic
            when declared.numerator = 'visits_without_economic_topic' then cells.visits_without_economic_topic
            when declared.numerator = 'visits_with_four_topics' then cells.visits_with_four_topics
            when declared.numerator = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics
            when declared.numerator = 'visits_with_feeling' then cells.visits_with_feeling
            when declared.numerator = 'feeling_points' then cells.feeling_points
            when declared.numerator = 'visits_with_topic' then cells.visits_with_topic
            when declared.numerator = 'population' then cells.population
            when declared.numerator = 'visits_people' then cells.visits_people
            when declared.numerator = 'persons_contacted_people' then cells.persons_contacted_people
            when declared.numerator = 'visits_with_any_topic_people' then cells.visits_with_any_topic_people
            when declared.numerator = 'visits_economy_only_people' then cells.visits_economy_only_people
            when declared.numerator = 'visits_with_other_topics_people' then cells.visits_with_other_topics_people
            when declared.numerator = 'visits_with_economic_topic_people' then cells.visits_with_economic_topic_people
            when declared.numerator = 'visits_without_economic_topic_people' then cells.visits_without_economic_topic_people
            when declared.numerator = 'visits_with_four_topics_people' then cells.visits_with_four_topics_people
            when declared.numerator = 'visits_with_fewer_topics_people' then cells.visits_with_fewer_topics_people
            when declared.numerator = 'visits_with_feeling_people' then cells.visits_with_feeling_people
            when declared.numerator = 'feeling_points_people' then cells.feeling_points_people
            when declared.numerator = 'visits_with_topic_people' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.numerator)
        end
        * declared.multiplier / declared.divisor as numerator,
        case
            when declared.denominator is null then null
            when declared.denominator = 'visits' then cells.visits
            when declared.denominator = 'persons_contacted' then cells.persons_contacted
            when declared.denominator = 'visits_with_any_topic' then cells.visits_with_any_topic
            when declared.denominator = 'visits_economy_only' then cells.visits_economy_only
            when declared.denominator = 'visits_with_other_topics' then cells.visits_with_other_topics
            when declared.denominator = 'visits_with_economic_topic' then cells.visits_with_economic_topic
            when declared.denominator = 'visits_without_economic_topic' then cells.visits_without_economic_topic
            when declared.denominator = 'visits_with_four_topics' then cells.visits_with_four_topics
            when declared.denominator = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics
            when declared.denominator = 'visits_with_feeling' then cells.visits_with_feeling
            when declared.denominator = 'feeling_points' then cells.feeling_points
            when declared.denominator = 'visits_with_topic' then cells.visits_with_topic
            when declared.denominator = 'population' then cells.population
            when declared.denominator = 'visits_people' then cells.visits_people
            when declared.denominator = 'persons_contacted_people' then cells.persons_contacted_people
            when declared.denominator = 'visits_with_any_topic_people' then cells.visits_with_any_topic_people
            when declared.denominator = 'visits_economy_only_people' then cells.visits_economy_only_people
            when declared.denominator = 'visits_with_other_topics_people' then cells.visits_with_other_topics_people
            when declared.denominator = 'visits_with_economic_topic_people' then cells.visits_with_economic_topic_people
            when declared.denominator = 'visits_without_economic_topic_people' then cells.visits_without_economic_topic_people
            when declared.denominator = 'visits_with_four_topics_people' then cells.visits_with_four_topics_people
            when declared.denominator = 'visits_with_fewer_topics_people' then cells.visits_with_fewer_topics_people
            when declared.denominator = 'visits_with_feeling_people' then cells.visits_with_feeling_people
            when declared.denominator = 'feeling_points_people' then cells.feeling_points_people
            when declared.denominator = 'visits_with_topic_people' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.denominator)
        end as denominator,
        declared.denominator = 'population'
        and cells.area_type = 'municipality'
        and not cells.none_is_none as is_missing_at_0,
        -- The people of twelve months are not told: they are not those of each month together.
        case
            when cells.period_type <> 'rolling_year'
                then case
            when declared.persons is null then null
            when declared.persons = 'visits' then cells.visits_people
            when declared.persons = 'persons_contacted' then cells.persons_contacted_people
            when declared.persons = 'visits_with_any_topic' then cells.visits_with_any_topic_people
            when declared.persons = 'visits_economy_only' then cells.visits_economy_only_people
            when declared.persons = 'visits_with_other_topics' then cells.visits_with_other_topics_people
            when declared.persons = 'visits_with_economic_topic' then cells.visits_with_economic_topic_people
            when declared.persons = 'visits_without_economic_topic' then cells.visits_without_economic_topic_people
            when declared.persons = 'visits_with_four_topics' then cells.visits_with_four_topics_people
            when declared.persons = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics_people
            when declared.persons = 'visits_with_feeling' then cells.visits_with_feeling_people
            when declared.persons = 'feeling_points' then cells.feeling_points_people
            when declared.persons = 'visits_with_topic' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.persons)
        end
        end as persons,
        case
            when declared.events is null then null
            when declared.events = 'visits' then cells.visits
            when declared.events = 'persons_contacted' then cells.persons_contacted
            when declared.events = 'visits_with_any_topic' then cells.visits_with_any_topic
            when declared.events = 'visits_economy_only' then cells.visits_economy_only
            when declared.events = 'visits_with_other_topics' then cells.visits_with_other_topics
            when declared.events = 'visits_with_economic_topic' then cells.visits_with_economic_topic
            when declared.events = 'visits_without_economic_topic' then cells.visits_without_economic_topic
            when declared.events = 'visits_with_four_topics' then cells.visits_with_four_topics
            when declared.events = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics
            when declared.events = 'visits_with_feeling' then cells.visits_with_feeling
            when declared.events = 'feeling_points' then cells.feeling_points
            when declared.events = 'visits_with_topic' then cells.visits_with_topic
            else error('no grain of this model has the measure ' || declared.events)
        end as events,
        case
            when declared.persons is not null and cells.period_type <> 'rolling_year'
                then case
            when declared.numerator_measure is null then null
            when declared.numerator_measure = 'visits' then cells.visits_people
            when declared.numerator_measure = 'persons_contacted' then cells.persons_contacted_people
            when declared.numerator_measure = 'visits_with_any_topic' then cells.visits_with_any_topic_people
            when declared.numerator_measure = 'visits_economy_only' then cells.visits_economy_only_people
            when declared.numerator_measure = 'visits_with_other_topics' then cells.visits_with_other_topics_people
            when declared.numerator_measure = 'visits_with_economic_topic' then cells.visits_with_economic_topic_people
            when declared.numerator_measure = 'visits_without_economic_topic' then cells.visits_without_economic_topic_people
            when declared.numerator_measure = 'visits_with_four_topics' then cells.visits_with_four_topics_people
            when declared.numerator_measure = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics_people
            when declared.numerator_measure = 'visits_with_feeling' then cells.visits_with_feeling_people
            when declared.numerator_measure = 'feeling_points' then cells.feeling_points_people
            when declared.numerator_measure = 'visits_with_topic' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.numerator_measure)
        end
        end as numerator_persons,
        case
            when cells.period_type <> 'rolling_year'
                then case
            when declared.complement is null then null
            when declared.complement = 'visits' then cells.visits_people
            when declared.complement = 'persons_contacted' then cells.persons_contacted_people
            when declared.complement = 'visits_with_any_topic' then cells.visits_with_any_topic_people
            when declared.complement = 'visits_economy_only' then cells.visits_economy_only_people
            when declared.complement = 'visits_with_other_topics' then cells.visits_with_other_topics_people
            when declared.complement = 'visits_with_economic_topic' then cells.visits_with_economic_topic_people
            when declared.complement = 'visits_without_economic_topic' then cells.visits_without_economic_topic_people
            when declared.complement = 'visits_with_four_topics' then cells.visits_with_four_topics_people
            when declared.complement = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics_people
            when declared.complement = 'visits_with_feeling' then cells.visits_with_feeling_people
            when declared.complement = 'feeling_points' then cells.feeling_points_people
            when declared.complement = 'visits_with_topic' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.complement)
        end
        end as complement_persons
    from cells
    inner join declared
        on
            cells.base_feed = declared.base_feed
            and cells.breakdown = declared.breakdown
            and position('|' || cells.area_type || '|' in '|' || coalesce(declared.areas, '') || '|') > 0
            and position('|' || cells.period_type || '|' in '|' || coalesce(declared.period_types, '') || '|') > 0
            and declared.breakdown_rule <> 'only'
            and declared.kind <> 'quantile'
    union all
    select
        declared.indicator,
        declared.kind,
        declared.breakdown_rule,
        declared.complement,
        declared.parts_disjoint,
        declared.numerator_measure,
        cells.area_type,
        cells.area,
        cells.period_type,
        cells.period,
        cells.breakdown,
        cells.breakdown_value,
        case
            when declared.numerator is null then null
            when declared.numerator = 'visits' then cells.visits
            when declared.numerator = 'persons_contacted' then cells.persons_contacted
            when declared.numerator = 'visits_with_any_topic' then cells.visits_with_any_topic
            when declared.numerator = 'visits_economy_only' then cells.visits_economy_only
            when declared.numerator = 'visits_with_other_topics' then cells.visits_with_other_topics
            when declared.numerator = 'visits_with_economic_topic' then cells.visits_with_economic_topic
            when declared.numerator = 'visits_without_economic_topic' then cells.visits_without_economic_topic
            when declared.numerator = 'visits_with_four_topics' then cells.visits_with_four_topics
            when declared.numerator = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics
            when declared.numerator = 'visits_with_feeling' then cells.visits_with_feeling
            when declared.numerator = 'feeling_points' then cells.feeling_points
            when declared.numerator = 'visits_with_topic' then cells.visits_with_topic
            when declared.numerator = 'population' then cells.population
            when declared.numerator = 'visits_people' then cells.visits_people
            when declared.numerator = 'persons_contacted_people' then cells.persons_contacted_people
            when declared.numerator = 'visits_with_any_topic_people' then cells.visits_with_any_topic_people
            when declared.numerator = 'visits_economy_only_people' then cells.visits_economy_only_people
            when declared.numerator = 'visits_with_other_topics_people' then cells.visits_with_other_topics_people
            when declared.numerator = 'visits_with_economic_topic_people' then cells.visits_with_economic_topic_people
            when declared.numerator = 'visits_without_economic_topic_people' then cells.visits_without_economic_topic_people
            when declared.numerator = 'visits_with_four_topics_people' then cells.visits_with_four_topics_people
            when declared.numerator = 'visits_with_fewer_topics_people' then cells.visits_with_fewer_topics_people
            when declared.numerator = 'visits_with_feeling_people' then cells.visits_with_feeling_people
            when declared.numerator = 'feeling_points_people' then cells.feeling_points_people
            when declared.numerator = 'visits_with_topic_people' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.numerator)
        end
        * declared.multiplier / declared.divisor as numerator,
        case
            when declared.denominator is null then null
            when declared.denominator = 'visits' then undivided.visits
            when declared.denominator = 'persons_contacted' then undivided.persons_contacted
            when declared.denominator = 'visits_with_any_topic' then undivided.visits_with_any_topic
            when declared.denominator = 'visits_economy_only' then undivided.visits_economy_only
            when declared.denominator = 'visits_with_other_topics' then undivided.visits_with_other_topics
            when declared.denominator = 'visits_with_economic_topic' then undivided.visits_with_economic_topic
            when declared.denominator = 'visits_without_economic_topic' then undivided.visits_without_economic_topic
            when declared.denominator = 'visits_with_four_topics' then undivided.visits_with_four_topics
            when declared.denominator = 'visits_with_fewer_topics' then undivided.visits_with_fewer_topics
            when declared.denominator = 'visits_with_feeling' then undivided.visits_with_feeling
            when declared.denominator = 'feeling_points' then undivided.feeling_points
            when declared.denominator = 'visits_with_topic' then undivided.visits_with_topic
            when declared.denominator = 'population' then undivided.population
            when declared.denominator = 'visits_people' then undivided.visits_people
            when declared.denominator = 'persons_contacted_people' then undivided.persons_contacted_people
            when declared.denominator = 'visits_with_any_topic_people' then undivided.visits_with_any_topic_people
            when declared.denominator = 'visits_economy_only_people' then undivided.visits_economy_only_people
            when declared.denominator = 'visits_with_other_topics_people' then undivided.visits_with_other_topics_people
            when declared.denominator = 'visits_with_economic_topic_people' then undivided.visits_with_economic_topic_people
            when declared.denominator = 'visits_without_economic_topic_people' then undivided.visits_without_economic_topic_people
            when declared.denominator = 'visits_with_four_topics_people' then undivided.visits_with_four_topics_people
            when declared.denominator = 'visits_with_fewer_topics_people' then undivided.visits_with_fewer_topics_people
            when declared.denominator = 'visits_with_feeling_people' then undivided.visits_with_feeling_people
            when declared.denominator = 'feeling_points_people' then undivided.feeling_points_people
            when declared.denominator = 'visits_with_topic_people' then undivided.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.denominator)
        end as denominator,
        declared.denominator = 'population'
        and cells.area_type = 'municipality'
        and not cells.none_is_none as is_missing_at_0,
        -- The people of twelve months are not told: they are not those of each month together.
        case
            when cells.period_type <> 'rolling_year'
                then case
            when declared.persons is null then null
            when declared.persons = 'visits' then undivided.visits_people
            when declared.persons = 'persons_contacted' then undivided.persons_contacted_people
            when declared.persons = 'visits_with_any_topic' then undivided.visits_with_any_topic_people
            when declared.persons = 'visits_economy_only' then undivided.visits_economy_only_people
            when declared.persons = 'visits_with_other_topics' then undivided.visits_with_other_topics_people
            when declared.persons = 'visits_with_economic_topic' then undivided.visits_with_economic_topic_people
            when declared.persons = 'visits_without_economic_topic' then undivided.visits_without_economic_topic_people
            when declared.persons = 'visits_with_four_topics' then undivided.visits_with_four_topics_people
            when declared.persons = 'visits_with_fewer_topics' then undivided.visits_with_fewer_topics_people
            when declared.persons = 'visits_with_feeling' then undivided.visits_with_feeling_people
            when declared.persons = 'feeling_points' then undivided.feeling_points_people
            when declared.persons = 'visits_with_topic' then undivided.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.persons)
        end
        end as persons,
        case
            when declared.events is null then null
            when declared.events = 'visits' then undivided.visits
            when declared.events = 'persons_contacted' then undivided.persons_contacted
            when declared.events = 'visits_with_any_topic' then undivided.visits_with_any_topic
            when declared.events = 'visits_economy_only' then undivided.visits_economy_only
            when declared.events = 'visits_with_other_topics' then undivided.visits_with_other_topics
            when declared.events = 'visits_with_economic_topic' then undivided.visits_with_economic_topic
            when declared.events = 'visits_without_economic_topic' then undivided.visits_without_economic_topic
            when declared.events = 'visits_with_four_topics' then undivided.visits_with_four_topics
            when declared.events = 'visits_with_fewer_topics' then undivided.visits_with_fewer_topics
            when declared.events = 'visits_with_feeling' then undivided.visits_with_feeling
            when declared.events = 'feeling_points' then undivided.feeling_points
            when declared.events = 'visits_with_topic' then undivided.visits_with_topic
            else error('no grain of this model has the measure ' || declared.events)
        end as events,
        case
            when declared.persons is not null and cells.period_type <> 'rolling_year'
                then case
            when declared.numerator_measure is null then null
            when declared.numerator_measure = 'visits' then cells.visits_people
            when declared.numerator_measure = 'persons_contacted' then cells.persons_contacted_people
            when declared.numerator_measure = 'visits_with_any_topic' then cells.visits_with_any_topic_people
            when declared.numerator_measure = 'visits_economy_only' then cells.visits_economy_only_people
            when declared.numerator_measure = 'visits_with_other_topics' then cells.visits_with_other_topics_people
            when declared.numerator_measure = 'visits_with_economic_topic' then cells.visits_with_economic_topic_people
            when declared.numerator_measure = 'visits_without_economic_topic' then cells.visits_without_economic_topic_people
            when declared.numerator_measure = 'visits_with_four_topics' then cells.visits_with_four_topics_people
            when declared.numerator_measure = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics_people
            when declared.numerator_measure = 'visits_with_feeling' then cells.visits_with_feeling_people
            when declared.numerator_measure = 'feeling_points' then cells.feeling_points_people
            when declared.numerator_measure = 'visits_with_topic' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.numerator_measure)
        end
        end as numerator_persons,
        case
            when cells.period_type <> 'rolling_year'
                then case
            when declared.complement is null then null
            when declared.complement = 'visits' then cells.visits_people
            when declared.complement = 'persons_contacted' then cells.persons_contacted_people
            when declared.complement = 'visits_with_any_topic' then cells.visits_with_any_topic_people
            when declared.complement = 'visits_economy_only' then cells.visits_economy_only_people
            when declared.complement = 'visits_with_other_topics' then cells.visits_with_other_topics_people
            when declared.complement = 'visits_with_economic_topic' then cells.visits_with_economic_topic_people
            when declared.complement = 'visits_without_economic_topic' then cells.visits_without_economic_topic_people
            when declared.complement = 'visits_with_four_topics' then cells.visits_with_four_topics_people
            when declared.complement = 'visits_with_fewer_topics' then cells.visits_with_fewer_topics_people
            when declared.complement = 'visits_with_feeling' then cells.visits_with_feeling_people
            when declared.complement = 'feeling_points' then cells.feeling_points_people
            when declared.complement = 'visits_with_topic' then cells.visits_with_topic_people
            else error('no grain of this model has the measure ' || declared.complement)
        end
        end as complement_persons
    from cells
    inner join declared
        on
            cells.base_feed = declared.base_feed
            and cells.breakdown = declared.breakdown
            and position('|' || cells.area_type || '|' in '|' || coalesce(declared.areas, '') || '|') > 0
            and position('|' || cells.period_type || '|' in '|' || coalesce(declared.period_types, '') || '|') > 0
            and declared.breakdown_rule = 'only'
            and declared.kind <> 'quantile'
    inner join undivided
        on
            cells.base_feed = undivided.base_feed
            and cells.area_type = undivided.area_type
            and cells.area = undivided.area
            and cells.period_type = undivided.period_type
            and cells.period = undivided.period
),

published as (
    select *
    from shares
    where
        case
            when kind = 'count'
                then
                    numerator > 0
                    or (breakdown = 'none' and area_type not in ('municipality', 'team'))
            when coalesce(is_missing_at_0, false) and numerator = 0 then false
            when breakdown_rule = 'only' then numerator > 0 and denominator > 0
            else denominator > 0
        end
),

-- The other side of a part of a whole has no measure. A lower bound: the people who are not in the
-- part and, of parts that do not overlap, those of the largest other part. Heads are counted with
-- each unit, so that those who are not in the part are the others exactly, and may be nobody.
parts as (
    select
        *,
        case
            when numerator_measure in ('visits', 'persons_contacted', 'visits_with_any_topic', 'visits_economy_only', 'visits_with_other_topics', 'visits_with_economic_topic', 'visits_without_economic_topic', 'visits_with_four_topics', 'visits_with_fewer_topics', 'visits_with_feeling', 'feeling_points', 'visits_with_topic') then persons - numerator_persons
            when numerator = denominator then 0
            else
                greatest(
                    1,
                    persons - numerator_persons,
                    coalesce(
                        max(case when parts_disjoint then numerator_persons end) over (
                            partition by indicator, area_type, area, period_type, period, breakdown
                            rows between unbounded preceding and unbounded following
                            exclude current row
                        ),
                        0
                    )
                )
        end as other_side_persons
    from published
    where breakdown_rule = 'only'
)


select
    indicator,
    area_type,
    area,
    period_type,
    period,
    breakdown,
    breakdown_value,
    numerator,
    denominator,
    case when kind = 'count' then numerator else numerator / denominator end as value,
    cast(nullif(persons, 0) as bigint) as persons,
    cast(events as bigint) as events,
    cast(numerator_persons as bigint) as numerator_persons,
    cast(
        complement_persons as bigint
    ) as other_side_persons
from published
where breakdown_rule <> 'only'

union all
select
    indicator,
    area_type,
    area,
    period_type,
    period,
    breakdown,
    breakdown_value,
    numerator,
    denominator,
    case when kind = 'count' then numerator else numerator / denominator end as value,
    cast(nullif(persons, 0) as bigint) as persons,
    cast(events as bigint) as events,
    cast(numerator_persons as bigint) as numerator_persons,
    cast(
        case when persons is not null then coalesce(complement_persons, other_side_persons) end as bigint
    ) as other_side_persons
from parts
