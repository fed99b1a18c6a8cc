"""What the checks of the indicators are made with, and the relations that they read."""

from __future__ import annotations

from expectations.configuration import Thresholds
from expectations.engine.checks import Check, quoted

INDICATORS = "indicators"
VALUES = "indicator_values"
CATALOGUE = "indicator_catalogue"
VALUES_RELATION = quoted(INDICATORS, VALUES)
CATALOGUE_RELATION = quoted(INDICATORS, CATALOGUE)
# Two sums of the same numbers may differ in the last digits.
TOLERANCE = 1e-9
# What the checks read: the values with what the catalogue declares of them.
DECLARED_VALUES = (
    f"(SELECT * FROM {VALUES_RELATION} LEFT JOIN {CATALOGUE_RELATION} USING (indicator)) "
    "AS declared"
)
PLACE = """\
    CASE WHEN area_type = 'organisation' THEN area ELSE area_type || ':' || area END
        AS organisation,
    base_feed AS feed,
    period,
    indicator"""
MEND_THE_MODEL = (
    " The model of the indicator needs mending: no submission can cause this. "
    "vuosikello explain shows what the value rests on."
)


def warehouse_check(
    identifier: str,
    title: str,
    meaning: str,
    message: str,
    query: str,
    thresholds: Thresholds,
    rows: str | None = None,
) -> Check:
    """Return a check of this suite, with the severity that is configured for it."""
    return Check(
        id=identifier,
        title=title,
        meaning=meaning,
        message=message,
        query=query,
        severity=thresholds.severity_of(f"warehouse.{identifier}"),
        rows=rows,
    )
