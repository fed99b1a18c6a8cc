"""Every indicator of themes 1 to 3 once more, in plain Python, as indicators.md words them.

Nothing here knows how the warehouse computes: each value of each cell is counted anew over the rows
that belong to it. Slow, and easy to check by reading. It starts from the facts and spells of the
marts; what a worker or a client was on a day it finds out for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
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
)


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
    areas: tuple[str, ...] = ("country", "welfare_area", "organisation", "municipality")
    period_types: tuple[str, ...] = ("month", "year")


def total(rows: Iterable[Row], column: str) -> float:
    """Sum a column; an empty cell is nothing."""
    return sum(row[column] or 0 for row in rows)


def those(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Choose the rows with these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def people(rows: Iterable[Row], column: str = "person") -> set[Any]:
    """Name everyone whose row has something of the column, or every row's person."""
    return {row["person"] for row in rows if row[column]}


LIMIT, TARGET_MINUTES = 35, 480
BANDS = {"0-19": range(20), "20-39": range(20, 40), "40-59": range(40, 60)}


def band(clients: int) -> str:
    """Name the band that a number of clients falls in."""
    return next((name for name, band in BANDS.items() if clients in band), "60+")


INDICATORS: dict[str, Indicator] = {
    "caseload.open_clients": Indicator(
        "clients",
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        persons=lambda t: people(t["relationships"]),
        numerator_people=lambda t: people(t["relationships"]),
        breakdowns=("intensity",),
    ),
    "caseload.clients_per_worker": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.clients_per_fte": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: total(t["workers"], "fte"),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.intensive_per_worker": Indicator(
        "assignments",
        lambda t: len(those(t["pairs"], intensity="intensive")),
        lambda t: total(those(t["pairs"], intensity="intensive"), "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(those(t["pairs"], intensity="intensive")),
        breakdowns=("profession",),
    ),
    "caseload.workers_within_limit": Indicator(
        "assignments",
        lambda t: sum(worker["intensive"] <= LIMIT for worker in t["workers"]),
        lambda t: total(t["workers"], "intensive_assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] <= LIMIT},
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] > LIMIT},
        breakdowns=("profession",),
    ),
    "caseload.workers_by_band": Indicator(
        "assignments",
        lambda t: len(t["workers"]),
        lambda t: total(t["workers"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        breakdowns=("band",),
        only=True,
    ),
    "caseload.intensive_share": Indicator(
        "clients",
        lambda t: len(those(t["relationships"], intensity="intensive")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(those(t["relationships"], intensity="intensive")),
        lambda t: {r["person"] for r in t["relationships"] if r["intensity"] != "intensive"},
    ),
    "caseload.responsible_worker": Indicator(
        "assignments",
        lambda t: sum(r["assignments"] > 0 for r in t["relationships"]),
        lambda t: total(t["relationships"], "assignments"),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(t["relationships"], "assignments"),
        lambda t: people(those(t["relationships"], assignments=0)),
        breakdowns=("special_support",),
    ),
    "caseload.special_support_social_worker": Indicator(
        "assignments",
        lambda t: len(those(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: total(those(t["relationships"], special_support="yes"), "assignments"),
        lambda t: len(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: people(those(t["relationships"], special_support="yes", social_worker=False)),
    ),
    "caseload.special_support_share": Indicator(
        "clients",
        lambda t: len(those(t["relationships"], special_support="yes")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="no")),
    ),
    "time.allocation": Indicator(
        "time_entries",
        lambda t: total(t["entries"], "minutes"),
        lambda t: len(t["entries"]),
        lambda t: total(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        breakdowns=("activity",),
        only=True,
    ),
    "time.client_process_share": Indicator(
        "time_entries",
        lambda t: total(those(t["entries"], activity="client_process"), "minutes"),
        lambda t: len(t["entries"]),
        lambda t: total(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(those(t["entries"], activity="client_process"), "minutes"),
        lambda t: people((e for e in t["entries"] if e["activity"] != "client_process"), "minutes"),
        breakdowns=("profession",),
    ),
    "time.community_hours": Indicator(
        "time_entries",
        lambda t: total(t["months"], "community") / 60,
        lambda t: total(t["months"], "entries"),
        lambda t: len(t["months"]),
        lambda t: people(t["months"]),
        lambda t: people(t["months"], "community"),
        breakdowns=("profession",),
    ),
    "time.community_target_met": Indicator(
        "time_entries",
        lambda t: sum(month["community"] >= TARGET_MINUTES for month in t["months"]),
        lambda t: total(t["months"], "entries"),
        lambda t: len(t["months"]),
        lambda t: people(t["months"]),
        lambda t: {m["person"] for m in t["months"] if m["community"] >= TARGET_MINUTES},
        lambda t: {m["person"] for m in t["months"] if m["community"] < TARGET_MINUTES},
        breakdowns=("profession",),
    ),
    "time.survey_allocation": Indicator(
        "worker_survey",
        lambda t: total(those(t["shares"], block="alloc"), "share") / 100,
        lambda t: len(those(t["responses"], alloc=True)),
        lambda t: len(those(t["responses"], alloc=True)),
        lambda t: people(those(t["responses"], alloc=True)),
        lambda t: people(those(t["shares"], block="alloc"), "share"),
        lambda t: people(those(t["shares"], block="alloc"), "share"),
        breakdowns=("activity",),
        only=True,
        areas=("country", "welfare_area", "organisation"),
        period_types=("year",),
    ),
    "time.survey_process_allocation": Indicator(
        "worker_survey",
        lambda t: total(those(t["shares"], block="process"), "share") / 100,
        lambda t: len(those(t["responses"], process=True)),
        lambda t: len(those(t["responses"], process=True)),
        lambda t: people(those(t["responses"], process=True)),
        lambda t: people(those(t["shares"], block="process"), "share"),
        lambda t: people(those(t["shares"], block="process"), "share"),
        breakdowns=("process_activity",),
        only=True,
        areas=("country", "welfare_area", "organisation"),
        period_types=("year",),
    ),
    "time.contact_minutes_per_client": Indicator(
        "contacts",
        lambda t: total(t["contacts"], "minutes"),
        lambda t: len(t["contacts"]),
        lambda t: len({(c["organisation"], c["client_id"]) for c in t["contacts"]}),
        lambda t: people(t["contacts"]),
        lambda t: people(t["contacts"], "minutes"),
        breakdowns=("channel",),
    ),
    "outreach.visits": Indicator(
        "outreach",
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.persons_contacted": Indicator(
        "outreach",
        lambda t: total(t["visits"], "persons_contacted"),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.contacts_per_visit": Indicator(
        "outreach",
        lambda t: total(t["visits"], "persons_contacted"),
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.topic_share": Indicator(
        "outreach",
        lambda t: len({(topic["organisation"], topic["visit_id"]) for topic in t["topics"]}),
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("topic",),
        only=True,
    ),
    "outreach.economy_only": Indicator(
        "outreach",
        lambda t: sum(visit["topics"] == ["economy"] for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.economy_any": Indicator(
        "outreach",
        lambda t: sum(bool(visit["economic"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.four_or_more_topics": Indicator(
        "outreach",
        lambda t: sum(len(visit["topics"]) >= 4 for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.feeling": Indicator(
        "outreach",
        lambda t: total(t["visits"], "feeling"),
        lambda t: sum(visit["feeling"] is not None for visit in t["visits"]),
        lambda t: sum(visit["feeling"] is not None for visit in t["visits"]),
    ),
    "outreach.outside_office_share": Indicator(
        "contacts",
        lambda t: len(those(t["contacts"], outside=True)),
        lambda t: len(t["contacts"]),
        lambda t: len(t["contacts"]),
        lambda t: people(t["contacts"]),
        lambda t: people(those(t["contacts"], outside=True)),
        lambda t: people(those(t["contacts"], outside=False)),
    ),
    "outreach.visits_per_10000": Indicator(
        "outreach",
        lambda t: 10_000 * len(t["visits"]),
        lambda t: len(t["visits"]),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        period_types=("year",),
    ),
}


@dataclass
class Mirror:
    """The marts in memory, and every cell counted over them."""

    connection: duckdb.DuckDBPyConnection
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
        for period in self.tables["dim_period"]:
            covering = {
                feed: {
                    row["organisation"]
                    for row in self.tables["fct_coverage"]
                    if row["feed"] == feed
                    and row["period_type"] == period["period_type"]
                    and row["period"] == period["period"]
                }
                for feed in {indicator.feed for indicator in INDICATORS.values()}
            }
            if not any(covering.values()):
                continue
            rows = self._rows_of(period)
            for feed, organisations in covering.items():
                for (area_type, area), tables in self._areas(rows, organisations).items():
                    # A municipality where nobody made a visit may be one that nobody told of.
                    is_told_of = area_type != "municipality" or tables["visits"]
                    tables["population"] = (
                        self._population(area_type, area, period["period"][:4])
                        if is_told_of
                        else []
                    )
                    for name, indicator in INDICATORS.items():
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

    def _rows_of(self, period: Row) -> dict[str, list[Row]]:
        """All rows of a period, or as they stand on its last day."""
        day: date = period["last_day"]
        events = {
            name: [
                row
                for row in self.tables[name]
                if row[date_column].isoformat().startswith(period["period"])
            ]
            for name, date_column in (
                ("fct_contact", "occurred_on"),
                ("fct_time_entry", "worked_on"),
                ("fct_outreach_visit", "occurred_on"),
            )
        }
        workers = self._carrying_workers(day)
        pairs = self._pairs(day, workers)
        return {
            "workers": self._workers(workers, pairs),
            "pairs": pairs,
            "relationships": self._relationships(day, pairs),
            "contacts": [self._contact(row) for row in events["fct_contact"]],
            "entries": [self._entry(row) for row in events["fct_time_entry"]],
            "months": self._months(events["fct_time_entry"]),
            "visits": [
                row
                | {
                    "topics": row["topics"] or [],
                    "economic": self.economic & set(row["topics"] or []),
                }
                for row in events["fct_outreach_visit"]
            ],
            "topics": [
                row | {"topic": topic}
                for row in events["fct_outreach_visit"]
                for topic in row["topics"] or []
            ],
            "responses": [
                {
                    "organisation": row["organisation"],
                    "municipality": None,
                    "person": (row["organisation"], row["response_id"]),
                    "alloc": bool(row["alloc_sum_is_100"]),
                    "process": bool(row["process_sum_is_100"]),
                }
                for row in self.tables["fct_worker_survey_response"]
                if row["year"] == period["period"]
            ],
            "shares": [
                {
                    "organisation": row["organisation"],
                    "municipality": None,
                    "person": (row["organisation"], row["response_id"]),
                    "block": row["block"],
                    "share": row["share"],
                    "activity": row["activity"] if row["block"] == "alloc" else None,
                    "process_activity": row["activity"] if row["block"] == "process" else None,
                }
                for row in self.tables["fct_worker_survey_allocation"]
                if row["year"] == period["period"] and row["block_sum_is_100"]
            ],
        }

    def _spell(self, organisation: str, worker_id: str, day: date) -> Row | None:
        """Find the worker's spell on a day: of those in force, else of all, the one begun last."""
        spells = self.spells.get((organisation, worker_id), [])
        return max(
            spells, key=lambda spell: (_in_force(spell, day), spell["started_on"]), default=None
        )

    def _carrying_workers(self, day: date) -> dict[tuple[str, str], Row]:
        found = {}
        for key in self.spells:
            spell = self._spell(*key, day)
            if spell and _in_force(spell, day) and spell["profession"] in self.carrying:
                found[key] = spell
        return found

    def _pairs(self, day: date, workers: Mapping[tuple[str, str], Row]) -> list[Row]:
        joined: dict[tuple[str, str, str], int] = defaultdict(int)
        for row in self.tables["fct_assignment"]:
            client = self.clients.get((row["organisation"], row["client_id"]))
            if (
                _in_force(row, day)
                and client
                and _in_force(client, day)
                and (row["organisation"], row["worker_id"]) in workers
            ):
                joined[row["organisation"], row["client_id"], row["worker_id"]] += 1
        return [
            {
                "organisation": organisation,
                "client_id": client_id,
                "worker_id": worker_id,
                "person": self.clients[organisation, client_id]["person_id"],
                "intensity": self.clients[organisation, client_id]["intensity"],
                "municipality": workers[organisation, worker_id]["municipality"],
                "profession": workers[organisation, worker_id]["profession"],
                "assignments": assignments,
            }
            for (organisation, client_id, worker_id), assignments in joined.items()
        ]

    def _workers(self, workers: Mapping[tuple[str, str], Row], pairs: list[Row]) -> list[Row]:
        of_worker: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for pair in pairs:
            of_worker[pair["organisation"], pair["worker_id"]].append(pair)
        return [
            {
                "organisation": key[0],
                "municipality": spell["municipality"],
                "person": key,
                "profession": spell["profession"],
                "fte": spell["fte"],
                "band": band(len(of_worker[key])),
                "assignments": total(of_worker[key], "assignments"),
                "intensive": len(those(of_worker[key], intensity="intensive")),
                "intensive_assignments": total(
                    those(of_worker[key], intensity="intensive"), "assignments"
                ),
            }
            for key, spell in workers.items()
        ]

    def _relationships(self, day: date, pairs: list[Row]) -> list[Row]:
        of_client: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for pair in pairs:
            of_client[pair["organisation"], pair["client_id"]].append(pair)
        return [
            {
                "organisation": client["organisation"],
                "municipality": client["municipality"],
                "person": client["person_id"],
                "intensity": client["intensity"],
                "special_support": "yes" if client["special_support"] else "no",
                "assignments": total(of_client[key], "assignments"),
                "social_worker": bool(those(of_client[key], profession="social_worker")),
            }
            for key, client in self.clients.items()
            if _in_force(client, day)
        ]

    def _contact(self, row: Row) -> Row:
        client = self.clients.get((row["organisation"], row["client_id"]))
        return {
            "organisation": row["organisation"],
            "municipality": client["municipality"] if client else None,
            "client_id": row["client_id"],
            "person": client["person_id"] if client else (row["organisation"], row["client_id"]),
            "channel": row["channel"],
            "outside": row["channel"] in self.outside,
            "minutes": row["minutes"],
        }

    def _entry(self, row: Row) -> Row:
        spell = self._spell(row["organisation"], row["worker_id"], row["worked_on"]) or {}
        return {
            "organisation": row["organisation"],
            "municipality": spell.get("municipality"),
            "profession": spell.get("profession"),
            "person": (row["organisation"], row["worker_id"]),
            "activity": row["activity"],
            "minutes": row["minutes"],
        }

    def _months(self, entries: list[Row]) -> list[Row]:
        of_month: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
        built_on = max(period["last_day"] for period in self.tables["dim_period"])
        for row in entries:
            next_month = row["worked_on"].replace(day=28) + timedelta(days=4)
            last_day = min(next_month - timedelta(days=next_month.day), built_on)
            of_month[row["organisation"], row["worker_id"], last_day].append(row)
        return [
            {
                "organisation": organisation,
                "municipality": spell.get("municipality"),
                "profession": spell.get("profession"),
                "person": (organisation, worker_id),
                "community": total(those(rows, is_community=True), "minutes"),
                "entries": len(rows),
            }
            for (organisation, worker_id, last_day), rows in of_month.items()
            for spell in (self._spell(organisation, worker_id, last_day) or {},)
        ]


def _in_force(spell: Row, day: date) -> bool:
    return spell["started_on"] <= day and (spell["ended_on"] is None or spell["ended_on"] >= day)


def _parts(indicator: Indicator, tables: Tables, area_type: str) -> dict[tuple[str, str], Cell]:
    """Count the undivided cell and every part of it that has a row."""
    found: dict[tuple[str, str], Cell] = {}
    if not indicator.only:
        cell = _cell(indicator, tables, tables)
        is_zero_told = indicator.denominator is None and area_type != "municipality"
        if cell and (is_zero_told or _is_there(indicator, cell)):
            found["none", "all"] = cell
    for breakdown in indicator.breakdowns:
        values = {
            row[breakdown]
            for rows in tables.values()
            for row in rows
            if row.get(breakdown) is not None
        }
        for value in values:
            part = {
                name: [row for row in rows if breakdown not in row or row[breakdown] == value]
                for name, rows in tables.items()
            }
            rest = {
                name: [row for row in rows if breakdown not in row or row[breakdown] != value]
                for name, rows in tables.items()
            }
            cell = _cell(indicator, part, tables if indicator.only else part, rest)
            if cell and _is_there(indicator, cell):
                found[breakdown, value] = cell
    return found


def _cell(
    indicator: Indicator, part: Tables, whole: Tables, rest: Tables | None = None
) -> Cell | None:
    denominator = indicator.denominator(whole) if indicator.denominator else None
    if denominator is not None and denominator <= 0:
        return None
    persons = len(set(indicator.persons(whole))) if indicator.persons else 0
    other = rest if indicator.only and rest is not None else part
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
