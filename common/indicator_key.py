"""The key of an indicator value: the columns that distinguish two values.

Every table and file of indicator values has these columns, in this order.
"""

from __future__ import annotations

CELL = ("area_type", "area", "period_type", "period", "breakdown", "breakdown_value")
"""The columns that distinguish two values of the same indicator."""

KEY = ("indicator", *CELL)
"""The columns that distinguish two values."""
