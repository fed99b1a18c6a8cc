"""CSV: delimiter and header are detected, every value is text."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from common.sql import literal
from ingest.contracts import Contract, Texts
from ingest.messages import message
from ingest.readers.encoding import Fingerprint
from ingest.readers.header import (
    MOST_LINES_ABOVE,
    Header,
    find_header,
    is_blank,
    is_total,
    lines_above_remark,
    seen,
    totals_remark,
)
from ingest.readers.lines import (
    LONGEST_LINE,
    count_lines,
    refuse_long_line,
    refuse_many_skipped,
)
from ingest.readers.source import (
    CHUNK,
    CSV,
    Problem,
    ReadOptions,
    Source,
    Tolerance,
    Unreadable,
    match_columns,
    no_header,
    select_list,
    source_sql,
)

HEADER_BYTES = 1 << 21
# A row of totals is looked for in so many bytes at the end of a file.
TAIL_BYTES = 1 << 20
BUFFER = 4 * LONGEST_LINE  # the reader's own is several times that, and slower for it
SPARE_COLUMNS = 2
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_NULL_MARK = "\x01"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Start:
    """What the beginning of a text shows.

    Attributes:
        header: the header.
        delimiter: the delimiter with which it names most columns.
        above: the lines above it, split into values.
        offset: how many bytes of the text come before it.
    """

    header: Header
    delimiter: str
    above: list[list[str]]
    offset: int

    @property
    def row(self) -> int:
        """The row number of the header."""
        return len(self.above) + 1

    @property
    def seen(self) -> Texts:
        """What the messages say of it."""
        return seen("csv", row=self.row, delimiter=_delimiter_name(self.delimiter))


def read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    options: ReadOptions,
    read: Fingerprint,
    work: Path,
) -> Source:
    """Read a CSV file.

    Args:
        connection: where the file is looked into.
        path: the text, in UTF-8.
        contract: what the file should hold.
        options: how text is read.
        read: the file's fingerprint.
        work: a folder for a copy of the text.

    Raises:
        Unreadable: it has no header, lacks a required column, or has too many faulty lines.
    """
    start = _start(path, contract)
    header, delimiter = start.header.names, start.delimiter
    positions, unknown = match_columns(header, contract, start.seen, row=start.row)
    remarks = lines_above_remark(start.above)
    end = _end_without_totals(path, start, positions, contract)
    if start.offset or end is not None:
        path = _part(path, start.offset, end, work)
    refuse_long_line(path, options, is_quoted=True, above=len(start.above))
    if end is not None:
        lines = count_lines(path, is_quoted=True)
        remarks.append(totals_remark(len(start.above) + lines.count + 1))
    expressions = {name: f"c{index}" for name, index in positions.items()}
    ends = read.ends(delimiter)
    selected = select_list(contract, expressions, ends=ends, is_clean=read.is_ascii and ends == "")
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
        is_blank_row = f"coalesce({names[1]} IS NULL AND trim(c0) = '', true)"
        broken = f"({names[width - 1]} IS NULL AND NOT {is_blank_row} OR {too_many})"
        values = " + ".join(f"({name} IS NOT NULL)::USMALLINT" for name in names)
        value_count = f", CASE WHEN {broken} THEN {values} END AS value_count"
    if options.tolerance is not Tolerance.NONE:
        refuse_many_skipped(connection, path, arguments, CSV, options, width)
        arguments += ", store_rejects=true, rejects_limit=0"
    return Source(
        source_sql(
            contract, selected, f"read_csv({arguments})", f"{broken} AS broken{value_count}"
        ),
        start.row + 1,
        unknown,
        header_row=start.row,
        remarks=tuple(remarks),
        lines_above=len(start.above),
        lines=path,
        is_quoted=True,
        may_skip_lines=options.tolerance is not Tolerance.NONE,
        width=width,
        has_value_counts=counts_values,
        is_ascii=read.is_ascii,
    )


def _start(path: Path, contract: Contract) -> _Start:
    """Find the header, and the delimiter with which most columns of the contract are found."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        text = file.read(HEADER_BYTES)
    if not text:
        raise Unreadable(Problem("empty_file"))
    lines = list(io.StringIO(text, newline=""))
    best: _Start | None = None
    widest = (0, ",")
    for delimiter in _DELIMITERS:
        rows, ends = _first_rows(lines, delimiter)
        widest = max(widest, (max(map(len, rows), default=0), delimiter))
        header = find_header(rows, contract)
        if header is None or (best is not None and header.known <= best.header.known):
            continue
        begin = ends[header.index - 1] if header.index else 0
        offset = len("".join(lines[:begin]).encode("utf-8"))
        best = _Start(header, delimiter, rows[: header.index], offset)
    if best is None:
        raise Unreadable(
            no_header(
                contract,
                seen(
                    "csv_lines",
                    count=min(len(lines), MOST_LINES_ABOVE + 1),
                    delimiter=_delimiter_name(widest[1]),
                    values=widest[0],
                ),
            )
        )
    if not best.offset:
        return best
    with path.open("rb") as file:
        mark = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
    return _Start(best.header, best.delimiter, best.above, best.offset + mark)


def _first_rows(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows of a text, and after how many of its lines each of them ends."""
    rows: list[list[str]] = []
    ends: list[int] = []
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) > MOST_LINES_ABOVE + 1:
                break
    except csv.Error:
        pass
    return rows, ends


def _delimiter_name(delimiter: str) -> Texts:
    return message(f"delimiter_{_DELIMITERS[delimiter]}")


def _end_without_totals(
    path: Path, start: _Start, positions: dict[str, int], contract: Contract
) -> int | None:
    """Return where the row of totals at the end of a text begins; None where there is none.

    Lines without a value may follow it. A line that ends a value begun on an earlier one has an
    odd number of quotation marks, and is none.
    """
    size = path.stat().st_size
    begin = max(start.offset, size - TAIL_BYTES)
    with path.open("rb") as file:
        file.seek(begin)
        tail = file.read()
    lines = [(found.start(), found[0]) for found in _LINE.finditer(tail) if found[0]]
    # The first line is the header, or was not read from its beginning.
    for offset, line in reversed(lines[1:]):
        if line.count(b'"') % 2:
            return None
        try:
            row = next(csv.reader([line.decode("utf-8", "replace")], delimiter=start.delimiter), [])
        except csv.Error:
            return None
        if not is_blank(row):
            return begin + offset if is_total(row, positions, contract) else None
    return None


def _part(path: Path, begin: int, end: int | None, work: Path) -> Path:
    """Copy a part of a text, without what stands above the header and below the last row."""
    part = work / "table"
    left = (path.stat().st_size if end is None else end) - begin
    with path.open("rb") as text, part.open("wb") as copy:
        text.seek(begin)
        while left > 0 and (chunk := text.read(min(CHUNK, left))):
            copy.write(chunk)
            left -= len(chunk)
    return part
