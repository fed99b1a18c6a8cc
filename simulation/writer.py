"""Writing the submissions: one organisation after another, one file a feed and period.

For each organisation the engine first makes small tables of what its files tell of (seats, workers,
relationships, places), then each feed's rows from its template in ``sql/feeds``. A small feed
becomes a table, one yearly file a period. A large feed has a second template of stems, such as one
row for a client and month with how many contacts there are; stems are made for a year at a time and
unfolded while a month's file is written, so that no large table ever exists.

Rows that break rules are spread evenly over a file, so that a small file has not by chance more of
them than the receiver allows. A file appears in its place whole, by one rename.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from common import clock
from common.files import atomic_replace
from common.progress import Progress
from common.sql import identifier, literal
from ingest.contracts import Column, Contract, Kind, load_contracts
from simulation import draws
from simulation.faults import PREVIOUS, Fault, faults_of
from simulation.plain_values import plain_column, plain_feed
from simulation.request import (
    MOST_ERRORS,
    POPULATION,
    REFERENCE,
    Cast,
    Format,
    Member,
    Request,
    SimulationProblem,
    cast_of,
)

MEMORY_MB = 2048
# What the organisation of reference data sends; all others send everything else.
REFERENCE_FEEDS = ("population",)
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
    """

    organisation: str
    feed: str
    period: str
    path: Path
    rows: int
    bad_rows: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulation made.

    Attributes:
        folder: below which the files lie, as in an inbox.
        organisations: who submits them.
        first_year: the first simulated year.
        last_year: the last one.
        files: how many files there are.
        rows: how many rows they have together.
        bad_rows: how many of those break a rule.
        size: how many bytes the files have together.
        seconds: how long it took.
        feeds: the number of rows by feed.
        made: the files.
    """

    folder: Path
    organisations: tuple[str, ...]
    first_year: int
    last_year: int
    files: int
    rows: int
    bad_rows: int
    size: int
    seconds: float
    feeds: dict[str, int]
    made: tuple[Made, ...]


def simulate(
    request: Request,
    folder: Path,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    today: date | None = None,
    contracts: Mapping[str, Contract] | None = None,
) -> Simulated:
    """Make the submissions of some organisations and years.

    Args:
        request: what to make.
        folder: where to; files get the paths of an inbox, ``<organisation>/<feed>/<period>.<ext>``.
        threads: how many organisations are made at a time; None is one for each core.
        progress: called with how many feeds are done, how many there are, and which is next.
        today: the day on which the files will be received; None is today in Finland.
        contracts: what the files of each feed hold; None is the contracts in force.

    Returns:
        What was made. The same request gives the same files, byte for byte.

    Raises:
        SimulationProblem: the request cannot be carried out; nothing was written.
    """
    started = time.monotonic()
    cast = cast_of(request, today or clock.today())
    contracts = contracts or load_contracts()
    codes = [*(member.code for member in cast.members), REFERENCE]
    _check_free(folder, codes)
    reference = Member(REFERENCE, len(cast.members), 0, 0, ())
    jobs = [(member, _feeds_of(contracts, member)) for member in (*cast.members, reference)]
    counted = _Counter(sum(len(feeds) for _, feeds in jobs), progress)
    cores = threads or os.cpu_count() or 1
    workers = min(cores, len(jobs))
    made: list[Made] = []
    with (
        tempfile.TemporaryDirectory(prefix="vuosikello-") as spill,
        ThreadPoolExecutor(workers) as pool,
    ):
        settings = _Settings(folder, Path(spill), max(1, cores // workers), workers)
        futures = [
            pool.submit(_write_organisation, request, cast, member, feeds, settings, counted)
            for member, feeds in jobs
        ]
        try:
            for future in as_completed(futures):
                made += future.result()
        except BaseException:
            # The others stop before their next file.
            counted.stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    made.sort(key=lambda one: one.path)
    by_feed = dict.fromkeys(sorted({one.feed for one in made}), 0)
    for one in made:
        by_feed[one.feed] += one.rows
    return Simulated(
        folder=folder,
        organisations=tuple(codes),
        first_year=request.first_day.year,
        last_year=request.last_year,
        files=len(made),
        rows=sum(one.rows for one in made),
        bad_rows=sum(one.bad_rows for one in made),
        size=sum(one.path.stat().st_size for one in made),
        seconds=time.monotonic() - started,
        feeds=by_feed,
        made=tuple(made),
    )


def untold_columns() -> dict[str, list[str]]:
    """Return the columns that no template tells, by feed: what gets plain values.

    Raises:
        SimulationProblem: a template tells a column that its contract does not have.
    """
    request = Request(organisations=1, years=1, clients=1)
    cast = cast_of(request, date(request.last_year + 1, 1, 1))
    found: dict[str, list[str]] = {}
    for member in (*cast.members, Member(REFERENCE, 1, 0, 0, ())):
        with duckdb.connect() as connection:
            writer = _Writer(connection, request, cast, member, Path(), _Counter(0, None))
            writer.prepare()
            for contract in _feeds_of(load_contracts(), member):
                found[contract.feed] = writer.untold(contract)
    return found


class _Counter:
    """Tells the progress of all threads together, and whether to stop."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.stop = threading.Event()
        self._total = total
        self._done = 0
        self._progress = progress
        self._lock = threading.Lock()

    def begin(self, what: str) -> None:
        if self.stop.is_set():
            raise SimulationProblem("The simulation was stopped.")
        with self._lock:
            if self._progress:
                self._progress(self._done, self._total, what)

    def end(self) -> None:
        with self._lock:
            self._done += 1


@dataclass(frozen=True, slots=True)
class _Settings:
    """Where an organisation's files go, and what making them may use."""

    folder: Path
    spill: Path
    threads: int
    workers: int

    @property
    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "threads": self.threads,
            "memory_limit": f"{MEMORY_MB // self.workers}MB",
            "temp_directory": str(self.spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }


def _check_free(folder: Path, codes: list[str]) -> None:
    for code in codes:
        place = folder / code
        if place.is_dir() and any(path.is_file() for path in place.rglob("*")):
            raise SimulationProblem(
                f"There are files in {place} already, and a simulation replaces none. Receive or "
                "remove them, or give another folder with --to."
            )


def _feeds_of(contracts: Mapping[str, Contract], member: Member) -> list[Contract]:
    is_reference = member.code == REFERENCE
    return [
        contract
        for feed, contract in contracts.items()
        if (feed in REFERENCE_FEEDS) == is_reference
    ]


def _write_organisation(
    request: Request,
    cast: Cast,
    member: Member,
    feeds: list[Contract],
    settings: _Settings,
    counted: _Counter,
) -> list[Made]:
    with duckdb.connect(config=settings.config) as connection:
        connection.execute("SET enable_progress_bar = false")
        writer = _Writer(connection, request, cast, member, settings.folder, counted)
        writer.prepare()
        made: list[Made] = []
        for contract in feeds:
            counted.begin(f"{member.code}/{contract.feed}")
            made += writer.write(contract)
            counted.end()
    return made


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


class _Writer:
    """Makes the files of one organisation over one connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        request: Request,
        cast: Cast,
        member: Member,
        folder: Path,
        counted: _Counter,
    ) -> None:
        self.connection = connection
        self.request = request
        self.cast = cast
        self.member = member
        self.folder = folder
        self.counted = counted
        self.carrying_seats = 1
        self._known_columns: dict[str, set[str]] = {}
        self._known_faults: dict[tuple[str, date], list[Fault]] = {}

    def prepare(self) -> None:
        """Make the tables of what the organisation's files tell of."""
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
        """Make the files of one feed; a period without rows has none."""
        if draws.exists(f"feeds/{contract.feed}.stems.sql"):
            return self._write_large(contract)
        return self._write_small(contract)

    def untold(self, contract: Contract) -> list[str]:
        """Return the columns of a feed that its template does not tell."""
        if not draws.exists(f"feeds/{contract.feed}.sql"):
            return [column.name for column in contract.columns]
        expanded = None
        if draws.exists(f"feeds/{contract.feed}.stems.sql"):
            file = _File(str(self.request.last_year), 1, 0, 0)
            self._make_stems(contract, self.request.last_year)
            expanded = self._expanded(contract, file)
        given = self._given(contract, self._template(contract, period="2025-01"), expanded)
        return [column.name for column in contract.columns if column.name not in given]

    def _write_small(self, contract: Contract) -> Iterator[Made]:
        made = self._template(contract)
        columns = self._columns(contract, made)
        key = ", ".join(identifier(column.name) for column in contract.key)
        self.connection.execute(
            f"CREATE TABLE made_{contract.feed} AS SELECT *, "
            f"row_number() OVER (PARTITION BY period ORDER BY {key}) - 1 AS nth, "
            f"lag(told) OVER (PARTITION BY period ORDER BY {key}) AS {PREVIOUS} "
            f"FROM (SELECT period, {columns} FROM ({made}) AS made) AS told "
            "ORDER BY period, nth"
        )
        counts = self.connection.execute(
            f"SELECT period, count(*) FROM made_{contract.feed} GROUP BY period ORDER BY period"
        ).fetchall()
        bad_before = 0
        for period, rows in counts:
            file = self._file(contract, period, rows, bad_before)
            bad_before += file.bad_rows
            # A repeated key is most often a whole row that stands twice.
            told = ", ".join(
                f"CASE WHEN {self._repeats(contract, file)} THEN {PREVIOUS}.{name} ELSE {name} END "
                f"AS {name}"
                for name in (identifier(column.name) for column in contract.columns)
            )
            source = (
                f"SELECT fault, {told} FROM (SELECT *, {self._fault(contract, file)} AS fault "
                f"FROM made_{contract.feed} WHERE period = '{period}')"
            )
            yield self._copy(contract, file, source)
        self.connection.execute(f"DROP TABLE made_{contract.feed}")

    def _write_large(self, contract: Contract) -> Iterator[Made]:
        bad_before = 0
        for year in range(self.request.first_day.year, self.request.last_year + 1):
            self._make_stems(contract, year)
            counts = self.connection.execute(
                "SELECT period, sum(rows)::BIGINT FROM stems GROUP BY period ORDER BY period"
            ).fetchall()
            for period, rows in counts:
                file = self._file(contract, period, rows, bad_before)
                bad_before += file.bad_rows
                yield self._copy(contract, file, self._unfolded(contract, file))

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

    def _unfolded(self, contract: Contract, file: _File) -> str:
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
        """Settle how many rows of a file are bad: about the share asked, never above the limit."""
        by_chance = self.request.base(self.member.code, contract.feed, period) / 2**64
        bad_rows = int(rows * self.request.errors + by_chance) if self.request.errors else 0
        return _File(period, rows, min(bad_rows, int(rows * MOST_ERRORS)), bad_before)

    def _fault(self, contract: Contract, file: _File) -> str:
        """Return the SQL of the number of a row's fault, -1 for none; faults take turns.

        The organisations share the turns, so that together they come to all faults soon.
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
        """Return the SQL that tells a row with the key of the row before."""
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

    def _copy(self, contract: Contract, file: _File, source: str) -> Made:
        """Write one file aside and give it its name."""
        self.counted.begin(f"{self.member.code}/{contract.feed}/{file.period}")
        faults = self._faults(contract, file)
        columns = ", ".join(
            f"{_with_faults(column, faults, as_text=self._as_text)} AS {identifier(column.name)}"
            for column in contract.columns
        )
        name = f"{file.period}.{self.request.format}"
        path = self.folder / self.member.code / contract.feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_replace(path, durable=False) as draft:
            self.connection.execute(
                f"COPY (SELECT {columns} FROM ({source})) "
                f"TO {literal(draft)} ({_OPTIONS[self.request.format]})"
            )
        return Made(self.member.code, contract.feed, file.period, path, file.rows, file.bad_rows)

    def _template(self, contract: Contract, **values: object) -> str:
        """Return the SQL of a feed's rows."""
        template = f"feeds/{contract.feed}.sql"
        if not draws.exists(template):
            entity = draws.entity(self.request, self.member.code, contract.feed, "row_no")
            return plain_feed(contract, entity)
        return self._render(template, **self._words(contract), **values)

    def _words(self, contract: Contract) -> dict[str, object]:
        """Return what a template may need of the contract."""
        names = [column.name for column in contract.columns]
        alloc = [name for name in names if name.startswith("alloc_")]
        process = [name for name in names if name.startswith("process_")]
        questions = [
            {"name": column.name, "kind": column.kind.value}
            for column in contract.columns
            if not column.required
            and (column.kind is Kind.BOOLEAN or (column.minimum, column.maximum) == (1, 5))
        ]
        return {
            "alloc": alloc,
            "process": process,
            "questions": questions,
            "professions": [row["code"] for row in draws.listed("profession")],
            "carrying_seats": self.carrying_seats,
            "population_file": literal(POPULATION),
        }

    def _columns(self, contract: Contract, sql: str, expanded: str | None = None) -> str:
        """Return the columns of a contract as SQL over a template's rows, in the lake's types."""
        given = self._given(contract, sql, expanded)
        return ", ".join(
            f"({name if column.name in given else plain_column(contract, column)})"
            f"::{_file_type(column)} AS {name}"
            for column in contract.columns
            for name in (identifier(column.name),)
        )

    def _given(self, contract: Contract, sql: str, expanded: str | None) -> set[str]:
        """Return the columns that a template gives.

        Raises:
            SimulationProblem: it gives one that the contract does not have.
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

    def _render(self, template: str, **values: object) -> str:
        return draws.render(template, self.request, self.cast, self.member, **values)

    def _one(self, sql: str) -> tuple[int, ...]:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row


def _with_faults(column: Column, faults: dict[int, Fault], *, as_text: bool) -> str:
    """Return the SQL of a column as the file has it: changed where the row has such a fault."""
    name = identifier(column.name)
    changes = {
        number: fault.changes[column.name]
        for number, fault in faults.items()
        if column.name in fault.changes
    }
    if not changes:
        return name
    sql_type = "VARCHAR" if as_text else _file_type(column)
    cases = " ".join(
        f"WHEN {number} THEN ({change})::{sql_type}" for number, change in changes.items()
    )
    return f"CASE fault {cases} ELSE {name}::{sql_type} END"


def _file_type(column: Column) -> str:
    """Return a column's type in a file; a list of codes stands in one cell, as text."""
    return "VARCHAR" if column.kind is Kind.CODES else column.sql_type
