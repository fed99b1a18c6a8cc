"""Building the warehouse: dbt into a file of the writer's own, published in one step.

dbt builds seeds, models and their data tests into ``<home>/build/writer-…/warehouse.duckdb``. Only
when every test of severity error has passed and the file has been opened and looked at does one
rename put it where readers find it. A reader that has the old file open keeps it; a build that
fails or is killed leaves the published file as it was, and the next build sweeps what it left.

dbt runs as a process of its own: it holds no memory when it is done, can be killed with its parent,
and starts in the folder of the writer's file. That folder differs from build to build, the file's
name as dbt sees it does not, so that dbt may use what it parsed the last time.

This module knows dbt's command line and its log events, and nothing of what the models hold.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import os
import shutil
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

import duckdb
from filelock import FileLock, Timeout

from common import clock
from common.database_locks import lock_message
from common.files import publish
from common.home import Home
from common.progress import Progress
from common.resources import resource
from common.sql import identifier, literal
from ingest.contracts import CODES
from vuosikello.warehouse.dbt_run import DbtRun, one_line, run_dbt
from vuosikello.warehouse.incremental import Versions, is_whole, part_to_build
from vuosikello.warehouse.indicator_models import keep_models
from vuosikello.warehouse.publications import keep_replaced

PROJECT = resource("dbt_project")

_FILE = "warehouse.duckdb"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Attributes:
        path: where the warehouse is published, whether or not this build got that far.
        seconds: how long the build took.
        models: how many models were built.
        tests: how many data tests ran.
        failures: what stopped the build, in plain sentences; empty when it was published.
        warnings: what the data tests found that does not stop a build, in plain sentences.
        as_of: the moment whose knowledge the warehouse shows; None is everything received.
        newest_submission: the submission received last of those the warehouse knows of.
        feeds: the feeds whose models were built anew, the rest of the published warehouse being
            taken over; None where everything was built.
    """

    path: Path
    seconds: float
    models: int
    tests: int
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    as_of: datetime | None = None
    newest_submission: str | None = None
    feeds: tuple[str, ...] | None = None

    @property
    def is_published(self) -> bool:
        """Whether the warehouse was published."""
        return not self.failures


def build(
    home: Path,
    *,
    as_of: datetime | None = None,
    full_refresh: bool = False,
    progress: Progress | None = None,
    wait_seconds: float = 3600.0,
) -> BuildResult:
    """Build the warehouse from the lake and publish it in one step.

    Where nothing but submissions has been added since the published warehouse was built, only what
    rests on their feeds is built anew (:mod:`vuosikello.warehouse.incremental`).

    Args:
        home: the installation's home folder; its lake and ledger may be empty or missing.
        as_of: build what was known at this moment (a moment without a time zone is Finnish
            time), beside the published warehouse in ``<home>/as_of/<time>/``.
        full_refresh: build everything anew, and forget what dbt remembers of earlier builds.
        progress: called before each seed, model and test with how many are done, how many there
            are, and which comes next.
        wait_seconds: how long to wait for another build of the same home to end.

    Returns:
        What was done. When ``failures`` is not empty nothing was published and the published
        warehouse is what it was before.
    """
    started = time.monotonic()
    folders = Home(home.expanduser().absolute())
    moment = _utc(as_of)
    target = published_path(folders.root, moment)
    if moment is not None and moment > clock.now():
        return _not_begun(
            target,
            moment,
            f"{moment.astimezone(clock.FINLAND):%Y-%m-%d %H:%M} lies in the future: nobody knows "
            "yet what will be known then. Give a moment that has passed.",
        )
    folders.locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folders.locks / "build.lock")
    if not _acquired(lock, 0.0):
        if progress:
            progress(0, 1, "(waiting for another build to end)")
        if not _acquired(lock, wait_seconds):
            return _not_begun(
                target,
                moment,
                f"Another build of {folders.root} has gone on for more than {wait_seconds:.0f} "
                "seconds. Wait for it to end, or end it, and build again.",
            )
    try:
        run = _build_and_publish(folders.root, target, moment, full_refresh, progress)
    finally:
        lock.release()
    return BuildResult(
        target,
        time.monotonic() - started,
        run.models,
        run.tests,
        failures=run.failures,
        warnings=run.warnings,
        as_of=moment,
        newest_submission=run.newest_submission,
        feeds=run.feeds,
    )


def _not_begun(target: Path, as_of: datetime | None, why: str) -> BuildResult:
    return BuildResult(target, 0.0, 0, 0, failures=[why], as_of=as_of)


def _acquired(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    return True


def known_at(home: Path, moment: datetime, progress: Progress | None = None) -> BuildResult:
    """Return the warehouse as it was known at a moment, built if need be.

    One that stands there already is taken if it was built with the same models and code lists as
    the published one: what was known at a moment that has passed does not change any more.

    Args:
        home: the installation's home folder.
        moment: the moment; without a time zone it is Finnish time.
        progress: as for :func:`build`.

    Returns:
        The build's result; of one that was there already, what little need be known.
    """
    root = home.expanduser().absolute()
    as_of = _utc(moment)
    path = published_path(root, as_of)
    if path.is_file() and _hash_of(path) == _hash_of(published_path(root)):
        return BuildResult(path, 0.0, 0, 0, as_of=as_of)
    return build(root, as_of=as_of, progress=progress)


def _hash_of(warehouse: Path) -> str | None:
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            row = connection.execute("select project_hash from staging.build_info").fetchone()
    except duckdb.Error as error:
        if lock_message(error):
            raise
        return None
    return str(row[0]) if row else None


def published_path(home: Path, as_of: datetime | None = None) -> Path:
    """Where a build publishes its warehouse.

    Args:
        home: the installation's home folder.
        as_of: the moment the warehouse is built as of; None is the published warehouse itself.
    """
    if as_of is None:
        return Home(home).warehouse
    moment = as_of.astimezone(UTC)
    fraction = f".{moment.microsecond:06}" if moment.microsecond else ""
    return Home(home).as_of / f"{moment:%Y-%m-%dT%H%M%S}{fraction}Z" / _FILE


def _build_and_publish(
    home: Path,
    target: Path,
    as_of: datetime | None,
    full_refresh: bool,
    progress: Progress | None,
) -> DbtRun:
    folder, dbt_target = Home(home).build, Home(home).dbt_target
    _sweep(folder)
    _forget_other_project(dbt_target.parent, is_asked=full_refresh)
    writer = folder / f"writer-{uuid.uuid4().hex}" / _FILE
    writer.parent.mkdir(parents=True)
    built_at = clock.now()
    built_on = (as_of or built_at).astimezone(clock.FINLAND).date()
    part = None
    if as_of is None and not full_refresh:
        part = part_to_build(home, target, _versions(built_on))
    compiled = dbt_target / "compiled"
    shutil.rmtree(compiled, ignore_errors=True)
    if part is not None:
        shutil.copyfile(target, writer)
    environment = dbt_environment(home, dbt_target, as_of, built_on)
    selection = part.selection if part is not None else ()
    run = run_dbt(writer, environment, selection, full_refresh, progress)
    if part is not None and not run.failures and not is_whole(part, writer):
        # A submission was received meanwhile; what rests on it is not known to be built.
        writer.unlink()
        part = None
        run = run_dbt(writer, environment, (), full_refresh, progress)
    run.feeds = part.feeds if part is not None else None
    if run.failures:
        # The file stays until the next build: the rows that broke a test can be looked at in it.
        return run
    try:
        run.newest_submission = _finish(writer, compiled, built_at, built_on, as_of)
        # Opened for writing it would lock everybody out. The next build can replace it still.
        writer.chmod(0o444)
        if as_of is None:
            _keep_replaced(home, run)
        publish(writer, target)
    except (duckdb.Error, OSError) as error:
        run.failures.append(
            f"The warehouse was built but could not be published: {one_line(error)}. Check the "
            f"space and the rights of {target.parent}, and build again."
        )
        return run
    shutil.rmtree(writer.parent, ignore_errors=True)
    return run


def _keep_replaced(home: Path, run: DbtRun) -> None:
    """Keep what diff needs of the warehouse that is replaced; without it the build goes on."""
    try:
        keep_replaced(Home(home), project_hash())
    except duckdb.Error as error:
        why = lock_message(error) or f"It cannot be read: {one_line(error)}."
        run.warnings.append(
            f"The values of the warehouse that is replaced were not kept for vuosikello diff. {why}"
        )


def _sweep(folder: Path) -> None:
    """Remove what builds that failed or were killed have left."""
    for left in folder.glob("writer-*"):
        shutil.rmtree(left, ignore_errors=True)


def _forget_other_project(remembered: Path, *, is_asked: bool) -> None:
    """Remove what dbt remembers, if asked to or if it is of other models than today's.

    What it parsed of an earlier version and what has changed since do not always fit together: it
    may find a metric twice and refuse to build.
    """
    note, project = remembered / "project.sha256", project_hash()
    if is_asked or not note.is_file() or note.read_text(encoding="ascii") != project:
        shutil.rmtree(remembered, ignore_errors=True)
        remembered.mkdir(parents=True)
        note.write_text(project, encoding="ascii")


def dbt_environment(
    home: Path, target: Path, as_of: datetime | None, built_on: date
) -> dict[str, str]:
    """Return what dbt reads from the environment.

    Args:
        home: the installation's home folder.
        target: where dbt writes what it makes and remembers.
        as_of: the moment (UTC) whose knowledge is asked for; None is everything received.
        built_on: the day on which periods under way end.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target.parent / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONUNBUFFERED": "1",
        "VUOSIKELLO_HOME": str(home),
        "VUOSIKELLO_CODES": Path(os.path.relpath(CODES, PROJECT)).as_posix(),
        "VUOSIKELLO_WAREHOUSE_FILE": _FILE,
        "VUOSIKELLO_BUILT_ON": built_on.isoformat(),
        "VUOSIKELLO_AS_OF": as_of.replace(tzinfo=None).isoformat() if as_of else "",
        "VUOSIKELLO_MEMORY_LIMIT": os.environ.get("VUOSIKELLO_MEMORY_LIMIT") or _memory_limit(),
        "VUOSIKELLO_DUCKDB_THREADS": os.environ.get("VUOSIKELLO_DUCKDB_THREADS")
        or str(os.cpu_count() or 1),
    }


def _finish(
    writer: Path, compiled: Path, built_at: datetime, built_on: date, as_of: datetime | None
) -> str | None:
    """Note in the file what it is and by what SQL, close it, and look at it as a reader will.

    Returns:
        The submission received last.
    """
    with duckdb.connect(str(writer)) as connection:
        newest = connection.execute(
            "select arg_max(submission_id, (received_at, submission_id)), max(received_at), "
            "greatest(max(known_at), max(withdrawn_at)) from staging.stg_submissions"
        ).fetchone() or (None, None, None)
        connection.execute("create or replace table staging.build_info (" + _BUILD_INFO + ")")
        connection.execute(
            "insert into staging.build_info values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                built_at.replace(tzinfo=None),
                as_of.replace(tzinfo=None) if as_of else None,
                *dataclasses.astuple(_versions(built_on)),
                newest[0],
                *newest[1:],
            ],
        )
        for statement in _BUILD_INFO_COMMENTS:
            connection.execute(statement)
        keep_models(connection, compiled, built_at, _version("vuosikello"))
        connection.execute("checkpoint")
    if (wal := writer.with_name(writer.name + ".wal")).exists():
        raise OSError(f"{wal.name} was left beside the closed file")
    with duckdb.connect(str(writer), read_only=True) as reader:
        views = reader.execute(
            "select schema_name, view_name from duckdb_views() where not internal order by all"
        ).fetchall()
        for schema, view in views:
            reader.execute(f"select * from {identifier(schema, view)} limit 0")
    return None if newest[0] is None else str(newest[0])


_BUILD_INFO = """
    built_at timestamp not null,
    as_of timestamp,
    built_on date not null,
    code_version varchar not null,
    project_hash varchar not null,
    dbt_version varchar not null,
    duckdb_version varchar not null,
    newest_submission_id varchar,
    newest_received_at timestamp,
    newest_known_at timestamp
"""

_BUILD_INFO_COMMENTS = [
    "comment on table staging.build_info is 'One row: how and when this warehouse was built.'",
    *(
        f"comment on column staging.build_info.{column} is {literal(meaning)}"
        for column, meaning in {
            "built_at": "When the build began (UTC).",
            "as_of": "The moment whose knowledge it shows (UTC); empty: everything received.",
            "built_on": "The day on which periods under way end, in Finland.",
            "code_version": "Version of Vuosikello.",
            "project_hash": "SHA-256 of the dbt project and the code lists it was built with.",
            "dbt_version": "Version of dbt.",
            "duckdb_version": "Version of DuckDB.",
            "newest_submission_id": "The submission received last of those it knows of.",
            "newest_received_at": "When that was received (UTC).",
            "newest_known_at": "When the last of those it knows of could first be known (UTC).",
        }.items()
    ),
]


def _versions(built_on: date) -> Versions:
    """Return what a build of this moment is built with."""
    return Versions(
        built_on,
        _version("vuosikello"),
        project_hash(),
        _version("dbt-core"),
        duckdb.__version__,
    )


def project_hash() -> str:
    """SHA-256 over the files that decide what a build makes: models, macros, tests, code lists."""
    digest = hashlib.sha256()
    # By their names in a checkout, wherever they are installed.
    files = {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in (("dbt_project", PROJECT), ("ingest/codes", CODES))
        for path in folder.rglob("*")
        if path.suffix in (".sql", ".yml", ".csv") and path.is_file()
    }
    for name, path in sorted(files.items(), key=lambda file: PurePosixPath(file[0])):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _utc(as_of: datetime | None) -> datetime | None:
    if as_of is None:
        return None
    return (as_of if as_of.tzinfo else as_of.replace(tzinfo=clock.FINLAND)).astimezone(UTC)


def _memory_limit() -> str:
    """Half of the machine's memory: what else runs on it (Airflow, a reader) keeps the rest."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2 // 2**20}MiB"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
