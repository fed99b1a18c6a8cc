"""Writing the submissions: one organisation after another, one file for each feed and period.

Organisations are made in parallel, each over an engine of its own
(:mod:`simulation.organisation_files`). This module says who sends what, shares out threads and
memory, and counts what was made.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from common import clock
from common.progress import Progress
from ingest.contracts import Contract, load_contracts
from simulation.organisation_files import Made, OrganisationFiles
from simulation.request import REFERENCE, Cast, Member, Request, SimulationProblem, cast_of

MEMORY_MB = 2048
# What the organisation of reference data sends; all others send everything else.
REFERENCE_FEEDS = ("population",)


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

    @property
    def mistaken(self) -> tuple[Made, ...]:
        """The files that were sent by mistake: to be withdrawn once all are received."""
        return tuple(one for one in self.made if one.mistaken)


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
    counter = _ProgressCounter(sum(len(feeds) for _, feeds in jobs), progress)
    cores = threads or os.cpu_count() or 1
    workers = min(cores, len(jobs))
    made: list[Made] = []
    with (
        tempfile.TemporaryDirectory(prefix="vuosikello-") as spill,
        ThreadPoolExecutor(workers) as pool,
    ):
        settings = _Settings(folder, Path(spill), max(1, cores // workers), workers)
        futures = [
            pool.submit(_write_organisation, request, cast, member, feeds, settings, counter)
            for member, feeds in jobs
        ]
        try:
            for future in as_completed(futures):
                made += future.result()
        except BaseException:
            # The others stop before their next file.
            counter.stop.set()
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


def columns_without_template() -> dict[str, list[str]]:
    """Return the columns that no template makes, by feed: those that get plain values.

    Raises:
        SimulationProblem: a template makes a column that its contract does not have.
    """
    request = Request(organisations=1, years=1, clients=1)
    cast = cast_of(request, date(request.last_year + 1, 1, 1))
    found: dict[str, list[str]] = {}
    for member in (*cast.members, Member(REFERENCE, 1, 0, 0, ())):
        with duckdb.connect() as connection:
            writer = OrganisationFiles(
                connection, request, cast, member, Path(), lambda _what: None
            )
            writer.prepare()
            for contract in _feeds_of(load_contracts(), member):
                found[contract.feed] = writer.columns_without_template(contract)
    return found


class _ProgressCounter:
    """The progress of all threads together, and whether they are to stop."""

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
    counter: _ProgressCounter,
) -> list[Made]:
    with duckdb.connect(config=settings.config) as connection:
        connection.execute("SET enable_progress_bar = false")
        files = OrganisationFiles(connection, request, cast, member, settings.folder, counter.begin)
        files.prepare()
        made: list[Made] = []
        for contract in feeds:
            counter.begin(f"{member.code}/{contract.feed}")
            made += files.write(contract)
            counter.end()
    return made
