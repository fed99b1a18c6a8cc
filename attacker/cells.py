"""Cells: the numbers that a row of a publication shows, each by the one name it has everywhere.

Knows the catalogue of indicators and nothing of how numbers are related.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# feed, publication, measure, area_type, area, period_type, period, breakdown, breakdown_value
Cell = tuple[str, ...]
Row = Mapping[str, Any]

ROLES = ("numerator", "denominator", "persons", "events")


def cells_of(row: Row, entry: Row, publication: int) -> dict[str, Cell]:
    """Return the cells of the numbers of a row: numerator, denominator, persons, events.

    Args:
        row: has the columns of a value's key.
        entry: of its indicator in the catalogue.
        publication: the number of the publication, from 0.
    """
    place = tuple(str(row[name]) for name in ("area_type", "area", "period_type", "period"))
    part = (str(row["breakdown"]), str(row["breakdown_value"]))
    whole = ("none", "all") if entry["breakdown_rule"] == "only" else part
    start = (str(entry["base_feed"]), str(publication))
    named = {"numerator": (*start, str(entry["numerator_measure"]), *place, *part)}
    if entry["denominator_measure"] not in (None, "population"):
        named["denominator"] = (*start, str(entry["denominator_measure"]), *place, *whole)
    if entry["persons_measure"] is not None:
        named["persons"] = (*start, f"{entry['persons_measure']}_people", *place, *whole)
    named["events"] = (*start, str(entry["events_measure"]), *place, *whole)
    return named


def scale_of(entry: Row) -> float:
    """Return what the measure of the numerator is multiplied with in rows of an indicator."""
    return float(entry["multiplier"]) / float(entry["divisor"])


def numbers_of(row: Row, entry: Row) -> dict[str, float]:
    """Return the numbers of a row by their role, in the unit of the measure; 0 where there is none.

    Args:
        row: has the four numbers.
        entry: of its indicator in the catalogue.
    """
    scale = scale_of(entry)
    return {
        role: round(float(row[role] or 0) / (scale if role == "numerator" else 1), 6)
        for role in ROLES
    }


def not_zero(row: Row, entry: Row, publication: int) -> list[Cell]:
    """Return the cells of a row that cannot be 0: it would not be there, or would be published.

    Args:
        row: a row of a publication.
        entry: of its indicator in the catalogue.
        publication: the number of the publication, from 0.
    """
    is_count = entry["denominator_measure"] is None
    return [
        cell
        for role, cell in cells_of(row, entry, publication).items()
        if role in ("denominator", "persons")
        or (role == "numerator" and (is_count or entry["breakdown_rule"] == "only"))
    ]
