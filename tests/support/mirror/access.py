"""Theme 8, low-threshold places: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tests.support.mirror.counting import Cell, Indicator, Key, Row, Tables
from tests.support.mirror.days import of_day
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import per_10000, unnamed

INDICATORS: dict[str, Indicator] = {
    "access.places": unnamed("places", "places", breakdowns=("kind", "sector", "target_group")),
    "access.places_per_10000": per_10000("places", "places", "one", personal=False),
    # Counted in municipalities, not in rows: blind_spots().
    "access.blind_spots": Indicator("places", lambda t: 0, lambda t: 0, elsewhere=True),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The places that are open on the last day of a period."""
    day: date = period["last_day"]
    return {
        "places": [
            row | {"target_group": row["target_groups"], "one": 1}
            for row in marts.tables["dim_place_spell"]
            if of_day(row, day)
            and row["opened_on"] <= day
            and (row["closed_on"] is None or row["closed_on"] >= day)
        ],
    }


def blind_spots(
    marts: Mirror, period: Row, rows: Tables, coverage: Mapping[str, set[str]]
) -> dict[Key, Cell]:
    """Count the municipalities without a place and a visit, and those without one for a group."""
    day, covering = period["last_day"], coverage["places"]
    places = [row for row in rows["places"] if row["organisation"] in covering]
    visited = {row["municipality"] for row in rows["visits"] if row["organisation"] in covering}
    found: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for welfare_area in {marts.welfare_area[organisation] for organisation in covering}:
        municipalities = {
            row["municipality"]
            for row in marts.tables["dim_municipality"]
            if row["welfare_area"] == welfare_area
            and (row["valid_to"] is None or row["valid_to"] >= day)
        }
        for group in [None, *marts.target_groups]:
            fitting = [
                row
                for row in places
                if row["municipality"] in municipalities
                and (group is None or {group, "anyone"} & set(row["target_groups"]))
            ]
            blind = municipalities - {row["municipality"] for row in fitting}
            blind -= visited if group is None else set()
            part = ("target_group", group) if group else ("none", "all")
            for area in (("welfare_area", welfare_area), ("country", "FI")):
                before = found.setdefault(area, {}).get(part, Cell(0, 0, None, 0))
                found[area][part] = Cell(
                    before.numerator + len(blind),
                    (before.denominator or 0) + len(municipalities),
                    None,
                    before.events + len(fitting),
                )
    return {
        ("access.blind_spots", *area, "year", period["period"], *part): cell
        for area, parts in found.items()
        for part, cell in parts.items()
    }


THEME = Theme(INDICATORS, rows, blind_spots)
