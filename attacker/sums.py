"""Sums: which numbers are wholes of which parts, over areas, periods, breakdowns and definitions.

What is yielded here may hold or not; whether a family of wholes sums is decided by
:mod:`attacker.knowledge`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attacker import facts
from attacker.cells import Cell, Row, cells_of, scale_of

# The numbers of a publication by their cells; None where every row withholds it.
Shown = Mapping[Cell, float | None]


@dataclass
class Group:
    """A whole and its parts, and the family that it is one of.

    Attributes:
        family: wholes of one family sum all or none.
        whole: the cell of the whole.
        parts: the cells of the parts, each with what it is multiplied with.
        is_at_most: the parts are at most the whole, whatever the numbers of the family say.
    """

    family: tuple[str, ...]
    whole: Cell
    parts: dict[Cell, float]
    is_at_most: bool = False


def inside_a_row(row: Row, entry: Row, publication: int) -> Iterable[Group]:
    """Yield what the numbers of one row say of each other.

    People are at most what is counted of them, and the part of a share is at most its whole.
    """
    named = cells_of(row, entry, publication)
    if "persons" in named:
        counted = "numerator" if "denominator" not in named else "denominator"
        for role in (counted, "events"):
            family = ("people", role, str(entry["indicator"]))
            yield Group(family, named[role], {named["persons"]: 1.0}, is_at_most=True)
    if entry["kind"] == "share" and "denominator" in named:
        parts = {named["numerator"]: scale_of(entry)}
        yield Group(("share",), named["denominator"], parts, is_at_most=True)


def sums(shown: Shown, welfare_area: Mapping[tuple[str, str], str | None]) -> Iterable[Group]:
    """Yield every whole that has parts, over areas, periods and breakdowns.

    Args:
        shown: the numbers of one publication.
        welfare_area: by kind of area and area, the welfare area that it lies in.
    """
    parts: dict[tuple[tuple[str, ...], Cell], dict[Cell, float]] = defaultdict(dict)
    for cell in shown:
        for what, whole in _wholes(cell, welfare_area):
            if whole in shown:
                # By feed, publication, measure and breakdown: each sums or not for itself.
                parts[(what, *cell[:3], cell[7]), whole][cell] = 1.0
    for (family, whole), of_whole in parts.items():
        yield Group(family, whole, of_whole)


def _wholes(
    cell: Cell, welfare_area: Mapping[tuple[str, str], str | None]
) -> Iterable[tuple[str, Cell]]:
    """Yield the wholes that a cell may be a part of, each with a name for how."""
    start = cell[:3]
    area_type, area, period_type, period, breakdown, value = cell[3:]
    if area_type != "country":
        here = (period_type, period, breakdown, value)
        yield f"country of {area_type}", (*start, "country", "FI", *here)
        inside = welfare_area.get((area_type, area))
        if area_type != "welfare_area" and inside is not None:
            yield f"welfare_area of {area_type}", (*start, "welfare_area", inside, *here)
    if period_type == "month":
        year = (area_type, area, "year", period[:4], breakdown, value)
        yield "months", (*start, *year)
    place = (*start, area_type, area, period_type, period)
    if breakdown != "none":
        yield "undivided", (*place, "none", "all")
    if ":" in value:
        first, second = value.split(":", 1)
        words = breakdown.split("_")
        for cut in range(1, len(words)):
            one, other = "_".join(words[:cut]), "_".join(words[cut:])
            yield f"margin {one}", (*place, one, first)
            yield f"margin {other}", (*place, other, second)


def same_measure_of_two_feeds(shown: Shown) -> Iterable[Group]:
    """Yield the same measure of two feeds as a whole with one part, in case they are the same."""
    alike: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in shown:
        alike[cell[1:]].append(cell)
    for cells in alike.values():
        for other in sorted(cells)[1:]:
            one = min(cells)
            yield Group(("feeds", one[0], other[0], one[2]), one, {other: 1.0})


def by_definition(shown: Shown) -> Iterable[Group]:
    """Yield what the definitions of the measures say of the numbers of one publication."""
    parts: dict[tuple[str, ...], dict[Cell, float]] = defaultdict(dict)
    feeds: dict[str, set[str]] = defaultdict(set)
    for cell in shown:
        parts[cell[:8]][cell] = 1.0
        feeds[cell[2]].add(cell[0])
    for cell in shown:
        feed, publication, measure, *place, breakdown, value = cell
        holds = place[0] != "municipality" or measure not in facts.NOT_IN_MUNICIPALITIES
        if holds and measure in facts.PARTS and breakdown == "none":
            base, divided_by, codes = facts.PARTS[measure]
            of_base = parts.get((feed, publication, base, *place, divided_by), {})
            wanted = {part: 1.0 for part in of_base if part[8] in codes}
            if wanted:
                yield Group(("definition", feed, measure), cell, wanted)
        before = year_before(cell)
        if before is not None and before in shown:
            yield Group(("year before", measure, place[3]), cell, {before: 1.0})
        for one, other in facts.SAME:
            if holds and measure == one:
                for other_feed in sorted(feeds[other]):
                    same = (other_feed, publication, other, *cell[3:])
                    if same in shown:
                        # By area: not everybody covers both feeds.
                        family = ("same", one, other, feed, other_feed, *place[:2])
                        yield Group(family, cell, {same: 1.0})
        for one, other in facts.AT_MOST:
            if measure == one:
                whole = (feed, publication, other, *place, breakdown, value)
                if whole in shown:
                    yield Group(("at most", one, other), whole, {cell: 1.0}, is_at_most=True)


def year_before(cell: Cell) -> Cell | None:
    """Return the cell of the year before that has the same number by its definition, if any."""
    feed, publication, measure, area_type, area, period_type, period, *part = cell
    if measure not in facts.OF_YEAR_BEFORE or period_type != "year":
        return None
    before = f"{int(period) - 1:04d}"
    base = facts.OF_YEAR_BEFORE[measure]
    return (feed, publication, base, area_type, area, period_type, before, *part)
