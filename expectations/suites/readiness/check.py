"""What every check of readiness is made with."""

from __future__ import annotations

from expectations.configuration import Thresholds
from expectations.engine.checks import Check


def readiness_check(
    check_id: str, title: str, meaning: str, message: str, query: str, thresholds: Thresholds
) -> Check:
    """Return a check of this suite, with the severity that is configured for it."""
    return Check(
        id=check_id,
        title=title,
        meaning=meaning,
        message=message,
        query=query,
        severity=thresholds.severity_of(f"readiness.{check_id}"),
    )
