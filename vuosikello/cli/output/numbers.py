"""Numbers and moments as the command prints them: the same in every language.

Thousands are grouped by a space (ISO 80000-1), the decimal mark is a point, and a value that does
not exist is an en dash. Pages and reports, which have a language, use :mod:`common.formats`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from common import clock

NOTHING = "–"


def number(value: float | None, nothing: str = NOTHING, decimals: int = 4) -> str:
    """Write a number with at most so many decimals: 1234.5 is *1 234.5*."""
    if value is None:
        return nothing
    if isinstance(value, float):
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    else:
        text = f"{value:,}"
    return text.replace(",", " ")


def megabytes(size: int) -> str:
    """Write a size in bytes as megabytes with one decimal: *1 234.5 MB*."""
    return f"{size / 1e6:,.1f} MB".replace(",", " ")


def moment(value: datetime, *, seconds: bool = False) -> str:
    """Write a moment in Finnish time; one without a time zone, as the warehouse has it, is UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return f"{aware.astimezone(clock.FINLAND):%Y-%m-%d %H:%M{':%S' if seconds else ''}}"
