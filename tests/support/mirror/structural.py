"""Theme 7, structural social work: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.days import is_in
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import distinct, unnamed


def is_adopted(measure: Row) -> bool:
    """Tell whether a measure was adopted, be it in part."""
    return measure["decision"] in ("adopted", "adopted_in_part")


def has_known_effect(measure: Row) -> bool:
    """Tell whether a measure was evaluated and its effect is known."""
    return measure["evaluated_on"] is not None and measure["effect"] not in (None, "unknown")


def by(day: date | None, measure: Row, month: int, last: int) -> bool:
    """Tell whether a day is not after a day of the year after the proposal."""
    return day is not None and day <= date(measure["proposed_on"].year + 1, month, last)


def judged_from(month: int, last: int) -> Callable[[Row], date]:
    """Say from which day on the measures of a year can be judged by a day of the next year."""
    return lambda period: date(int(period["period"]) + 1, month, last)


INDICATORS: dict[str, Indicator] = {
    "structural.observations": unnamed(
        "observations", "observations", breakdowns=("theme", "source", "level")
    ),
    "structural.themes_raised": distinct("observations", "observations", "theme"),
    "structural.measures_proposed": unnamed("measures", "proposals", breakdowns=("theme",)),
    "structural.reported_in_window": replace(
        unnamed("measures", "proposals", lambda m: by(m["reported_on"], m, 5, 31), lambda m: True),
        judged_from=judged_from(5, 31),
    ),
    "structural.decided_share": unnamed(
        "measures", "proposals", lambda m: m["decided_on"] is not None, lambda m: True
    ),
    "structural.implemented_share": unnamed(
        "measures", "proposals", lambda m: m["implemented_on"] is not None, is_adopted
    ),
    "structural.evaluated_in_window": replace(
        unnamed(
            "measures",
            "proposals",
            lambda m: by(m["evaluated_on"], m, 10, 31),
            lambda m: m["implemented_on"] is not None,
        ),
        judged_from=judged_from(10, 31),
    ),
    "structural.improved_share": unnamed(
        "measures", "proposals", lambda m: m["effect"] == "improved", has_known_effect
    ),
    "structural.decision_maker_meetings": unnamed(
        "meetings", "meetings", lambda m: m["body"] in ("board", "council")
    ),
    "structural.hyte_municipalities": distinct("meetings", "hyte_meetings", "municipality"),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The rows of theme 7 in a year."""
    meetings = [row for row in marts.tables["fct_meeting"] if is_in(row["held_on"], period)]
    return {
        "observations": [
            row | {"level": str(row["level"])}
            for row in marts.tables["fct_observation"]
            if is_in(row["observed_on"], period)
        ],
        "proposals": [
            row for row in marts.tables["fct_measure"] if is_in(row["proposed_on"], period)
        ],
        "meetings": meetings,
        "hyte_meetings": [
            row for row in meetings if row["body"] == "hyte_group" and row["municipality"]
        ],
    }


THEME = Theme(INDICATORS, rows)
