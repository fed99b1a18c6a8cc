"""Counting every cell of every indicator anew, in plain Python.

The engine divides the rows of each period among areas and parts, and counts each indicator over
them. What rows a theme has and how its indicators are counted is said by the theme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
Key = tuple[str, str, str, str, str, str, str]

MARTS = (
    "dim_organisation",
    "dim_municipality",
    "dim_period",
    "dim_worker_spell",
    "dim_client",
    "fct_coverage",
    "fct_assignment",
    "fct_contact",
    "fct_time_entry",
    "fct_outreach_visit",
    "fct_population",
    "fct_worker_survey_response",
    "fct_worker_survey_allocation",
    "fct_assessment",
    "fct_plan",
    "fct_measurement",
    "fct_measurement_score",
    "fct_client_feedback",
    "dim_group",
    "fct_group_answer",
    "fct_worker_survey_answer",
    "fct_survey_round",
    "fct_observation",
    "fct_measure",
    "fct_meeting",
    "dim_place",
)
# The rows of a feed that name a municipality, so that it has a rate per inhabitant.
NAMED_BY = {"outreach": ("visits",), "workers": ("staff", "spells"), "places": ("places",)}
YEAR = ("year",)
WITHOUT_MUNICIPALITY = ("country", "welfare_area", "organisation")


@dataclass(frozen=True)
class Cell:
    """What a value should be, and the people on its sides."""

    numerator: float
    denominator: float | None
    persons: int | None
    events: int
    numerator_persons: int | None = None
    other_side_persons: int | None = None


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
    # Of parts that overlap, the other side stands among the rows of the part.
    overlapping: bool = False
    areas: tuple[str, ...] = ("country", "welfare_area", "organisation", "municipality")
    period_types: tuple[str, ...] = ("month", "year")


@dataclass(frozen=True)
class Theme:
    """A theme: its indicators, the rows of a period, and cells that are not counted over rows."""

    indicators: Mapping[str, Indicator]
    rows: Callable[[Mirror, Row], dict[str, list[Row]]]
    further_cells: Callable[[Mirror, Row, Tables, Mapping[str, set[str]]], dict[Key, Cell]] = (
        lambda marts, period, rows, coverage: {}
    )


def total(rows: Iterable[Row], column: str) -> float:
    """Sum a column; an empty cell is nothing."""
    return sum(row[column] or 0 for row in rows)


def matching(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Choose the rows with these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def people(rows: Iterable[Row], column: str = "person") -> set[Any]:
    """Name everyone whose row has something of the column, or every row's person."""
    return {row["person"] for row in rows if row[column]}


def share(
    feed: str,
    table: str,
    part: Callable[[Row], bool],
    whole: Callable[[Row], bool] = lambda row: True,
    events: Callable[[Row], int] = lambda row: 1,
    breakdowns: tuple[str, ...] = (),
    each: bool = False,
) -> Indicator:
    """Count the rows of a year that fit, of those of them that are meant."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if whole(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in counted(t)),
        lambda t: sum(events(row) for row in counted(t)),
        lambda t: len(counted(t)),
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t) if part(row)},
        lambda t: {row["person"] for row in counted(t) if not part(row)},
        breakdowns=breakdowns,
        each=each,
        period_types=YEAR,
    )


def division(feed: str, table: str, breakdown: str) -> Indicator:
    """Divide the rows of a year that have a value of the breakdown."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if row[breakdown] is not None]

    return Indicator(
        feed,
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t)},
        breakdowns=(breakdown,),
        only=True,
        period_types=YEAR,
    )


def mean(
    feed: str,
    table: str,
    points: str,
    events: Callable[[list[Row]], int],
    breakdowns: tuple[str, ...],
    each: bool = False,
    areas: tuple[str, ...] = ("country", "welfare_area", "organisation", "municipality"),
) -> Indicator:
    """Take the mean of a column over the rows of a year."""
    return Indicator(
        feed,
        lambda t: total(t[table], points),
        lambda t: events(t[table]),
        lambda t: len(t[table]),
        lambda t: {row["person"] for row in t[table]},
        lambda t: people(t[table], points),
        breakdowns=breakdowns,
        each=each,
        areas=areas,
        period_types=YEAR,
    )


def count(
    feed: str, table: str, breakdowns: tuple[str, ...] = (), of: Callable[[Row], bool] | None = None
) -> Indicator:
    """Count the rows of a year."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if of is None or of(row)]

    return Indicator(
        feed,
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        persons=lambda t: {row["person"] for row in counted(t)},
        numerator_people=lambda t: {row["person"] for row in counted(t)},
        breakdowns=breakdowns,
        period_types=YEAR,
    )


def unnamed(
    feed: str,
    table: str,
    part: Callable[[Row], bool] = lambda row: True,
    whole: Callable[[Row], bool] | None = None,
    breakdowns: tuple[str, ...] = (),
) -> Indicator:
    """Count the rows of a year that are meant, or their share; they tell of nobody."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if (whole or part)(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in counted(t)),
        lambda t: len(counted(t)),
        (lambda t: len(counted(t))) if whole else None,
        breakdowns=breakdowns,
        period_types=YEAR,
    )


def distinct(feed: str, table: str, column: str) -> Indicator:
    """Count the distinct things that the rows of a year tell of."""
    return Indicator(
        feed,
        lambda t: len({row[column] for row in t[table]}),
        lambda t: len(t[table]),
        period_types=YEAR,
    )


def per_10000(feed: str, table: str, column: str, *, personal: bool) -> Indicator:
    """Divide what the rows of the last day have of a column by the population."""
    return Indicator(
        feed,
        lambda t: 10_000 * total(t[table], column),
        lambda t: int(total(t[table], column)),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        (lambda t: people(t[table], column)) if personal else None,
        (lambda t: people(t[table], column)) if personal else None,
        period_types=YEAR,
    )


@dataclass
class Mirror:
    """The marts in memory, and every cell counted over them."""

    connection: duckdb.DuckDBPyConnection
    themes: tuple[Theme, ...]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in MARTS:
            self.tables[name] = self._read(f"SELECT * FROM marts.{name}")
        self.economic = {
            code for (code,) in self._rows("SELECT code FROM codes.topic WHERE economic")
        }
        self.outside = {
            code for (code,) in self._rows("SELECT code FROM codes.channel WHERE outside_office")
        }
        self.carrying = {
            code
            for (code,) in self._rows("SELECT code FROM codes.profession WHERE carries_clients")
        }
        self.target_groups = [
            code
            for (code,) in self._rows("SELECT code FROM codes.target_group")
            if code != "anyone"
        ]
        self.needs = [code for (code,) in self._rows("SELECT code FROM codes.support_need")]
        self.forms = dict(self._rows("SELECT code, form FROM codes.client_question"))
        self.welfare_area = {
            row["organisation"]: row["welfare_area"] for row in self.tables["dim_organisation"]
        }
        self.clients = {
            (row["organisation"], row["client_id"]): row for row in self.tables["dim_client"]
        }
        self.spells: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["dim_worker_spell"]:
            self.spells[row["organisation"], row["worker_id"]].append(row)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def _read(self, query: str) -> list[Row]:
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cells(self) -> dict[Key, Cell]:
        """Count every cell of every indicator."""
        found: dict[Key, Cell] = {}
        indicators = {
            name: indicator for theme in self.themes for name, indicator in theme.indicators.items()
        }
        for period in self.tables["dim_period"]:
            covering = {
                feed: {
                    row["organisation"]
                    for row in self.tables["fct_coverage"]
                    if row["feed"] == feed
                    and row["period_type"] == period["period_type"]
                    and row["period"] == period["period"]
                }
                for feed in {indicator.feed for indicator in indicators.values()}
            }
            if not any(covering.values()):
                continue
            rows: dict[str, list[Row]] = {}
            for theme in self.themes:
                rows |= theme.rows(self, period)
            for theme in self.themes:
                found |= theme.further_cells(self, period, rows, covering)
            for feed, organisations in covering.items():
                for (area_type, area), tables in self._areas(rows, organisations).items():
                    # A municipality without a row of the feed may be one that no submission names.
                    is_named = area_type != "municipality" or any(
                        tables[name] for name in NAMED_BY.get(feed, ())
                    )
                    tables["population"] = (
                        self._population(area_type, area, period["period"][:4]) if is_named else []
                    )
                    for name, indicator in indicators.items():
                        if (
                            indicator.feed == feed
                            and area_type in indicator.areas
                            and period["period_type"] in indicator.period_types
                        ):
                            key = (name, area_type, area, period["period_type"], period["period"])
                            found |= {
                                (*key, *part): cell
                                for part, cell in _parts(indicator, tables, area_type).items()
                            }
        return found

    def _areas(
        self, rows: Tables, organisations: set[str]
    ) -> dict[tuple[str, str], dict[str, list[Row]]]:
        """Divide the rows of the covering organisations among the areas that they belong to."""
        areas: dict[tuple[str, str], dict[str, list[Row]]] = {}

        def tables_of(area_type: str, area: str | None) -> dict[str, list[Row]] | None:
            if area is None:
                return None
            return areas.setdefault((area_type, area), {name: [] for name in rows})

        for organisation in organisations:
            tables_of("country", "FI")
            tables_of("organisation", organisation)
            tables_of("welfare_area", self.welfare_area[organisation])
        for name, all_rows in rows.items():
            for row in all_rows:
                if row["organisation"] in organisations:
                    for tables in (
                        tables_of("country", "FI"),
                        tables_of("welfare_area", self.welfare_area[row["organisation"]]),
                        tables_of("organisation", row["organisation"]),
                        tables_of("municipality", row["municipality"]),
                    ):
                        if tables is not None:
                            tables[name].append(row)
        return areas

    def _population(self, area_type: str, area: str, year: str) -> list[Row]:
        if area_type == "organisation":
            area_type, area = "welfare_area", self.welfare_area[area]
        municipalities = {
            row["municipality"]
            for row in self.tables["dim_municipality"]
            if area_type == "country" or row[area_type] == area
        }
        years = [row["year"] for row in self.tables["fct_population"] if row["year"] <= year]
        counts = [
            row["population"]
            for row in self.tables["fct_population"]
            if years and row["year"] == max(years) and row["municipality"] in municipalities
        ]
        return [{"population": sum(counts)}] if counts else []

    def events(self, table: str, dated_by: str, period: Row) -> list[Row]:
        """The rows of a fact whose day is in a period."""
        return [
            row
            for row in self.tables[table]
            if row[dated_by].isoformat().startswith(period["period"])
        ]

    def spell(self, organisation: str, worker_id: str, day: date) -> Row | None:
        """Find the worker's spell on a day: of those in force, else of all, the one begun last."""
        spells = self.spells.get((organisation, worker_id), [])
        return max(
            spells, key=lambda spell: (in_force(spell, day), spell["started_on"]), default=None
        )

    def of_client(self, row: Row) -> Row:
        """Add the client relationship of a row; without one, the row is a person of its own."""
        key = (row["organisation"], row["client_id"])
        client = self.clients.get(key)
        support = client["special_support"] if client else None
        return row | {
            "relationship": key,
            "municipality": client["municipality"] if client else None,
            "person": client["person_id"] if client else key,
            "special_support": None if support is None else "yes" if support else "no",
        }


def in_force(spell: Row, day: date) -> bool:
    return spell["started_on"] <= day and (spell["ended_on"] is None or spell["ended_on"] >= day)


def is_in(day: date | None, year: str) -> bool:
    return day is not None and str(day.year) == year


def _parts(indicator: Indicator, tables: Tables, area_type: str) -> dict[tuple[str, str], Cell]:
    """Count the undivided cell and every part of it that has a row."""
    found: dict[tuple[str, str], Cell] = {}
    if not indicator.only and not indicator.each:
        cell = _cell(indicator, tables, tables)
        has_zero = indicator.denominator is None and area_type != "municipality"
        if cell and (has_zero or _is_there(indicator, cell)):
            found["none", "all"] = cell
    for breakdown in indicator.breakdowns:
        values = {
            value
            for rows in tables.values()
            for row in rows
            for value in _values(row, breakdown)
            if value is not None
        }
        for value in values:
            part = {
                name: [
                    row for row in rows if breakdown not in row or value in _values(row, breakdown)
                ]
                for name, rows in tables.items()
            }
            rest = {
                name: [
                    row
                    for row in rows
                    if breakdown not in row or value not in _values(row, breakdown)
                ]
                for name, rows in tables.items()
            }
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
        persons=persons or None,
        events=int(indicator.events(whole)),
        numerator_persons=len(set(indicator.numerator_people(part)))
        if indicator.numerator_people
        else None,
        other_side_persons=len(set(indicator.other_people(other)))
        if indicator.other_people
        else None,
    )


def _is_there(indicator: Indicator, cell: Cell) -> bool:
    if indicator.denominator is None or indicator.only:
        return cell.numerator > 0
    return cell.denominator is not None and cell.denominator > 0
