"""Whether the identifiers of a submission are known in the feeds that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.sql import identifier, literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import CURRENT_SUBMISSIONS, Check
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.feeds import staging
from expectations.suites.warehouse.check import warehouse_check
from ingest.contracts import Contract


def reference_checks(
    contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> Iterable[Check]:
    """Measure every reference that a contract declares, between feeds that have rows."""
    for feed, contract in contracts.items():
        for column in contract.columns:
            if column.references is None or staging(feed) not in catalog.filled:
                continue
            referred_feed, referred_column = column.references.split(".")
            if not (
                catalog.has(STAGING, staging(feed), column.name)
                and catalog.has(STAGING, staging(referred_feed), referred_column)
            ):
                continue
            share = f"{feed}.{column.name}"
            allowed = thresholds.orphan_share.get(share, thresholds.orphan_share["default"])
            yield _reference(feed, column.name, referred_feed, referred_column, allowed, thresholds)


def _reference(
    feed: str,
    column: str,
    referred_feed: str,
    referred_column: str,
    allowed: float,
    thresholds: Thresholds,
) -> Check:
    check_id = f"references.{feed}.{column}"
    rows = identifier(STAGING, staging(feed))
    referred = identifier(STAGING, staging(referred_feed))
    known = f"""\
    SELECT DISTINCT organisation, {identifier(referred_column)} AS known_key
    FROM {referred}"""
    same = (
        f"rows_read.organisation = known.organisation "
        f"AND rows_read.{identifier(column)} = known.known_key"
    )
    query = f"""\
WITH known AS (
{known}
),
counted AS (
    SELECT
        rows_read.organisation,
        rows_read.submission_id,
        count(*) AS total,
        count(*) FILTER (WHERE known.known_key IS NULL) AS observed
    FROM {rows} AS rows_read
    LEFT JOIN known ON {same}
    WHERE rows_read.{identifier(column)} IS NOT NULL
    GROUP BY rows_read.organisation, rows_read.submission_id
)
SELECT
    {literal(check_id)} AS "check",
    counted.organisation,
    {literal(feed)} AS feed,
    submissions.period,
    counted.observed,
    counted.total,
    CASE
        WHEN counted.organisation IN (SELECT organisation FROM known)
            THEN 'Ask it to complete {referred_feed}, or to use the same identifiers in both.'
        ELSE 'It has not submitted {referred_feed} at all: ask it to.'
    END AS advice
FROM counted
LEFT JOIN {CURRENT_SUBMISSIONS} AS submissions
    ON counted.submission_id = submissions.submission_id
WHERE counted.observed > {allowed!r} * counted.total"""
    return warehouse_check(
        check_id,
        f"{feed}: at most {allowed:.0%} of the {column} are unknown in {referred_feed}",
        "A row whose reference is unknown counts in its organisation and in no municipality and no "
        "breakdown. Measured for each submission; the share allowed is in thresholds.yaml "
        "(orphan_share).",
        f"{{observed}} of the {{total}} rows of {feed} from {{organisation}} for {{period}} name a "
        f"{column} that its {referred_feed} do not hold (at most {allowed:.0%} is expected). "
        "{advice}",
        query,
        thresholds,
        rows=(
            f"SELECT rows_read.* FROM {rows} AS rows_read "
            f"LEFT JOIN (\n{known}\n) AS known ON {same} "
            f"WHERE rows_read.{identifier(column)} IS NOT NULL AND known.known_key IS NULL"
        ),
    )
