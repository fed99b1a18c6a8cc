"""Whether the rows of a feed are plausible beside those of the year before."""

from __future__ import annotations

from collections.abc import Mapping

from common.sql import identifier, literal
from expectations.configuration import ExpectedFeeds, Thresholds, Volume
from expectations.engine.catalog import Catalog
from expectations.engine.checks import CURRENT_SUBMISSIONS, Check, values_relation
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.feeds import staging
from expectations.suites.readiness.check import readiness_check
from ingest.contracts import Contract


def volume_query(
    year: int,
    contracts: Mapping[str, Contract],
    expected: ExpectedFeeds,
    catalog: Catalog,
    thresholds: Thresholds,
) -> str:
    """Return the query that compares each feed's rows with the year before.

    Dated rows are counted by their own date and compared per covered month; a feed without dates
    by the rows of its submissions, per covered month; of a snapshot the last submission of the
    year counts, of a yearly feed all of them.
    """
    dated = []
    for feed, contract in contracts.items():
        column = contract.period_date
        if (
            column
            and feed not in expected.snapshots
            and catalog.has(STAGING, staging(feed), column)
        ):
            day = identifier(column)
            dated.append(
                f"SELECT organisation, {literal(feed)} AS feed, year({day}) AS year, "
                f"count(*) AS rows_read FROM {identifier(STAGING, staging(feed))} "
                f"WHERE year({day}) IN ({year - 1}, {year}) GROUP BY organisation, year({day})"
            )
    by_date = "\n    UNION ALL\n    ".join(dated) or (
        "SELECT NULL::VARCHAR AS organisation, NULL::VARCHAR AS feed, NULL::BIGINT AS year, "
        "NULL::BIGINT AS rows_read WHERE false"
    )
    snapshots = values_relation(("feed",), ((feed,) for feed in expected.snapshots))
    yearly = values_relation(("feed",), ((feed,) for feed in expected.once_a_year))
    dated_feeds = values_relation(
        ("feed",), ((feed,) for feed, contract in contracts.items() if contract.period_date)
    )
    bounds = ", ".join(
        f"({literal(feed)}, {bound.lowest!r}, {bound.highest!r}, {bound.from_rows})"
        for feed, bound in ((feed, _bounds(feed, thresholds)) for feed in contracts)
    )
    return f"""\
WITH bounds AS (
    SELECT * FROM (VALUES {bounds}) AS listed(feed, lowest, highest, from_rows)
),
by_date AS (
    {by_date}
),
submissions AS (
    SELECT
        organisation,
        feed,
        year(period_start) AS year,
        period_end,
        arrival_no,
        rows_loaded,
        feed IN (SELECT feed FROM {snapshots}) AS is_snapshot,
        feed IN (SELECT feed FROM {dated_feeds}) AS is_dated
    FROM {CURRENT_SUBMISSIONS}
    WHERE year(period_start) IN ({year - 1}, {year})
),
by_submission AS (
    SELECT organisation, feed, year, sum(rows_loaded) AS rows_read
    FROM submissions
    WHERE NOT is_snapshot AND NOT is_dated
    GROUP BY organisation, feed, year
    UNION ALL
    SELECT organisation, feed, year, arg_max(rows_loaded, (period_end, arrival_no))
    FROM submissions
    WHERE is_snapshot
    GROUP BY organisation, feed, year
),
covered AS (
    SELECT
        organisation,
        feed,
        CAST(left(period, 4) AS INTEGER) AS year,
        CASE
            WHEN feed IN (SELECT feed FROM {snapshots}) THEN 1
            WHEN feed IN (SELECT feed FROM {yearly}) THEN 1
            ELSE count(*)
        END AS months
    FROM marts.fct_coverage
    WHERE period_type = 'month' AND left(period, 4) IN ('{year - 1}', '{year}')
    GROUP BY organisation, feed, left(period, 4)
),
volumes AS (
    -- Where the year is covered and no row fell in it, the count is 0, not missing.
    SELECT covered.organisation, covered.feed, covered.year, covered.months,
        coalesce(counted.rows_read, 0) AS rows_read
    FROM covered
    LEFT JOIN (SELECT * FROM by_date UNION ALL SELECT * FROM by_submission) AS counted
        ON
            covered.organisation = counted.organisation
            AND covered.feed = counted.feed
            AND covered.year = counted.year
)
SELECT
    'volume.' || this_year.feed AS "check",
    this_year.organisation,
    this_year.feed,
    '{year}' AS period,
    this_year.rows_read,
    this_year.months,
    year_before.rows_read AS rows_before,
    year_before.months AS months_before,
    (this_year.rows_read / this_year.months) / (year_before.rows_read / year_before.months)
        AS observed
FROM volumes AS this_year
INNER JOIN volumes AS year_before
    ON
        this_year.organisation = year_before.organisation
        AND this_year.feed = year_before.feed
        AND this_year.year = year_before.year + 1
INNER JOIN bounds ON this_year.feed = bounds.feed
WHERE
    greatest(this_year.rows_read, year_before.rows_read) >= bounds.from_rows
    AND year_before.rows_read > 0
    AND (this_year.rows_read / this_year.months) / (year_before.rows_read / year_before.months)
    NOT BETWEEN bounds.lowest AND bounds.highest"""


def volume(feed: str, year: int, query: str, thresholds: Thresholds) -> Check:
    """Check that the rows of a feed are not far more or far fewer than the year before."""
    bounds = _bounds(feed, thresholds)
    return readiness_check(
        f"volume.{feed}",
        f"The rows of {feed} are between {bounds.lowest:g} and {bounds.highest:g} times those of "
        "the year before",
        "Compared per covered month where rows are dated, where both years were submitted and one "
        f"of them has at least {bounds.from_rows} rows. The bounds are in thresholds.yaml "
        "(volume).",
        f"{{organisation}} has {{rows_read}} rows of {feed} for {year} ({{months}} months counted) "
        f"against {{rows_before}} for {year - 1} ({{months_before}}): {{observed}} times as many. "
        "Ask it whether rows are missing or sent twice, or whether the work really changed.",
        query,
        thresholds,
    )


def _bounds(feed: str, thresholds: Thresholds) -> Volume:
    """Return within which bounds the volume of a feed is plausible."""
    general, expectation = thresholds.volume, f"readiness.volume.{feed}"
    return Volume(
        lowest=thresholds.limit(expectation, "lowest", general.lowest),
        highest=thresholds.limit(expectation, "highest", general.highest),
        from_rows=int(thresholds.limit(expectation, "from_rows", general.from_rows)),
    )
