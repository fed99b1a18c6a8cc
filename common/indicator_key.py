"""The key of an indicator value: the columns that tell two values apart.

Every table and file of indicator values has these columns, in this order.
"""

from __future__ import annotations

CELL = ("area_type", "area", "period_type", "period", "breakdown", "breakdown_value")
"""The columns that tell two values of the same indicator apart."""

KEY = ("indicator", *CELL)
"""The columns that tell two values apart."""
