"""Readers: a file of any format as one relation of text columns, in the order of the file.

Each format has a module: ``csv_text``, ``json_lines``, ``workbook``, ``parquet``. A reader returns
a :class:`Source`, SQL that yields ``r0, r1, …``: one text column for each column of the contract,
clean (:mod:`ingest.readers.cleaning`), NULL where the file has no such column. A value that is
there and cannot be read is never NULL or empty. Text of the file never becomes SQL: columns are
addressed by their position. What cannot be read is reported as a problem, a key of the messages; a
reader does not guess, and raises nothing but :class:`Unreadable` for what is in a file. This
package checks no values.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.contracts import Contract
from ingest.readers.csv_text import read_csv
from ingest.readers.encoding import Fingerprint, fingerprint, utf8_text
from ingest.readers.formats import refuse_other_format
from ingest.readers.json_lines import read_json_lines
from ingest.readers.lines import SkippedLine, count_lines, row_too_long, skipped_lines
from ingest.readers.parquet import read_parquet
from ingest.readers.source import (
    CSV,
    JSON_LINES,
    TIME_ZONE,
    Problem,
    ReadOptions,
    Source,
    Tolerance,
    Unreadable,
    engine_error,
)
from ingest.readers.workbook import read_workbook

__all__ = [
    "CSV",
    "JSON_LINES",
    "TIME_ZONE",
    "Fingerprint",
    "Problem",
    "ReadOptions",
    "SkippedLine",
    "Source",
    "Tolerance",
    "Unreadable",
    "count_lines",
    "engine_error",
    "fingerprint",
    "open_source",
    "row_too_long",
    "skipped_lines",
]


def open_source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    extension: str,
    contract: Contract,
    read: Fingerprint,
    work: Path,
    options: ReadOptions,
) -> Source:
    """Open a file of any of the formats.

    Args:
        connection: where relations that the source needs are registered.
        path: the file.
        extension: csv, xlsx, jsonl or parquet.
        contract: what the file should hold.
        read: the file's fingerprint.
        work: a folder for temporary files; the caller removes it.
        options: how text is read.

    Raises:
        Unreadable: the file cannot be read, or lacks a required column.
    """
    if read.size == 0:
        raise Unreadable(Problem("empty_file"))
    refuse_other_format(path, extension)
    match extension:
        case "csv":
            text = utf8_text(path, read, work, options)
            return read_csv(connection, text, contract, options, read, work)
        case "jsonl":
            text = utf8_text(path, read, work, options)
            return read_json_lines(connection, text, contract, options)
        case "xlsx":
            return read_workbook(connection, path, contract, work)
        case _:
            return read_parquet(connection, path, contract)
