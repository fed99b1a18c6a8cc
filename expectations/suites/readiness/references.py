"""Whether the identifiers of a year's rows are known in the feeds that they refer to.

Measured over the year, for each organisation and feed; the suite ``warehouse`` measures the same
for each submission.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.sql import identifier, literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import CURRENT_SUBMISSIONS, Check
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.feeds import staging
from expectations.suites.readiness.check import readiness_check
from ingest.contracts import Contract


def references(
    year: int, contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> list[Check]:
    """Measure the references of a year's rows, of each organisation and feed."""
    checks = []
    for feed, contract in contracts.items():
        for column in contract.columns:
            if column.references is None or staging(feed) not in catalog.filled:
                continue
            referred_feed, referred_column = column.references.split(".")
            if catalog.has(STAGING, staging(feed), column.name) and catalog.has(
                STAGING, staging(referred_feed), referred_column
            ):
                checks.append(
                    _reference(year, feed, column.name, referred_feed, referred_column, thresholds)
                )
    return checks


def _reference(
    year: int,
    feed: str,
    column: str,
    referred_feed: str,
    referred_column: str,
    thresholds: Thresholds,
) -> Check:
    check_id = f"references.{feed}.{column}"
    general = thresholds.orphan_share.get(f"{feed}.{column}", thresholds.orphan_share["default"])
    allowed = thresholds.limit(f"readiness.{check_id}", "orphan_share", general)
    query = f"""\
WITH known AS (
    SELECT DISTINCT organisation, {identifier(referred_column)} AS known_key
    FROM {identifier(STAGING, staging(referred_feed))}
),
counted AS (
    SELECT
        rows_read.organisation,
        count(*) AS total,
        count(*) FILTER (WHERE known.known_key IS NULL) AS observed
    FROM {identifier(STAGING, staging(feed))} AS rows_read
    INNER JOIN {CURRENT_SUBMISSIONS} AS submissions
        ON rows_read.submission_id = submissions.submission_id
    LEFT JOIN known
        ON
            rows_read.organisation = known.organisation
            AND rows_read.{identifier(column)} = known.known_key
    WHERE
        rows_read.{identifier(column)} IS NOT NULL
        AND submissions.period_start <= DATE '{year}-12-31'
        AND submissions.period_end >= DATE '{year}-01-01'
    GROUP BY rows_read.organisation
),
looked_up AS (
    SELECT *, organisation IN (SELECT organisation FROM known) AS has_referred_feed
    FROM counted
)
SELECT
    {literal(check_id)} AS "check",
    organisation,
    {literal(feed)} AS feed,
    '{year}' AS period,
    observed,
    total,
    {literal(column)} AS column_name,
    {literal(referred_feed)} AS referred_feed,
    has_referred_feed,
    CASE
        WHEN has_referred_feed
            THEN 'Ask it to complete {referred_feed}, or to use the same identifiers in both.'
        ELSE 'Ask it to submit {referred_feed}, of which it has sent none.'
    END AS advice
FROM looked_up
WHERE observed > {allowed!r} * total"""
    return readiness_check(
        check_id,
        f"{feed}: at most {allowed:.0%} of an organisation's {column} are unknown in "
        f"{referred_feed}",
        "A row whose reference is unknown counts in its organisation and in no municipality and no "
        "breakdown. Measured over the year; the share allowed is in thresholds.yaml "
        "(orphan_share, limits).",
        f"{{observed}} of the {{total}} rows of {feed} from {{organisation}} for {{period}} name a "
        f"{column} that its {referred_feed} do not hold (at most {allowed:.0%} is expected). "
        "{advice}",
        query,
        thresholds,
    )
