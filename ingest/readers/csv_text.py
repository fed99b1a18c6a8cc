"""CSV: delimiter and header are detected, every value is text."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from common.sql import literal
from ingest.contracts import Contract
from ingest.readers.lines import LONGEST_LINE, refuse_many_skipped
from ingest.readers.source import (
    CSV,
    Problem,
    ReadOptions,
    Source,
    Tolerance,
    Unreadable,
    match_columns,
    normalize_name,
    select_list,
)

HEADER_BYTES = 1 << 21
BUFFER = 4 * LONGEST_LINE  # the reader's own is several times that, and slower for it
SPARE_COLUMNS = 2
_DELIMITERS = (",", ";", "\t")
_NULL_MARK = "\x01"


def read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    options: ReadOptions,
    *,
    is_plain: bool,
) -> Source:
    """Read a CSV file.

    Args:
        connection: where the file is looked into.
        path: the text, in UTF-8.
        contract: what the file should hold.
        options: how text is read.
        is_plain: whether the text has no space in it.

    Raises:
        Unreadable: it has no header, lacks a required column, or has too many faulty lines.
    """
    header, delimiter = _header(path, contract)
    positions, unknown = match_columns(header, contract)
    expressions = {name: f"c{index}" for name, index in positions.items()}
    selected = select_list(contract, expressions, is_trimmed=is_plain)
    width = len(header)
    counts_values = options.tolerance is Tolerance.ROW_WIDTHS
    names = [f"c{index}" for index in range(width + (SPARE_COLUMNS if counts_values else 0))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    arguments = (
        f"{literal(path)}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', max_line_size={LONGEST_LINE}, buffer_size={BUFFER}, "
        f"columns={{{columns}}}"
    )
    broken, value_count = "false", ""
    if counts_values:
        # Short lines are filled with NULL, which no value is read as; spare columns take the
        # values that are too many. So both stay rows in their place and cost no more than others.
        arguments += f", null_padding=true, nullstr='{_NULL_MARK}'"
        too_many = " OR ".join(f"coalesce({name}, '') <> ''" for name in names[width:])
        is_blank = f"coalesce({names[1]} IS NULL AND trim(c0) = '', true)"
        broken = f"({names[width - 1]} IS NULL AND NOT {is_blank} OR {too_many})"
        values = " + ".join(f"({name} IS NOT NULL)::USMALLINT" for name in names)
        value_count = f", CASE WHEN {broken} THEN {values} END AS value_count"
    if options.tolerance is not Tolerance.NONE:
        refuse_many_skipped(connection, path, arguments, CSV, options, width)
        arguments += ", store_rejects=true, rejects_limit=0"
    return Source(
        f"SELECT {selected}, {broken} AS broken{value_count} FROM read_csv({arguments})",
        2,
        unknown,
        lines=path,
        is_quoted=True,
        may_skip_lines=options.tolerance is not Tolerance.NONE,
        width=width,
        has_value_counts=counts_values,
    )


def _header(path: Path, contract: Contract) -> tuple[list[str], str]:
    """Return the header and the delimiter with which most columns of the contract are found."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        start = file.read(HEADER_BYTES)
    names = {column.name for column in contract.columns}
    best: tuple[int, int, list[str], str] | None = None
    for delimiter in _DELIMITERS:
        try:
            header = next(csv.reader(start.splitlines(keepends=True), delimiter=delimiter), [])
        except csv.Error:
            continue
        known = len(names & {normalize_name(name) for name in header})
        if best is None or (known, len(header)) > best[:2]:
            best = (known, len(header), header, delimiter)
    if best is None or not best[2]:
        raise Unreadable(Problem("not_readable", {"format": CSV}))
    return best[2], best[3]
