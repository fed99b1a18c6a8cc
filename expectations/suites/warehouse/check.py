"""What the checks of the indicators are made with, and the relations that they read."""

from __future__ import annotations

from functools import partial

from common.sql import identifier
from expectations.suites.check import suite_check

INDICATORS = "indicators"
VALUES = "indicator_values"
CATALOGUE = "indicator_catalogue"
VALUES_RELATION = identifier(INDICATORS, VALUES)
CATALOGUE_RELATION = identifier(INDICATORS, CATALOGUE)
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

warehouse_check = partial(suite_check, "warehouse")
