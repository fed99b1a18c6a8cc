"""The files of one organisation.

The engine first makes small tables of what the files are about (seats, workers, relationships,
places), then each feed's rows from its template in ``sql/feeds``. A small feed becomes a table and
one yearly file for each period. A large feed has a second template of stems, such as one row for a
client and month with how many contacts there are; stems are made for a year at a time and expanded
while a month's file is written, so that no large table ever exists.

Rows that break rules are spread evenly over a file, so that a small file does not by chance have
more of them than the receiver allows. A file appears in its place whole, by one rename.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from common.files import atomic_replace
from common.sql import identifier, literal
from ingest.contracts import Contract
from simulation import draws
from simulation.corrections import (
    MISTAKE,
    PHOTOGRAPHS,
    corrected_month,
    corrected_rows,
    is_sent_by_month,
    mistaken,
    months_of,
)
from simulation.faults import PREVIOUS, Fault, faults_of, file_type, with_faults
from simulation.plain_values import plain_column, plain_feed
from simulation.request import (
    MOST_ERRORS,
    REFERENCE,
    Cast,
    Format,
    Member,
    Month,
    Request,
    SimulationProblem,
)

_TABLES = ("years", "seats", "employments", "relationships", "places", "measurements")
_TABLES_AFTER = ("client_groups",)
_OPTIONS = {
    Format.CSV: "FORMAT csv, HEADER true",
    Format.PARQUET: "FORMAT parquet, COMPRESSION zstd",
}
# What templates hand over beside the columns of the contract.
_HELPERS = ("period", "fault", PREVIOUS, "nth")


@dataclass(frozen=True, slots=True)
class Made:
    """One file that was made.

    Attributes:
        organisation: who submits it.
        feed: what it holds.
        period: the period that it states.
        path: where it lies.
        rows: how many rows it has.
        bad_rows: how many of them break a rule.
        mistaken: whether it was sent by mistake: it is to be withdrawn once all are received.
    """

    organisation: str
    feed: str
    period: str
    path: Path
    rows: int
    bad_rows: int
    mistaken: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    """One file to write: its period, how many rows it has, and how many of them are bad."""

    period: str
    rows: int
    bad_rows: int
    bad_before: int

    @property
    def first_day(self) -> date:
        return date.fromisoformat((self.period + "-01-01")[:10])


class OrganisationFiles:
    """Makes the files of one organisation.

    Args:
        connection: an engine with nothing else in it.
        request: what is asked.
        cast: who takes part.
        member: the organisation.
        folder: below which the files are written.
        begin: called with the name of each file before it is made.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        request: Request,
        cast: Cast,
        member: Member,
        folder: Path,
        begin: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self.connection = connection
        self.request = request
        self.cast = cast
        self.member = member
        self.folder = folder
        self.begin = begin
        self.carrying_seats = 1
        self._known_columns: dict[str, set[str]] = {}
        self._known_faults: dict[tuple[str, date], list[Fault]] = {}

    def prepare(self) -> None:
        """Make the tables of what the organisation's files are about."""
        draws.prepare(self.connection, self.request, self.cast, self.member.code)
        tables = _TABLES[:1] if self.member.code == REFERENCE else _TABLES + _TABLES_AFTER
        professions = draws.listed("profession")
        for table in tables:
            sql = self._render(
                f"tables/{table}.sql",
                carrying=[row["code"] for row in professions if row["carries_clients"] == "1"],
                others=[row["code"] for row in professions if row["carries_clients"] != "1"],
            )
            self.connection.execute(f"CREATE TABLE {table} AS {sql}")
        if "seats" in tables:
            (self.carrying_seats, clients) = self._one(
                "SELECT (SELECT count(*) FROM seats WHERE is_carrying), "
                "(SELECT count(*) FROM relationships)"
            )
            self.connection.execute(f"CREATE MACRO carrying_seats() AS {self.carrying_seats}")
            self.connection.execute(f"CREATE MACRO client_count() AS {clients}")

    def write(self, contract: Contract) -> Iterator[Made]:
        """Make the files of one feed; a period without rows has none, or says that it has none."""
        if draws.exists(f"feeds/{contract.feed}.stems.sql"):
            return self._write_large(contract)
        return self._write_small(contract)

    def columns_without_template(self, contract: Contract) -> list[str]:
        """Return the columns of a feed that its template does not make."""
        if not draws.exists(f"feeds/{contract.feed}.sql"):
            return [column.name for column in contract.columns]
        expanded = None
        if draws.exists(f"feeds/{contract.feed}.stems.sql"):
            file = _File(str(self.request.last_year), 1, 0, 0)
            self._make_stems(contract, self.request.last_year)
            expanded = self._expanded(contract, file)
        made = self._columns_made(contract, self._template(contract, period="2025-01"), expanded)
        return [column.name for column in contract.columns if column.name not in made]

    def _write_small(self, contract: Contract) -> Iterator[Made]:
        made = self._template(contract)
        columns = self._columns(contract, made)
        by_month = [year for year in self._years if self._is_by_month(contract, year)]
        period = "period"
        if by_month:
            day = identifier(str(contract.period_date))
            listed = ", ".join(f"'{year}'" for year in by_month)
            period = f"CASE WHEN period IN ({listed}) THEN strftime({day}, '%Y-%m') ELSE period END"
        key = ", ".join(identifier(column.name) for column in contract.key)
        self.connection.execute(
            f"CREATE TABLE made_{contract.feed} AS SELECT *, "
            f"row_number() OVER (PARTITION BY period ORDER BY {key}) - 1 AS nth, "
            f"lag(made_row) OVER (PARTITION BY period ORDER BY {key}) AS {PREVIOUS} "
            f"FROM (SELECT {period} AS period, {columns} FROM ({made}) AS made) AS made_row "
            "ORDER BY period, nth"
        )
        counts = self._counts(f"SELECT period, count(*) FROM made_{contract.feed} GROUP BY period")
        counts |= {month: counts.get(month, 0) for year in by_month for month in months_of(year)}
        bad_before = 0
        for period, rows in sorted(counts.items()):
            file = self._file(contract, period, rows, bad_before)
            bad_before += file.bad_rows
            # A repeated key is most often a whole row that stands twice.
            columns = ", ".join(
                f"CASE WHEN {self._repeats(contract, file)} THEN {PREVIOUS}.{name} ELSE {name} END "
                f"AS {name}"
                for name in (identifier(column.name) for column in contract.columns)
            )
            source = (
                f"SELECT fault, {columns} FROM (SELECT *, {self._fault(contract, file)} AS fault "
                f"FROM made_{contract.feed} WHERE period = '{period}')"
            )
            yield self._copy(contract, file, source)
        for year in self._years:
            month = corrected_month(self.request, self.member, contract, year)
            if month is not None:
                sent = self._rows_of_month(contract, month)
                if year not in by_month:
                    yield self._correct(contract, month.period, sent)
                elif counts[month.period]:
                    yield self._correct_day(contract, sent)
        yield from self._mistakes(contract, by_month)
        self.connection.execute(f"DROP TABLE made_{contract.feed}")

    def _rows_of_month(self, contract: Contract, month: Month) -> str:
        """Return the SQL of a small feed's rows of a month of a year that has been made."""
        names = ", ".join(identifier(column.name) for column in contract.columns)
        if contract.feed in PHOTOGRAPHS:
            sql = self._template(contract, photograph=month)
            return f"SELECT {self._columns(contract, sql)} FROM ({sql}) AS made"
        day = identifier(str(contract.period_date))
        return (
            f"SELECT {names} FROM made_{contract.feed} WHERE {day} "
            f"BETWEEN DATE '{month.first_day}' AND DATE '{month.last_day}'"
        )

    def _mistakes(self, contract: Contract, by_month: list[int]) -> Iterator[Made]:
        """Write the files of a small feed that are sent by mistake."""
        for year in self._years:
            found = mistaken(self.request, self.member, contract, year)
            if isinstance(found, Month):
                sent = self._rows_of_month(contract, found)
                if self._one(f"SELECT count(*) FROM ({sent})") > (0,):
                    yield self._correct(contract, found.period, sent, mistaken=True)
            elif found is not None and year not in by_month:
                sent = f"SELECT * EXCLUDE (period, nth, {PREVIOUS}) FROM made_{contract.feed}"
                sent += f" WHERE period = '{year}'"
                yield self._correct(contract, str(year), sent, mistaken=True)

    def _correct(
        self, contract: Contract, period: str, rows: str, *, mistaken: bool = False
    ) -> Made:
        """Write the correction of a period whose rows were sent before, be it by mistake."""
        name = f"{period}{MISTAKE}" if mistaken else period
        told = corrected_rows(self.request, self.member, contract, name, rows)
        self.connection.execute(f"CREATE OR REPLACE TABLE corrected AS {told}")
        (count,) = self._one("SELECT count(*) FROM corrected")
        made = self._copy(contract, _File(period, count, 0, 0), "SELECT * FROM corrected", name)
        return replace(made, mistaken=mistaken)

    def _write_large(self, contract: Contract) -> Iterator[Made]:
        bad_before = 0
        for year in self._years:
            self._make_stems(contract, year)
            counts = self._counts("SELECT period, sum(rows)::BIGINT FROM stems GROUP BY period")
            if self._is_by_month(contract, year):
                counts |= {month: counts.get(month, 0) for month in months_of(year)}
            for period, rows in sorted(counts.items()):
                file = self._file(contract, period, rows, bad_before)
                bad_before += file.bad_rows
                yield self._copy(contract, file, self._rows_of_period(contract, file))
                month = corrected_month(self.request, self.member, contract, year)
                if month is not None and month.period == period and rows:
                    sent = self._rows_of_period(contract, replace(file, bad_rows=0))
                    yield self._correct_day(contract, f"SELECT * EXCLUDE (fault) FROM ({sent})")

    def _correct_day(self, contract: Contract, rows: str) -> Made:
        """Write the correction of the fullest day of a month whose rows were sent before."""
        self.connection.execute(f"CREATE OR REPLACE TABLE month_before AS {rows}")
        day = identifier(str(contract.period_date))
        (fullest,) = self._one(
            f"SELECT {day} FROM month_before GROUP BY {day} ORDER BY count(*) DESC, {day} LIMIT 1"
        )
        of_day = f"SELECT * FROM month_before WHERE {day} = DATE '{fullest}'"
        return self._correct(contract, str(fullest), of_day)

    def _make_stems(self, contract: Contract, year: int) -> None:
        """Make the table of a large feed's stems of one year, each with its first row's number."""
        stems = self._render(
            f"feeds/{contract.feed}.stems.sql",
            year=year,
            year_first_day=f"DATE '{year}-01-01'",
            year_last_day=f"DATE '{year}-12-31'",
        )
        self.connection.execute(
            "CREATE OR REPLACE TABLE stems AS SELECT *, (sum(rows) OVER ("
            "PARTITION BY period ORDER BY stem ROWS UNBOUNDED PRECEDING) - rows)::BIGINT "
            f"AS first_row FROM ({stems}) WHERE rows > 0 ORDER BY period, stem"
        )

    def _rows_of_period(self, contract: Contract, file: _File) -> str:
        """Return the SQL of a large feed's rows of one period, in the order of the stems."""
        expanded = self._expanded(contract, file)
        sql = self._template(contract, period=file.period)
        columns = self._columns(contract, sql, expanded)
        return (
            f"WITH expanded AS ({expanded}) SELECT fault, {columns} "
            f"FROM (SELECT *, '{file.period}' AS period FROM ({sql})) AS made"
        )

    def _expanded(self, contract: Contract, file: _File) -> str:
        """Return the SQL of one row per row of a period's file, numbered, with its fault."""
        repeats = self._repeats(contract, file)
        return (
            f"SELECT *, nth - ({repeats})::INTEGER AS key_nth FROM ("
            f"SELECT *, {self._fault(contract, file)} AS fault FROM ("
            "SELECT *, first_row + in_stem AS nth FROM ("
            "SELECT *, unnest(range(rows)) AS in_stem FROM stems "
            f"WHERE period = '{file.period}')))"
        )

    def _file(self, contract: Contract, period: str, rows: int, bad_before: int) -> _File:
        """Decide how many rows of a file are bad: about the share asked, never above the limit."""
        by_chance = self.request.base(self.member.code, contract.feed, period) / 2**64
        bad_rows = int(rows * self.request.errors + by_chance) if self.request.errors else 0
        return _File(period, rows, min(bad_rows, int(rows * MOST_ERRORS)), bad_before)

    def _fault(self, contract: Contract, file: _File) -> str:
        """Return the SQL of the number of a row's fault, -1 for none; each fault in its turn.

        The organisations share the turns, so that together they soon have every fault.
        """
        if not file.bad_rows:
            return "-1"
        ordinal = f"nth * {file.bad_rows} // {file.rows}"
        following = f"(nth + 1) * {file.bad_rows} // {file.rows}"
        first, step = self._turns(file)
        count = len(self._all_faults(contract, file))
        return (
            f"CASE WHEN {following} > {ordinal} "
            f"THEN ({first} + {step} * ({ordinal})) % {count} ELSE -1 END"
        )

    @property
    def _as_text(self) -> bool:
        return self.request.format is Format.CSV

    def _repeats(self, contract: Contract, file: _File) -> str:
        """Return the SQL condition that a row has the key of the row before."""
        faults = self._faults(contract, file)
        numbers = [str(number) for number, fault in faults.items() if fault.repeats]
        return f"fault IN ({', '.join(numbers)})" if numbers else "false"

    def _turns(self, file: _File) -> tuple[int, int]:
        step = len(self.cast.members) if self.member.code != REFERENCE else 1
        return self.member.number % step + step * file.bad_before, step

    def _all_faults(self, contract: Contract, file: _File) -> list[Fault]:
        known = (contract.feed, file.first_day)
        if known not in self._known_faults:
            self._known_faults[known] = faults_of(
                contract, f"DATE '{file.first_day}'", as_text=self._as_text
            )
        return self._known_faults[known]

    def _faults(self, contract: Contract, file: _File) -> dict[int, Fault]:
        """Return the faults that a file's rows have, by number."""
        faults = self._all_faults(contract, file)
        first, step = self._turns(file)
        turns = range(min(file.bad_rows, len(faults)))
        numbers = {(first + step * turn) % len(faults) for turn in turns}
        return {number: faults[number] for number in sorted(numbers)}

    def _copy(self, contract: Contract, file: _File, source: str, name: str = "") -> Made:
        """Write one file, under its period or another name; it appears whole."""
        name = name or file.period
        self.begin(f"{self.member.code}/{contract.feed}/{name}")
        faults = self._faults(contract, file)
        columns = ", ".join(
            f"{with_faults(column, faults, as_text=self._as_text)} AS {identifier(column.name)}"
            for column in contract.columns
        )
        place = self.folder / self.member.code / contract.feed
        path = place / f"{name}.{self.request.format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_replace(path, durable=False) as draft:
            self.connection.execute(
                f"COPY (SELECT {columns} FROM ({source})) "
                f"TO {literal(draft)} ({_OPTIONS[self.request.format]})"
            )
        return Made(self.member.code, contract.feed, file.period, path, file.rows, file.bad_rows)

    def _template(
        self, contract: Contract, photograph: Month | None = None, **values: object
    ) -> str:
        """Return the SQL of a feed's rows."""
        template = f"feeds/{contract.feed}.sql"
        if not draws.exists(template):
            entity = draws.entity(self.request, self.member.code, contract.feed, "row_no")
            return plain_feed(contract, entity)
        values |= {"carrying_seats": self.carrying_seats} | draws.values_of(contract)
        return self._render(template, photograph, **values)

    def _columns(self, contract: Contract, sql: str, expanded: str | None = None) -> str:
        """Return the columns of a contract as SQL over a template's rows, in the lake's types."""
        made = self._columns_made(contract, sql, expanded)
        return ", ".join(
            f"({name if column.name in made else plain_column(contract, column)})"
            f"::{file_type(column)} AS {name}"
            for column in contract.columns
            for name in (identifier(column.name),)
        )

    def _columns_made(self, contract: Contract, sql: str, expanded: str | None) -> set[str]:
        """Return the columns that a template makes.

        Raises:
            SimulationProblem: it makes one that the contract does not have.
        """
        if contract.feed in self._known_columns:
            return self._known_columns[contract.feed]
        with_rows = f"WITH expanded AS ({expanded}) " if expanded else ""
        described = self.connection.execute(f"DESCRIBE {with_rows}SELECT * FROM ({sql})").fetchall()
        given = {row[0] for row in described}
        unknown = given - {column.name for column in contract.columns} - set(_HELPERS)
        if unknown:
            raise SimulationProblem(
                f"simulation/sql/feeds/{contract.feed}.sql has columns that the contract does not "
                f"have: {', '.join(sorted(unknown))}. Remove them there."
            )
        self._known_columns[contract.feed] = given
        return given

    @property
    def _years(self) -> range:
        return range(self.request.first_day.year, self.request.last_year + 1)

    def _is_by_month(self, contract: Contract, year: int) -> bool:
        return is_sent_by_month(self.request, self.member, contract, year)

    def _counts(self, sql: str) -> dict[str, int]:
        """Return the number of rows of each period."""
        return dict(self.connection.execute(sql).fetchall())

    def _render(self, template: str, photograph: Month | None = None, **values: object) -> str:
        return draws.render(template, self.request, self.cast, self.member, photograph, **values)

    def _one(self, sql: str) -> tuple[Any, ...]:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row
