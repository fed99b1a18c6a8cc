"""Counting every cell of every indicator anew, in plain Python.

The engine divides the rows of each period among areas and parts, and counts each indicator over
them. What rows a theme has and how its indicators are counted is said by the theme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import yaml

from tests.support.mirror.counting import Area, Cell, Indicator, Key, Row, Tables, parts_of
from tests.support.mirror.days import age_group, days, in_force, is_in, of_day, yes_or_no
from tests.support.mirror.marts import Source, read
from tests.support.places import ROOT

# What is known before anything is submitted: who there is, and which periods.
KNOWN = ("dim_organisation", "dim_municipality", "dim_period")
DECLARATIONS = ROOT / "dbt_project" / "indicators"


@dataclass(frozen=True)
class Theme:
    """A theme: its indicators, the rows of a period, and cells that are not counted over rows."""

    indicators: Mapping[str, Indicator]
    rows: Callable[[Mirror, Row], dict[str, list[Row]]]
    further_cells: Callable[[Mirror, Row, Tables, Mapping[str, set[str]]], dict[Key, Cell]] = (
        lambda marts, period, rows, coverage: {}
    )


@dataclass
class Mirror:
    """The marts in memory, and every cell counted over them."""

    connection: duckdb.DuckDBPyConnection
    themes: tuple[Theme, ...]
    source: Source

    def __post_init__(self) -> None:
        self.tables = dict(self.source.tables)
        for name in KNOWN:
            self.tables[name] = read(self.connection, f"SELECT * FROM marts.{name}")
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
        self.built_on: date = max(row["last_day"] for row in self.tables["dim_period"])
        self.clients: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["dim_client_spell"]:
            self.clients[row["organisation"], row["client_id"]].append(row)
        self.workers: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["dim_worker_spell"]:
            self.workers[row["organisation"], row["worker_id"]].append(row)
        self.stated = self.source.stated
        self.contacts: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted(self.tables["fct_contact"], key=lambda row: row["occurred_on"]):
            self.contacts[row["organisation"], row["client_id"]].append(row)
        # What is asked for again and again, by the day.
        self._clients_of: dict[date, list[Row]] = {}
        self._posts: dict[tuple[str, str, date], list[Row]] = {}
        # What an indicator is declared to have: its areas and period types.
        self.declared = {
            declaration["code"]: declaration
            for file in DECLARATIONS.glob("*/*.yml")
            for declaration in (yaml.safe_load(file.read_text(encoding="utf-8")),)
        }

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def cells(self) -> dict[Key, Cell]:
        """Count every cell of every indicator."""
        found: dict[Key, Cell] = {}
        for period in self.tables["dim_period"]:
            indicators = {
                name: indicator
                for theme in self.themes
                for name, indicator in theme.indicators.items()
                if self._has_cells(name, indicator, period)
            }
            covering = {
                feed: self.covering(feed, period)
                for feed in {indicator.feed for indicator in indicators.values()}
            }
            if not any(covering.values()):
                continue
            rows: dict[str, list[Row]] = {}
            for theme in self.themes:
                if theme.indicators.keys() & indicators.keys():
                    rows |= theme.rows(self, period)
            for theme in self.themes:
                if theme.indicators.keys() & indicators.keys():
                    found |= theme.further_cells(self, period, rows, covering)
            for feed, organisations in covering.items():
                of_feed = {
                    name: indicator
                    for name, indicator in indicators.items()
                    if indicator.feed == feed and not indicator.elsewhere
                }
                found |= self._cells_of_feed(of_feed, period, rows, organisations)
        return found

    def _has_cells(self, name: str, indicator: Indicator, period: Row) -> bool:
        """Tell whether an indicator is declared for such periods and can be judged by now."""
        if period["period_type"] not in self.declared[name]["period_types"]:
            return False
        return indicator.judged_from is None or indicator.judged_from(period) <= self.built_on

    def covering(self, feed: str, period: Row) -> set[str]:
        """Name the organisations that cover a period: a rolling year with every day of it."""
        wanted = set(days(period["first_day"], period["last_day"]))
        needed = len(wanted) if period["period_type"] == "rolling_year" else 1
        return {
            organisation
            for (organisation, of_feed), stated in self.stated.items()
            if of_feed == feed and len(wanted & stated) >= needed
        }

    def _cells_of_feed(
        self,
        indicators: Mapping[str, Indicator],
        period: Row,
        rows: Tables,
        organisations: set[str],
    ) -> dict[Key, Cell]:
        found: dict[Key, Cell] = {}
        told_of = self._told_of(period, organisations)
        for (area_type, area), tables in self._areas(rows, organisations, told_of).items():
            tables["population"] = self._population(area_type, area, period["period"][:4])
            rows_of_area = Area(tables)
            for name, indicator in indicators.items():
                if area_type not in self.declared[name]["areas"]:
                    continue
                key = (name, area_type, area, period["period_type"], period["period"])
                has_zero = area_type in ("country", "welfare_area", "organisation") or (
                    indicator.per_inhabitants and area in told_of
                )
                for part, cell in parts_of(indicator, rows_of_area, has_zero=has_zero).items():
                    if period["period_type"] == "rolling_year":
                        # An age is a state of the last day, and a rolling year has no states.
                        if part[0] == "age_group":
                            continue
                        cell = Cell(cell.numerator, cell.denominator, None, cell.events)
                    found[(*key, *part)] = cell
        return found

    def _told_of(self, period: Row, organisations: set[str]) -> set[str]:
        """Name the municipalities of the welfare areas whose every organisation covers a period.

        Every organisation is each that is in force on some day of the period.
        """
        in_force_of: dict[str, set[str]] = defaultdict(set)
        for row in self.tables["dim_organisation"]:
            begins, ends = row["valid_from"] or date.min, row["valid_to"] or date.max
            if begins <= period["last_day"] and ends >= period["first_day"]:
                in_force_of[row["welfare_area"]].add(row["organisation"])
        return {
            row["municipality"]
            for row in self.tables["dim_municipality"]
            if in_force_of.get(row["welfare_area"])
            and in_force_of[row["welfare_area"]] <= organisations
        }

    def _areas(
        self, rows: Tables, organisations: set[str], told_of: set[str]
    ) -> dict[tuple[str, str], dict[str, list[Row]]]:
        """Divide the rows of the covering organisations among the areas that they belong to."""
        areas: dict[tuple[str, str], dict[str, list[Row]]] = {}

        def tables_of(area_type: str, area: str | None) -> dict[str, list[Row]] | None:
            if area is None:
                return None
            if (area_type, area) not in areas:
                areas[area_type, area] = {name: [] for name in rows}
            return areas[area_type, area]

        for organisation in organisations:
            tables_of("country", "FI")
            tables_of("organisation", organisation)
            tables_of("welfare_area", self.welfare_area[organisation])
        for municipality in told_of:
            tables_of("municipality", municipality)
        for name, all_rows in rows.items():
            for row in all_rows:
                if row["organisation"] in organisations:
                    team = row.get("team")
                    for tables in (
                        tables_of("country", "FI"),
                        tables_of("welfare_area", self.welfare_area[row["organisation"]]),
                        tables_of("organisation", row["organisation"]),
                        tables_of("municipality", row["municipality"]),
                        tables_of("team", f"{row['organisation']}:{team}" if team else None),
                    ):
                        if tables is not None:
                            tables[name].append(row)
        return areas

    def _population(self, area_type: str, area: str, year: str) -> list[Row]:
        if area_type == "team":
            return []
        if area_type == "organisation":
            area_type, area = "welfare_area", self.welfare_area[area]
        municipalities = {
            row["municipality"]
            for row in self.tables["dim_municipality"]
            if area_type == "country" or row[area_type] == area
        }
        years = {row["year"] for row in self.tables["fct_population"] if row["year"] <= year}
        latest = max(years, default=None)
        counts = [
            row["population"]
            for row in self.tables["fct_population"]
            if row["year"] == latest and row["municipality"] in municipalities
        ]
        return [{"population": sum(counts)}] if counts else []

    def events(self, table: str, dated_by: str, period: Row) -> list[Row]:
        """The rows of a fact whose day is in a period."""
        return [row for row in self.tables[table] if is_in(row[dated_by], period)]

    def client(self, organisation: str, client_id: str, day: date) -> Row | None:
        """Find a client relationship with its state of a day."""
        states = self.clients.get((organisation, client_id), [])
        return next((row for row in states if of_day(row, day)), None)

    def clients_of(self, day: date) -> list[Row]:
        """Every client relationship that is in force on a day, with its state of that day."""
        if day not in self._clients_of:
            self._clients_of[day] = [
                row
                for rows in self.clients.values()
                for row in rows
                if of_day(row, day) and in_force(row, day)
            ]
        return self._clients_of[day]

    def posts(self, organisation: str, worker_id: str, day: date) -> list[Row]:
        """Every post of a worker with its state of a day, the one that tells of the worker last."""
        place = (organisation, worker_id, day)
        if place not in self._posts:
            self._posts[place] = sorted(
                (row for row in self.workers.get(place[:2], []) if of_day(row, day)),
                key=lambda row: (
                    in_force(row, day),
                    row["started_on"],
                    row["fte"] or 0,
                    # Ascending, for the last to be the first by name; the empty one before all.
                    [-ord(letter) for letter in row["post"] or ""] + [1],
                ),
            )
        return self._posts[place]

    def worker(self, organisation: str, worker_id: str, day: date) -> Row | None:
        """Find what tells of a worker on a day: of the posts in force, else of all, one."""
        posts = self.posts(organisation, worker_id, day)
        return posts[-1] if posts else None

    def of_client(self, row: Row, day: date | None, last_day: date | None = None) -> Row:
        """Add the client relationship of a day to a row; without one, the row is a person itself.

        Args:
            row: names an organisation and a client_id.
            day: the day by which the row counts; none where it does not count.
            last_day: the last day of the period, on which the client has an age.
        """
        key = (row["organisation"], row["client_id"])
        client = self.client(*key, day) if day else None
        return row | {
            "relationship": key,
            "municipality": client["municipality"] if client else None,
            "team": client["team"] if client else None,
            "person": client["person_id"] if client else key,
            "special_support": yes_or_no(client["special_support"]) if client else None,
            "intensity": client["intensity"] if client else None,
            "sex": client["sex"] if client else None,
            "age_group": age_group(client["birth_year"], last_day) if client and last_day else None,
        }
