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
from ingest.contracts import Contract, Kind


def volume_query(
    year: int,
    contracts: Mapping[str, Contract],
    expected: ExpectedFeeds,
    catalog: Catalog,
    thresholds: Thresholds,
) -> str:
    """Return the query that compares each feed's rows with the year before.

    What is in force is told by staging alone. Its rows are counted in the year of their own date
    (:func:`_year_of_row`), where a feed has none in that of the submission which they are in force
    by. Compared is per covered month. Of a snapshot the last submission of the year is counted as
    it was sent, since it tells the whole state; a later one puts nothing of it out of force.
    """
    in_force = [
        f"SELECT rows_read.organisation, {literal(feed)} AS feed, {year_of_row} AS year, "
        f"count(*) AS rows_read FROM {identifier(STAGING, staging(feed))} AS rows_read "
        f"INNER JOIN {CURRENT_SUBMISSIONS} AS submissions "
        "ON rows_read.submission_id = submissions.submission_id "
        f"WHERE {year_of_row} IN ({year - 1}, {year}) GROUP BY ALL"
        for feed, contract in contracts.items()
        if feed not in expected.snapshots and catalog.has(STAGING, staging(feed))
        for year_of_row in (_year_of_row(contract, catalog),)
    ]
    rows_in_force = "\n    UNION ALL\n    ".join(in_force) or (
        "SELECT NULL::VARCHAR AS organisation, NULL::VARCHAR AS feed, NULL::BIGINT AS year, "
        "NULL::BIGINT AS rows_read WHERE false"
    )
    snapshots = values_relation(("feed",), ((feed,) for feed in expected.snapshots))
    yearly = values_relation(("feed",), ((feed,) for feed in expected.once_a_year))
    bounds = ", ".join(
        f"({literal(feed)}, {bound.lowest!r}, {bound.highest!r}, {bound.from_rows})"
        for feed, bound in ((feed, _bounds(feed, thresholds)) for feed in contracts)
    )
    return f"""\
WITH bounds AS (
    SELECT * FROM (VALUES {bounds}) AS listed(feed, lowest, highest, from_rows)
),
rows_in_force AS (
    {rows_in_force}
),
photographs AS (
    SELECT
        organisation,
        feed,
        year(period_start) AS year,
        arg_max(rows_loaded, (period_end, arrival_no)) AS rows_read
    FROM {CURRENT_SUBMISSIONS}
    WHERE
        year(period_start) IN ({year - 1}, {year})
        AND feed IN (SELECT feed FROM {snapshots})
    GROUP BY organisation, feed, year(period_start)
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
    LEFT JOIN (SELECT * FROM rows_in_force UNION ALL SELECT * FROM photographs) AS counted
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


def _year_of_row(contract: Contract, catalog: Catalog) -> str:
    """Return the SQL of the year that a row of staging belongs to.

    The period date dates a row; without one the year that it names, or the first of its required
    days (a measure's proposal); without these the period of its submission.
    """
    required = [
        column
        for column in contract.columns
        if column.required and catalog.has(STAGING, staging(contract.feed), column.name)
    ]
    for column in required:
        if column.name == contract.period_date:
            return f"year(rows_read.{identifier(column.name)})"
    for column in required:
        if column.name == "year" and column.kind is Kind.INTEGER:
            return f"rows_read.{identifier(column.name)}"
        if column.kind is Kind.DATE:
            return f"year(rows_read.{identifier(column.name)})"
    return "year(submissions.period_start)"


def _bounds(feed: str, thresholds: Thresholds) -> Volume:
    """Return within which bounds the volume of a feed is plausible."""
    general, expectation = thresholds.volume, f"readiness.volume.{feed}"
    return Volume(
        lowest=thresholds.limit(expectation, "lowest", general.lowest),
        highest=thresholds.limit(expectation, "highest", general.highest),
        from_rows=int(thresholds.limit(expectation, "from_rows", general.from_rows)),
    )
