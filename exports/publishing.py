"""The indicators as files: CSV and Parquet of the same rows, each there whole or not at all.

The same warehouse, year and threshold give the same bytes.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from exports.disclosure import disclosed

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
    """

    files: tuple[Path, ...]
    published: int
    suppressed: int
    year: int | None
    threshold: int


def publish(
    warehouse: Path, out: Path, *, year: int | None = None, threshold: int = 5
) -> ExportResult:
    """Write ``indicators.csv`` and ``indicators.parquet``, with disclosure control.

    Args:
        warehouse: a published warehouse; it is only read, and may be open elsewhere.
        out: the folder for the files; created if it does not exist. Files of the same names are
            replaced, each in one step.
        year: export the rows of this year and of its months only.
        threshold: people; a value about fewer of them is suppressed. At least 1.

    Returns:
        The files and the number of published and suppressed rows.

    Raises:
        ValueError: the threshold is below 1.
        FileNotFoundError: there is no warehouse.
        duckdb.Error: the warehouse has no indicators.
    """
    if threshold < 1:
        raise ValueError(f"The threshold is a number of people, at least 1; it is {threshold}.")
    if not warehouse.is_file():
        raise FileNotFoundError(f"There is no warehouse at {warehouse}.")
    out.mkdir(parents=True, exist_ok=True)
    with reader(warehouse) as connection:
        connection.execute(
            f"CREATE TEMP TABLE rows AS {disclosed('warehouse.indicators')}",
            {"threshold": threshold, "year": None if year is None else f"{year:04d}"},
        )
        published, suppressed = connection.execute(
            "SELECT count(*) FILTER (is_there), count(*) FILTER (NOT is_there) "
            "FROM (SELECT status = 'published' AS is_there FROM rows)"
        ).fetchall()[0]
        files = [out / f"indicators.{suffix}" for suffix in _FORMATS]
        for file, options in zip(files, _FORMATS.values(), strict=True):
            with whole(file) as draft:
                connection.execute(f"COPY rows TO '{quoted(draft)}' ({options})")
    return ExportResult(tuple(files), published, suppressed, year, threshold)


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
