"""The suite ``readiness``: may a year be reported, and if not, who has to do what.

An organisation is expected to submit every feed that `expected_feeds.yaml` names for it, for each
month of the year in which it is in force and which is over. Of what it submitted, not too much may
have been rejected, point at nothing, or lack what the year's indicators rest on. Each failure names
organisation, feed and period, so that it can be sent to the submitter as it stands. Nothing here
decides that a year is ready: a person signs it off, and this is what they read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from expectations.configuration import ExpectedFeeds, Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import Check, CheckedRelation
from expectations.reporting_calendar import Window
from expectations.suites.readiness import references, staff, submitted, volumes
from expectations.suites.warehouse import sums_of_year
from ingest.contracts import Contract


def reporting_year(today: date, collection_begins: str | None) -> int:
    """Return the year that is collected, or was collected last, on a day.

    Args:
        today: the day.
        collection_begins: the day of the year (``MM-DD``) from which a year's own submissions are
            collected; None where the annual clock has none: then a year is collected when it
            is over.
    """
    is_begun = collection_begins is not None and f"{today:%m-%d}" >= collection_begins
    return today.year if is_begun else today.year - 1


def compile_readiness(
    year: int,
    contracts: Mapping[str, Contract],
    expected: ExpectedFeeds,
    catalog: Catalog,
    thresholds: Thresholds,
    window: Window | None = None,
) -> tuple[CheckedRelation, ...]:
    """Compile the checks of a reporting year.

    Args:
        year: the year to be reported.
        contracts: the contracts by feed; ``period_date`` dates their rows.
        expected: who is expected to submit which feeds.
        catalog: what the warehouse holds.
        thresholds: severities and thresholds, as strict as they are on the day.
        window: the days of the year; without it no organisation is late.
    """
    asked_for = submitted.expected_months(year, expected)
    volume_query = volumes.volume_query(year, contracts, expected, catalog, thresholds)
    checks: list[Check] = []
    for feed in sorted(expected.asked_for()):
        checks.append(submitted.submitted(feed, year, asked_for, thresholds))
        if feed not in expected.once_a_year:
            checks.append(submitted.covered(feed, year, asked_for, expected, thresholds))
    for feed in contracts:
        checks.append(volumes.volume(feed, year, volume_query, thresholds))
        checks.append(submitted.rejects(feed, year, thresholds))
        checks.append(submitted.refused(feed, year, thresholds))
    if window is not None:
        checks += [
            submitted.late(feed, window, thresholds) for feed in sorted(expected.asked_for())
        ]
    checks.append(submitted.unplaced(year, thresholds))
    checks += references.references(year, contracts, catalog, thresholds)
    checks += staff.staff_checks(year, catalog, thresholds)
    sums = sums_of_year(catalog, thresholds, year)
    return (
        CheckedRelation("readiness", "marts", "fct_coverage", tuple(checks)),
        *([sums] if sums is not None else []),
    )
