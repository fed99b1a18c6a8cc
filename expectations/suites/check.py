"""What every check of a suite is made with."""

from __future__ import annotations

from expectations.configuration import Thresholds
from expectations.engine.checks import Check


def suite_check(
    suite: str,
    check_id: str,
    title: str,
    meaning: str,
    message: str,
    query: str,
    thresholds: Thresholds,
    rows: str | None = None,
) -> Check:
    """Return a check of a suite, with the severity that is configured for it."""
    return Check(
        id=check_id,
        title=title,
        meaning=meaning,
        message=message,
        query=query,
        severity=thresholds.severity_of(f"{suite}.{check_id}"),
        rows=rows,
    )
