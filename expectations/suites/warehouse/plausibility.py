"""Whether what several rows tell together can be true: days, photographs and posts.

Each row by itself is fine, so receiving cannot see it. A person looks into these: every check here
is a warning (`thresholds.yaml`). A failure counts workers, days or clients and names none of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.sql import literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import CURRENT_SUBMISSIONS, Check
from expectations.suites.warehouse.check import TOLERANCE, warehouse_check

MINUTES_OF_A_DAY = 1440


def plausibility_checks(catalog: Catalog, thresholds: Thresholds) -> Iterable[Check]:
    """Yield the checks whose relations the warehouse holds."""
    if "stg_time_entries" in catalog.filled:
        yield _minutes_of_a_day(thresholds)
    if "stg_clients" in catalog.filled and catalog.has("intermediate", "int_client_photograph"):
        yield _client_photographs(thresholds)
    if catalog.has("marts", "dim_worker_spell", "valid_from", "fte") and catalog.has(
        "marts", "dim_period", "last_day"
    ):
        yield _working_time(thresholds)


def _minutes_of_a_day(thresholds: Thresholds) -> Check:
    check_id = "plausible.minutes_of_a_day"
    days = f"""\
    SELECT
        organisation,
        worker_id,
        worked_on,
        sum(minutes) AS minutes,
        arg_max(submission_id, received_at) AS submission_id
    FROM staging.stg_time_entries
    GROUP BY organisation, worker_id, worked_on
    HAVING sum(minutes) > {MINUTES_OF_A_DAY}"""
    query = f"""\
WITH long_days AS (
{days}
)
SELECT
    {literal(check_id)} AS "check",
    long_days.organisation,
    'time_entries' AS feed,
    submissions.period,
    count(*) AS observed,
    count(DISTINCT long_days.worker_id) AS workers
FROM long_days
LEFT JOIN {CURRENT_SUBMISSIONS} AS submissions
    ON long_days.submission_id = submissions.submission_id
GROUP BY long_days.organisation, submissions.period"""
    return warehouse_check(
        check_id,
        f"Nobody works more than {MINUTES_OF_A_DAY:,} minutes on one day",
        "A day has no more minutes. Entries that stand twice under other entry_ids, or several "
        "workers under one worker_id, make the time of an activity too long.",
        f"In time_entries from {{organisation}} for {{period}} a worker has more than "
        f"{MINUTES_OF_A_DAY:,} minutes on one day: worker-days concerned {{observed}}, workers "
        "{workers}. Ask it whether entries stand twice, or several workers share a worker_id, and "
        "to resubmit time_entries for {period}.",
        query,
        thresholds,
        rows=days,
    )


def _client_photographs(thresholds: Thresholds) -> Check:
    check_id = "plausible.client_photographs"
    missing = f"""\
    SELECT
        relationships.organisation,
        files.period,
        relationships.client_id
    FROM (
        SELECT
            organisation,
            client_id,
            min(period_end) AS first_end,
            max(period_start) AS last_start
        FROM intermediate.int_client_photograph
        GROUP BY organisation, client_id
    ) AS stood
    INNER JOIN staging.stg_clients AS relationships
        ON
            stood.organisation = relationships.organisation
            AND stood.client_id = relationships.client_id
    INNER JOIN {CURRENT_SUBMISSIONS} AS files
        ON
            stood.organisation = files.organisation
            AND files.feed = 'clients'
            AND stood.first_end < files.period_start
            AND stood.last_start > files.period_end
            AND relationships.started_on <= files.period_end
            AND coalesce(relationships.ended_on >= files.period_start, true)
    ANTI JOIN intermediate.int_client_photograph AS photographs
        ON
            files.submission_id = photographs.submission_id
            AND relationships.client_id = photographs.client_id"""
    query = f"""\
WITH missing AS (
{missing}
)
SELECT
    {literal(check_id)} AS "check",
    organisation,
    'clients' AS feed,
    period,
    count(*) AS observed
FROM missing
GROUP BY organisation, period"""
    return warehouse_check(
        check_id,
        "A client who stands in an earlier and a later file of clients stands in those between",
        "A file of clients is a photograph of its period. Who is left out stays as the last file "
        "before tells, so a move or a change of support comes too late. Relationships that had "
        "ended before the period are not looked for.",
        "Clients of {organisation} that stand in a file of clients before {period} and in one "
        "after it, but not in that for {period}, although their relationship had not ended before "
        "it: {observed}. Ask it whether they were left out by mistake, and to resubmit clients for "
        "{period}.",
        query,
        thresholds,
        rows=missing,
    )


def _working_time(thresholds: Thresholds) -> Check:
    check_id = "plausible.working_time"
    stretches = f"""\
    SELECT
        organisation,
        worker_id,
        first_day,
        lead(first_day) OVER of_worker - 1 AS last_day,
        sum(sum(change)) OVER of_worker AS fte
    FROM (
        SELECT
            organisation,
            worker_id,
            unnest([
                {{'first_day': first_day, 'change': fte}},
                {{'first_day': last_day + 1, 'change': -fte}}
            ], recursive := true)
        FROM (
            SELECT
                organisation,
                worker_id,
                fte,
                greatest(started_on, valid_from) AS first_day,
                least(coalesce(ended_on, valid_to), valid_to) AS last_day
            FROM marts.dim_worker_spell
        ) AS in_force
        WHERE first_day <= last_day
    ) AS changes
    GROUP BY organisation, worker_id, first_day
    WINDOW of_worker AS (PARTITION BY organisation, worker_id ORDER BY first_day)
    QUALIFY fte > 1 + {TOLERANCE}"""
    query = f"""\
WITH too_much AS (
{stretches}
),
years AS (
    SELECT
        period AS year,
        first_day,
        last_day
    FROM marts.dim_period
    WHERE period_type = 'year'
)
SELECT
    {literal(check_id)} AS "check",
    too_much.organisation,
    'workers' AS feed,
    years.year AS period,
    count(DISTINCT too_much.worker_id) AS observed
FROM too_much
INNER JOIN years
    ON
        too_much.first_day <= years.last_day
        AND too_much.last_day >= years.first_day
GROUP BY too_much.organisation, years.year"""
    return warehouse_check(
        check_id,
        "The posts of one worker add up to no more than full working time on any day",
        "A worker may have several posts at once, and together they are at most 1.0 of full "
        "working time. Where an old post was not ended, the worker counts twice per inhabitant.",
        "Workers of {organisation} whose posts add up to more than 1.0 of full working time on "
        "a day of {period}: {observed}. Ask it which posts had ended or have a smaller fte, and to "
        "correct workers.",
        query,
        thresholds,
        rows=stretches,
    )
