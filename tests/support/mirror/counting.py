"""How an indicator is counted over the rows of an area: the undivided cell and each part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
Key = tuple[str, str, str, str, str, str, str]


@dataclass(frozen=True)
class Cell:
    """What a value should be, and the people on its sides."""

    numerator: float
    denominator: float | None
    persons: int | None
    events: int
    numerator_persons: int | None = None
    other_side_persons: int | None = None
    # All the people, also where they are heads and no distinct people are told.
    basis_persons: int | None = None


@dataclass(frozen=True)
class Indicator:
    """How an indicator is counted over the rows of a cell.

    Each function gets the tables of the cell. `whole` of a part is counted over the undivided cell.
    """

    feed: str
    numerator: Callable[[Tables], float]
    events: Callable[[Tables], int]
    denominator: Callable[[Tables], float] | None = None
    persons: Callable[[Tables], Iterable[Any]] | None = None
    numerator_people: Callable[[Tables], Iterable[Any]] | None = None
    other_people: Callable[[Tables], Iterable[Any]] | None = None
    breakdowns: tuple[str, ...] = ()
    only: bool = False
    each: bool = False
    # Its people are counted and not identified: a value tells no persons.
    heads: bool = False
    # Of parts that overlap, the other side stands among the rows of the part.
    overlapping: bool = False
    per_inhabitants: bool = False
    # Its cells are among the theme's further cells.
    elsewhere: bool = False
    # Whether a part has a row at 0, where there is an event.
    told_at_zero: bool = False
    # The first day on which the cells of a period can be judged.
    judged_from: Callable[[Row], date] | None = None


class Area:
    """The rows of an area, and those of each part of it; a table is divided once it is asked for."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._values: dict[str, set[Any]] = {}
        self._divided: dict[tuple[str, str], dict[Any, list[Row]]] = {}

    def values(self, breakdown: str) -> set[Any]:
        """Name the parts of a breakdown that some row stands in."""
        if breakdown not in self._values:
            self._values[breakdown] = {
                value for name in self.tables for value in self._divide(name, breakdown)
            } - {None}
        return self._values[breakdown]

    def part(self, breakdown: str, value: Any) -> Tables:
        """Choose the rows of a part; a table that cannot be divided stands in every part."""
        return _Tables(
            self.tables,
            lambda name, rows: (
                self._divide(name, breakdown).get(value, [])
                if _can_be_divided(rows, breakdown)
                else rows
            ),
        )

    def rest(self, breakdown: str, value: Any) -> Tables:
        """Choose the rows that do not stand in a part."""
        return _Tables(
            self.tables,
            lambda _, rows: [
                row for row in rows if breakdown not in row or value not in _values(row, breakdown)
            ],
        )

    def _divide(self, name: str, breakdown: str) -> dict[Any, list[Row]]:
        if (name, breakdown) not in self._divided:
            divided: dict[Any, list[Row]] = {}
            if _can_be_divided(self.tables[name], breakdown):
                for row in self.tables[name]:
                    for value in _values(row, breakdown):
                        divided.setdefault(value, []).append(row)
            self._divided[name, breakdown] = divided
        return self._divided[name, breakdown]


class _Tables(Mapping[str, list[Row]]):
    """Some tables with the rows that are chosen of each, once it is asked for."""

    def __init__(self, tables: Tables, choose: Callable[[str, list[Row]], list[Row]]) -> None:
        self._tables = tables
        self._choose = choose
        self._chosen: dict[str, list[Row]] = {}

    def __getitem__(self, name: str) -> list[Row]:
        if name not in self._chosen:
            self._chosen[name] = self._choose(name, self._tables[name])
        return self._chosen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _can_be_divided(rows: list[Row], breakdown: str) -> bool:
    """Tell whether a table has the column of a breakdown: then each of its rows has it."""
    return bool(rows) and breakdown in rows[0]


def parts_of(indicator: Indicator, area: Area, *, has_zero: bool) -> dict[tuple[str, str], Cell]:
    """Count the undivided cell and every part of it that has a row.

    Args:
        indicator: what to count.
        area: its rows.
        has_zero: whether a count or a rate per inhabitants of the area is told at 0.
    """
    found: dict[tuple[str, str], Cell] = {}
    tables = area.tables
    if not indicator.only and not indicator.each:
        cell = _cell(indicator, tables, tables)
        if indicator.denominator is None or indicator.per_inhabitants:
            if cell and (has_zero or cell.numerator > 0):
                found["none", "all"] = cell
        elif cell and _is_there(indicator, cell):
            found["none", "all"] = cell
    for breakdown in indicator.breakdowns:
        for value in area.values(breakdown):
            part, rest = area.part(breakdown, value), area.rest(breakdown, value)
            cell = _cell(indicator, part, tables if indicator.only else part, rest)
            if cell and _is_there(indicator, cell):
                found[breakdown, value] = cell
    return found


def _values(row: Row, breakdown: str) -> list[Any]:
    """List the parts that a row stands in: several where the column is a list."""
    value = row.get(breakdown)
    return value if isinstance(value, list) else [value]


def _cell(
    indicator: Indicator, part: Tables, whole: Tables, rest: Tables | None = None
) -> Cell | None:
    denominator = indicator.denominator(whole) if indicator.denominator else None
    if denominator is not None and denominator <= 0:
        return None
    persons = len(set(indicator.persons(whole))) if indicator.persons else 0
    is_rest = indicator.only and not indicator.overlapping
    other = rest if is_rest and rest is not None else part
    return Cell(
        numerator=indicator.numerator(part),
        denominator=denominator,
        persons=None if indicator.heads else persons or None,
        events=int(indicator.events(whole)),
        numerator_persons=len(set(indicator.numerator_people(part)))
        if indicator.numerator_people
        else None,
        other_side_persons=len(set(indicator.other_people(other)))
        if indicator.other_people
        else None,
        basis_persons=persons or None,
    )


def _is_there(indicator: Indicator, cell: Cell) -> bool:
    if indicator.told_at_zero:
        return cell.events > 0
    if indicator.denominator is None or indicator.only:
        return cell.numerator > 0
    return cell.denominator is not None and cell.denominator > 0
