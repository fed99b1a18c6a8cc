"""What holds on a day: days of a period, spells in force, the state and the age of the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any


def days(first: date, last: date) -> list[date]:
    """List the days from the first to the last; none where the last is before the first."""
    return [first + timedelta(days=nth) for nth in range((last - first).days + 1)]


def of_day(state: dict[str, Any], day: date) -> bool:
    """Tell whether a state holds on a day."""
    return bool(state["valid_from"] <= day <= state["valid_to"])


def in_force(spell: dict[str, Any], day: date) -> bool:
    return spell["started_on"] <= day and (spell["ended_on"] is None or spell["ended_on"] >= day)


def is_in(day: date | None, period: dict[str, Any]) -> bool:
    """Tell whether a day is in a period; the period ends with the day built on."""
    return day is not None and period["first_day"] <= day <= period["last_day"]


def yes_or_no(support: bool | None) -> str | None:
    return None if support is None else "yes" if support else "no"


def age_group(birth_year: int | None, day: date) -> str | None:
    """Name the group of the age on a day, the year less the birth year."""
    if birth_year is None:
        return None
    age = day.year - birth_year
    groups = {"18-24": 24, "25-34": 34, "35-44": 44, "45-54": 54, "55-64": 64}
    if age < 18:
        return "under_18"
    return next((name for name, oldest in groups.items() if age <= oldest), "65+")
