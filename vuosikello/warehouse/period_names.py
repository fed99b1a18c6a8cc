"""Days that stand for periods, and the names of those periods: 2019, 2019-Q1, 2019-03, 2019-W05."""

from __future__ import annotations

import re
from datetime import date, timedelta

PERIOD_TYPES = ("day", "week", "month", "quarter", "year")

# How a period is written; years, months and days are often taken for one another.
_EXAMPLES = {"quarter": "quarter as 2019-Q1", "week": "week as 2019-W05"}
_EXAMPLE = "period as 2019 or 2019-03"


def period_name(day: date, period_type: str) -> str:
    """Name the period of a type that a day is in.

    Args:
        day: usually the first day of the period.
        period_type: one of :data:`PERIOD_TYPES`; a week is that of ISO 8601.
    """
    if period_type == "quarter":
        return f"{day:%Y}-Q{(day.month + 2) // 3}"
    return day.strftime(
        {"year": "%Y", "month": "%Y-%m", "week": "%G-W%V"}.get(period_type, "%Y-%m-%d")
    )


def first_day(name: str, period_type: str) -> date:
    """Return the first day of a named period.

    Args:
        name: as :func:`period_name` writes it, or as the first day of the period.
        period_type: one of :data:`PERIOD_TYPES`.

    Raises:
        ValueError: it is no period of the type; the text says how to write one.
    """
    try:
        if found := re.fullmatch(r"(\d{4})-Q([1-4])", name):
            day = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        elif re.fullmatch(r"\d{4}-W\d{2}", name):
            day = date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
        elif re.fullmatch(r"\d{4}(-\d{2}){0,2}", name):
            day = date.fromisoformat(f"{name}-01-01"[:10] if len(name) == 4 else f"{name}-01"[:10])
        else:
            raise ValueError
        if period_type != "day" and period_name(day, period_type) == period_name(
            day - timedelta(days=1), period_type
        ):
            raise ValueError
    except ValueError:
        raise ValueError(f"Write a {_EXAMPLES.get(period_type, _EXAMPLE)}, not {name}.") from None
    return day
