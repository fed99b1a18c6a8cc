"""The indicators as files: CSV and Parquet of the same rows, each there whole or not at all.

The same warehouse, year, protection and earlier publications give the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from exports.disclosure import DisclosureResult, Progress, Protection, control, remember
from exports.disclosure.prior_publications import MEMORY

_FORMATS = {
    "csv": "FORMAT csv, HEADER",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote.

    Attributes:
        files: the files, CSV first.
        published: rows with their numbers.
        suppressed: rows whose numbers are withheld.
        year: the year exported, or None for all.
        threshold: people below which a value was suppressed.
        disclosure: what disclosure control did.
    """

    files: tuple[Path, ...]
    published: int
    suppressed: int
    year: int | None
    threshold: int
    disclosure: DisclosureResult


def publish(
    warehouse: Path,
    out: Path,
    *,
    year: int | None = None,
    protection: Protection | None = None,
    earlier: Sequence[Path] = (),
    progress: Progress | None = None,
) -> ExportResult:
    """Write ``indicators.csv`` and ``indicators.parquet``, with disclosure control.

    A year that an earlier publication tells of as it is today is published as it was.

    Args:
        warehouse: a published warehouse; it is only read, and may be open elsewhere.
        out: the folder for the files; created if it does not exist. Files of the same names are
            replaced, each in one step.
        year: export the rows of this year and of its months only.
        protection: how well withheld numbers are protected; None for the default.
        earlier: Parquet files that were published earlier. Those that are not there are passed
            over, so that a caller can name what the next export will find.
        progress: told of every year: how many are done, of how many, and which one is next.

    Returns:
        The files, the number of published and suppressed rows, and what disclosure control did.

    Raises:
        FileNotFoundError: there is no warehouse.
        exports.disclosure.ProtectionError: a number cannot be protected; nothing was written.
        duckdb.Error: the warehouse has no indicators.
    """
    protection = protection or Protection()
    if not warehouse.is_file():
        raise FileNotFoundError(f"There is no warehouse at {warehouse}.")
    out.mkdir(parents=True, exist_ok=True)
    with reader(warehouse) as connection:
        result = control(
            connection,
            "warehouse.indicators",
            protection=protection,
            years=None if year is None else [year],
            earlier=[file for file in earlier if file.is_file()],
            take_over=True,
            progress=progress,
        )
        files = write_indicators(connection, out)
        remember(connection, files[-1], warehouse.parent / MEMORY)
    return ExportResult(
        files,
        result.published,
        result.cells - result.published,
        year,
        protection.threshold,
        result,
    )


def write_indicators(connection: duckdb.DuckDBPyConnection, out: Path) -> tuple[Path, ...]:
    """Write what disclosure control gave out (the table ``disclosed``), CSV first.

    Args:
        connection: :func:`exports.disclosure.control` has run on it.
        out: the folder for the files. Files of the same names are replaced, each in one step.
    """
    files = tuple(out / f"indicators.{suffix}" for suffix in _FORMATS)
    for file, options in zip(files, _FORMATS.values(), strict=True):
        with whole(file) as draft:
            connection.execute(f"COPY disclosed TO '{quoted(draft)}' ({options})")
    return files


@contextlib.contextmanager
def reader(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse read-only under a name of its own; one thread, for one order of bytes."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"ATTACH '{quoted(warehouse)}' AS warehouse (READ_ONLY)")
        yield connection


@contextlib.contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Give a name to write to; what was written there takes the file's place at the end."""
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def quoted(path: Path) -> str:
    """Write a path as it stands between the quotes of an SQL text."""
    return str(path).replace("'", "''")
