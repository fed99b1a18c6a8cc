"""The key and the numbers of an indicator value, and values as JSON can hold them."""

from __future__ import annotations

from typing import Any

NUMBERS = ("numerator", "denominator", "value", "persons", "events")
Numbers = dict[str, float | None]


def number(value: Any) -> float | None:
    """A number of the warehouse; a whole one as such: 14, not 14.0."""
    if value is None:
        return None
    as_float = float(value)
    return int(as_float) if as_float.is_integer() and abs(as_float) < 2**53 else as_float


def plain(value: Any) -> Any:
    """A value of a key as JSON can hold it."""
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
