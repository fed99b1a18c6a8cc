"""The indicators as files: CSV and Parquet of the same rows, each written whole or not at all.

The same warehouse, year, protection and earlier publications give the same bytes. This module must
not know releases, nor what else is written from the published values.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from common.files import atomic_replace
from common.home import Home
from common.progress import Progress
from common.sql import literal
from exports.disclosure import DisclosureResult, Protection, control, save_withheld

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

    A year that an earlier publication shows as it is today is published as it was.

    Args:
        warehouse: a published warehouse; it is only read, and may be open elsewhere.
        out: the folder for the files; created if it does not exist. Files of the same names are
            replaced, each in one step.
        year: export the rows of this year and of its months only.
        protection: how well withheld numbers are protected; None for the default.
        earlier: Parquet files that were published earlier. Those that do not exist are
            ignored, so that a caller can name what the next export will find.
        progress: called for every year: how many are done, of how many, and which one is next.

    Returns:
        The files, the number of published and suppressed rows, and what disclosure control did.

    Raises:
        FileNotFoundError: there is no warehouse.
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
        save_withheld(connection, files[-1], Home(warehouse.parent).withheld)
    return ExportResult(
        files,
        result.published,
        result.cells - result.published,
        year,
        protection.threshold,
        result,
    )


def write_indicators(connection: duckdb.DuckDBPyConnection, out: Path) -> tuple[Path, ...]:
    """Write what disclosure control published (the table ``disclosed``), CSV first.

    Args:
        connection: :func:`exports.disclosure.control` has run on it.
        out: the folder for the files. Files of the same names are replaced, each in one step.

    Returns:
        The files, CSV first.
    """
    files = tuple(out / f"indicators.{suffix}" for suffix in _FORMATS)
    for file, options in zip(files, _FORMATS.values(), strict=True):
        with atomic_replace(file) as draft:
            connection.execute(f"COPY disclosed TO {literal(draft)} ({options})")
    return files


@contextlib.contextmanager
def reader(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse read-only, as the database ``warehouse`` of an in-memory connection.

    It has one thread, so that rows and bytes always have the same order.

    Args:
        warehouse: a published warehouse; it may be open elsewhere.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"ATTACH {literal(warehouse)} AS warehouse (READ_ONLY)")
        yield connection
