"""Lines of a text: which are blank, and which the text reader skipped.

A blank line is not a row, but a person who counts rows counts it, and so do receipts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from ingest.readers.source import (
    CHUNK,
    CSV,
    Problem,
    ReadOptions,
    Tolerance,
    Unreadable,
    engine_error,
)

LONGEST_LINE = 1 << 22
# A line end is looked for in so many bytes at a time.
LOOKED_AT = 1 << 16
# How many lines the reader may skip, or a tenth of the file where that is more: each is kept in
# memory.
MOST_SKIPPED = 100_000
_LINE_END = ord("\n")
_IN_QUOTES = re.compile(rb'(?<![^,;\t\r\n ])"[^"]*(?:""[^"]*)*"')
_QUOTE_OPENED = re.compile(rb'(?<![^,;\t\r\n ])"[^"]*(?:""[^"]*)*\Z')


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that the text reader could not split into values.

    Attributes:
        row: its number, as a person counts.
        value_count: how many values it has, where the number was wrong; else 0.
        is_position_lost: whether the reader no longer knows where the following lines begin.
        is_too_long: whether the reader can hold only a part of it.
    """

    row: int
    value_count: int
    is_position_lost: bool
    is_too_long: bool


def skipped_lines(connection: duckdb.DuckDBPyConnection) -> list[SkippedLine]:
    """Return the lines that the text reader could not split, once it has read the file."""
    rows = connection.execute(
        "SELECT line, "
        "max(coalesce(try_cast(regexp_extract(error_message, 'Found: ([0-9]+)', 1) AS INT), 0)), "
        "bool_or(error_type = 'UNQUOTED VALUE' "
        "AND regexp_matches(rtrim(csv_line, chr(13) || chr(10)), '[\\r\\n]')), "
        "bool_or(error_type = 'LINE SIZE OVER MAXIMUM') "
        "FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    return [SkippedLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LineCount:
    """How many lines a text has, and the numbers of some of them, as a person counts.

    Attributes:
        count: how many lines.
        blank: the blank ones.
        too_long: the first that is longer than the reader can hold; None where none is.
    """

    count: int
    blank: npt.NDArray[np.int64]
    too_long: int | None = None


def count_lines(path: Path, *, is_quoted: bool) -> LineCount:
    """Count lines and find the blank ones; a line end inside quotes ends no line.

    The text is looked at in large parts, never line by line.

    Args:
        path: a text in UTF-8.
        is_quoted: whether quotes have a meaning.
    """
    count, begun, carried = 0, 0, b""
    blank = []
    too_long: int | None = None
    with path.open("rb") as file:
        while part := carried + file.read(CHUNK) + file.readline(LONGEST_LINE):
            is_last = len(part) == len(carried)
            carried = b""
            if is_quoted and b'"' in part:
                part = _IN_QUOTES.sub(b"q", part)
                opened = _QUOTE_OPENED.search(part)
                # An opening quote without an end within the longest line is an ordinary character.
                if opened and len(part) - opened.start() > LONGEST_LINE:
                    too_long = too_long or count + _ends_of(part[: opened.start()]) + 1
                elif opened and not is_last:
                    part, carried = part[: opened.start()], part[opened.start() :]
            if b"\r" in part:
                part = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            ends = np.flatnonzero(np.frombuffer(part, np.uint8) == _LINE_END)
            if ends.size:
                lengths = np.diff(ends, prepend=-1 - begun) - 1
                if too_long is None and (lengths > LONGEST_LINE).any():
                    too_long = count + 1 + int(np.argmax(lengths > LONGEST_LINE))
                blank.append(count + 1 + np.flatnonzero(lengths == 0))
                count, begun = count + ends.size, len(part) - int(ends[-1]) - 1
            else:
                begun += len(part)
            if begun > LONGEST_LINE:
                too_long = too_long or count + 1
            if is_last:
                break
    numbers = np.concatenate(blank) if blank else np.empty(0, np.int64)
    return LineCount(count + (begun > 0), numbers, too_long)


def row_too_long(row: int) -> Problem:
    """Return the problem of a row that is longer than the reader can hold.

    Args:
        row: its number in the file, as a person counts.
    """
    return Problem("row_too_long", {"limit": f"{LONGEST_LINE >> 20} MB"}, row=row)


def refuse_long_line(path: Path, options: ReadOptions, *, is_quoted: bool, above: int = 0) -> None:
    """Refuse a text with a line of several times the length that the reader can hold.

    The reader loses such a line without a word. A value in quotes that goes on over many lines it
    finds faulty, so it is looked for only once the text was read in vain in every other way.

    Args:
        path: the text.
        options: how it is read.
        is_quoted: whether quotes have a meaning.
        above: how many lines of the file come before the text.

    Raises:
        Unreadable: it has such a line; the problem names its row.
    """
    if _has_part_without_line_end(path) or options.tolerance is Tolerance.ALL:
        row = count_lines(path, is_quoted=is_quoted).too_long
        if row is not None:
            raise Unreadable(row_too_long(row + above))


def _has_part_without_line_end(path: Path) -> bool:
    """Whether a text has as much without a line end as a line may have at most.

    Every stretch of twice that length has a whole part in it; mostly the first bytes of a part show
    that it has a line end, so little is read.
    """
    with path.open("rb", buffering=0) as file:
        for begin in range(0, path.stat().st_size - LONGEST_LINE + 1, LONGEST_LINE):
            file.seek(begin)
            left = LONGEST_LINE
            while left and (part := file.read(min(LOOKED_AT, left))):
                if b"\n" in part or b"\r" in part:
                    break
                left -= len(part)
            if not left:
                return True
    return False


def refuse_many_skipped(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    arguments: str,
    file_format: str,
    options: ReadOptions,
    width: int,
) -> None:
    """Refuse a text with so many faulty lines that they would not fit into memory.

    Args:
        connection: a connection.
        path: the text.
        arguments: the SQL of the arguments of ``read_csv`` that the text is read with.
        file_format: the name of the format.
        options: how the text is read.
        width: how many values a line has.

    Raises:
        Unreadable: more lines are skipped than may be, and more than a tenth of them.
    """
    # Without tolerance for widths, the engine keeps each missing value of a line.
    kept_per_line = 1 if options.tolerance is Tolerance.ROW_WIDTHS else width
    limit = MOST_SKIPPED // kept_per_line
    if path.stat().st_size < limit:
        return
    try:
        ((read,),) = connection.execute(
            f"SELECT count(*) FROM read_csv({arguments}, ignore_errors=true)"
        ).fetchall()
    except duckdb.Error as error:
        raise engine_error(error, file_format, options) from None
    # There are never more rows than line ends, and counting those is quick and mostly enough.
    if _count_line_ends(path) + 1 - read <= limit:
        return
    lines = count_lines(path, is_quoted=file_format == CSV)
    rows = lines.count - lines.blank.size
    if rows - read > max(limit, rows // 10):
        raise Unreadable(Problem("not_readable", {"format": file_format}))


def _ends_of(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _count_line_ends(path: Path) -> int:
    """Count line ends of every kind, those inside quotes too.

    One that lies on the border between two chunks may count twice.
    """
    count = 0
    with path.open("rb", buffering=0) as file:
        while part := file.read(CHUNK):
            count += _ends_of(part)
    return count
