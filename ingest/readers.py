"""Files of every format as one relation of text columns, in file order.

A source is SQL that yields ``r0, r1, …``, one text column for each column of the contract, without
surrounding space, NULL where the file has no such column. Nothing of a file's own text ever becomes
SQL: columns are addressed by their position. What cannot be read is said as a problem, a key of the
messages; a reader never guesses and never raises for what is in a file.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from common.sql import identifier, literal
from ingest.contracts import Contract

CHUNK = 1 << 22
HEADER_BYTES = 1 << 21
MAXIMUM_LINE = 1 << 22
BUFFER = 4 * MAXIMUM_LINE  # the reader's own is several times that, and slower for it
SPREADSHEET_LIMIT = 1 << 30
SPREADSHEET_SECONDS = 600
SPARE = 2
DEBRIS = 100_000
_DELIMITERS = (",", ";", "\t")
_TEXTS = ("CSV", "JSON lines")
_NO_VALUE = "\x01"
_LINE_END = ord("\n")
# Two line feeds, a line feed and a carriage return, two carriage returns: as little-endian pairs.
_GAPS = (0x0A0A, 0x0D0A, 0x0D0D)
_IN_QUOTES = re.compile(rb'(?<![^,;\t\r\n ])"[^"]*(?:""[^"]*)*"')
_QUOTE_OPENED = re.compile(rb'(?<![^,;\t\r\n ])"[^"]*(?:""[^"]*)*\Z')


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a part of it, cannot be read: a key of the messages and its values."""

    key: str
    values: dict[str, object] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None


class Care(IntEnum):
    """What the text reader is prepared for; the more, the slower.

    Most files are as they should be, and are read that way first.
    """

    NONE = 0
    """Every line has as many values as the header."""
    WIDTHS = 1
    """Lines may have too few or too many values; no value has a line break in it."""
    ALL = 2
    """Anything; the reader keeps every line that is wrong in memory."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How text is read.

    Attributes:
        care: what the reader is prepared for.
        one_line_end: whether the file is copied first so that all its lines end alike, which the
            reader insists on.
    """

    care: Care = Care.NONE
    one_line_end: bool = False


class Unreadable(Exception):
    """The whole file cannot be read, or not in this manner; ``instead`` is another to try."""

    def __init__(self, problem: Problem, *, instead: Manner | None = None) -> None:
        super().__init__(problem.key)
        self.problem = problem
        self.instead = instead


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one pass over a file's bytes tells.

    ``encoding`` is a Python codec, or None where the bytes are no text. ``may_have_blank_line``
    is false only where no line that something follows is blank. A plain text is ASCII without a
    space, as most files of codes, days and numbers are: there is nothing to trim in it.
    """

    sha256: str
    size: int
    encoding: str | None
    may_have_blank_line: bool
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file.

    Attributes:
        sql: a SELECT that yields ``r0, r1, …`` in file order, and ``broken``: whether the row
            is there but cannot be read.
        first_row: the row number of the first row that the SELECT yields.
        unknown: names of columns that the contract does not have, by position.
        lines: the text that was read, where it is text; blank lines are no rows of it.
        is_quoted: whether a line of the text may end inside quotes, and go on.
        passes_over: whether the text reader may pass over lines; see :func:`passed_over`.
        width: how many values a line has.
        has_widths: whether the SELECT also yields ``found``, how many values a broken row has
            instead.
    """

    sql: str
    first_row: int
    unknown: tuple[tuple[int, str], ...] = ()
    lines: Path | None = None
    is_quoted: bool = False
    passes_over: bool = False
    width: int = 1
    has_widths: bool = False


def fingerprint(path: Path, *, as_text: bool) -> Fingerprint:
    """Read a file once: its SHA-256, size and, for text, encoding and blank lines.

    Args:
        path: a regular file.
        as_text: whether to look at the encoding too.
    """
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    utf8, printable, plain, blank, start = as_text, as_text, as_text, False, b""
    tail = b"\n"  # the line before the first: a line end that begins the file makes a blank line
    with path.open("rb", buffering=0) as file, ThreadPoolExecutor(1) as beside:
        while chunk := file.read(CHUNK):
            # A hash of much is made without Python, so what else is looked at costs no time.
            hashed = beside.submit(digest.update, chunk)
            start = start or chunk[:4]
            size += len(chunk)
            if as_text:
                printable = printable and b"\0" not in chunk
                plain = plain and chunk.isascii() and b" " not in chunk
                # Line ends at the end are kept back: blank lines count once something follows.
                seam = tail + chunk
                inside = seam.rstrip(b"\r\n")
                blank = blank or _has_gap(inside)
                tail = (inside[-1:] + seam[len(inside) :])[-8:]
                if utf8:
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError:
                        utf8 = False
            hashed.result()
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    encoding = _encoding(start, utf8, printable) if as_text else None
    # The blank lines of UTF-16 were not looked for; whoever asks for them will find them or none.
    return Fingerprint(digest.hexdigest(), size, encoding, blank or encoding == "utf-16", plain)


def _has_gap(text: bytes) -> bool:
    """Tell whether two line ends may follow each other, looking at pairs of bytes at a time.

    Searching for the pairs byte by byte takes several times as long as everything else that is
    looked at: every line has the first of their bytes.
    """
    pairs = _GAPS if b"\r" in text else _GAPS[:1]
    characters = np.frombuffer(text, np.uint8)
    for begin in (0, 1):
        whole = characters[begin : begin + (len(text) - begin) // 2 * 2]
        if any((whole.view("<u2") == pair).any() for pair in pairs):
            return True
    return False


def _encoding(start: bytes, utf8: bool, printable: bool) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if not printable:
        return None
    return "utf-8" if utf8 else "windows-1252"


def open_source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    extension: str,
    contract: Contract,
    found: Fingerprint,
    work: Path,
    manner: Manner,
) -> Source:
    """Open a file of any of the formats.

    Args:
        connection: where relations that the source needs are registered.
        path: the file.
        extension: csv, xlsx, jsonl or parquet.
        contract: what the file should hold.
        found: the file's fingerprint.
        work: a folder for what must be written on the way; the caller removes it.
        manner: how text is read.

    Raises:
        Unreadable: the file cannot be read, or lacks a required column.
    """
    if found.size == 0:
        raise Unreadable(Problem("empty_file"))
    match extension:
        case "csv":
            text = _as_utf8(path, found, work, manner)
            return _csv(connection, text, contract, manner, is_plain=found.is_plain)
        case "jsonl":
            return _json_lines(connection, _as_utf8(path, found, work, manner), contract, manner)
        case "xlsx":
            return _spreadsheet(connection, path, contract, work)
        case _:
            return _parquet(connection, path, contract)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A line that the text reader could not take apart.

    Attributes:
        row: its number, as a person counts.
        found: how many values it has, where the number was wrong; else 0.
        is_lost: whether the reader lost its place, so that what follows cannot be told apart.
    """

    row: int
    found: int
    is_lost: bool


def passed_over(connection: duckdb.DuckDBPyConnection) -> list[PassedOver]:
    """Return the lines that the text reader could not take apart, once it has read the file."""
    rows = connection.execute(
        "SELECT line, "
        "max(coalesce(try_cast(regexp_extract(error_message, 'Found: ([0-9]+)', 1) AS INT), 0)), "
        "bool_or(error_type IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM') "
        "AND regexp_matches(rtrim(csv_line, chr(13) || chr(10)), '[\\r\\n]')) "
        "FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    return [PassedOver(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Lines:
    """How a text is divided: how many lines, and which of them are blank, as a person counts."""

    count: int
    blank: npt.NDArray[np.int64]


def divided(path: Path, *, is_quoted: bool) -> Lines:
    """Count lines and find the blank ones; a line end inside quotes ends no line.

    A blank line is no row, but a person who counts rows counts it. The text is looked at part by
    part and never taken apart.

    Args:
        path: a text in UTF-8.
        is_quoted: whether quotes mean anything.
    """
    count, begun, carried = 0, 0, b""
    blank = []
    with path.open("rb") as file:
        while part := carried + file.read(CHUNK) + file.readline(MAXIMUM_LINE):
            is_last = len(part) == len(carried)
            carried = b""
            if is_quoted and b'"' in part:
                part = _IN_QUOTES.sub(b"q", part)
                opened = _QUOTE_OPENED.search(part)
                # A quote that goes on for longer than a line may be long is none.
                if opened and not is_last and len(part) - opened.start() <= MAXIMUM_LINE:
                    part, carried = part[: opened.start()], part[opened.start() :]
            if b"\r" in part:
                part = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            ends = np.flatnonzero(np.frombuffer(part, np.uint8) == _LINE_END)
            if ends.size:
                lengths = np.diff(ends, prepend=-1 - begun) - 1
                blank.append(count + 1 + np.flatnonzero(lengths == 0))
                count, begun = count + ends.size, len(part) - int(ends[-1]) - 1
            else:
                begun += len(part)
            if is_last:
                break
    numbers = np.concatenate(blank) if blank else np.empty(0, np.int64)
    return Lines(count + (begun > 0), numbers)


def _csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    contract: Contract,
    manner: Manner,
    *,
    is_plain: bool,
) -> Source:
    header, delimiter = _header(path, contract)
    positions, unknown = _match(header, contract)
    expressions = {name: f"c{index}" for name, index in positions.items()}
    selected = _selected(contract, expressions, is_trimmed=is_plain)
    width = len(header)
    names = [f"c{index}" for index in range(width + (SPARE if manner.care is Care.WIDTHS else 0))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    options = (
        f"{literal(path)}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', max_line_size={MAXIMUM_LINE}, buffer_size={BUFFER}, "
        f"columns={{{columns}}}"
    )
    broken, found = "false", ""
    if manner.care is Care.WIDTHS:
        # Short lines are filled with NULL, which no value is read as; spare columns take what is
        # too much. So both stay rows in their place and cost no more than others.
        options += f", null_padding=true, nullstr='{_NO_VALUE}'"
        too_many = " OR ".join(f"coalesce({name}, '') <> ''" for name in names[width:])
        is_blank = f"coalesce({names[1]} IS NULL AND trim(c0) = '', true)"
        broken = f"({names[width - 1]} IS NULL AND NOT {is_blank} OR {too_many})"
    if manner.care is not Care.NONE:
        _refuse_debris(connection, path, options, "CSV", manner, width)
        options += ", store_rejects=true, rejects_limit=0"
    if manner.care is Care.WIDTHS:
        values = " + ".join(f"({name} IS NOT NULL)::USMALLINT" for name in names)
        found = f", CASE WHEN {broken} THEN {values} END AS found"
    return Source(
        f"SELECT {selected}, {broken} AS broken{found} FROM read_csv({options})",
        2,
        unknown,
        lines=path,
        is_quoted=True,
        passes_over=manner.care is not Care.NONE,
        width=width,
        has_widths=bool(found),
    )


def _refuse_debris(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    options: str,
    kind: str,
    manner: Manner,
    width: int,
) -> None:
    """Refuse a text in which too many lines are wrong for each to be kept in memory.

    Raises:
        Unreadable: of more lines than may be, and of more than a tenth, no row can be made.
    """
    limit = DEBRIS // (1 if manner.care is Care.WIDTHS else width)  # each missing value is kept
    if path.stat().st_size < limit:
        return
    try:
        ((read,),) = connection.execute(
            f"SELECT count(*) FROM read_csv({options}, ignore_errors=true)"
        ).fetchall()
    except duckdb.Error as error:
        raise not_readable(error, kind, manner) from None
    # Every line end counted is never fewer rows than there are: mostly that is enough to know.
    if _count_line_ends(path) + 1 - read <= limit:
        return
    lines = divided(path, is_quoted=kind == "CSV")
    rows = lines.count - lines.blank.size
    if rows - read > max(limit, rows // 10):
        raise Unreadable(Problem("not_readable", {"format": kind}))


def _count_line_ends(path: Path) -> int:
    """Count line ends of every kind, those inside quotes too; at a seam one may count twice."""
    count = 0
    with path.open("rb", buffering=0) as file:
        while part := file.read(CHUNK):
            count += part.count(b"\n")
            if b"\r" in part:
                count += part.count(b"\r") - part.count(b"\r\n")
    return count


def _header(path: Path, contract: Contract) -> tuple[list[str], str]:
    """Read the header with the delimiter under which most columns of the contract are found."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        start = file.read(HEADER_BYTES)
    names = {column.name for column in contract.columns}
    best: tuple[int, int, list[str], str] | None = None
    for delimiter in _DELIMITERS:
        try:
            header = next(csv.reader(start.splitlines(keepends=True), delimiter=delimiter), [])
        except csv.Error:
            continue
        known = len(names & {_normalised(name) for name in header})
        if best is None or (known, len(header)) > best[:2]:
            best = (known, len(header), header, delimiter)
    if best is None or not best[2]:
        raise Unreadable(Problem("not_readable", {"format": "CSV"}))
    return best[2], best[3]


def _json_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, manner: Manner
) -> Source:
    options = (
        f"{literal(path)}, auto_detect=false, header=false, delim='\x1f', quote='', escape='', "
        f"columns={{'line': 'VARCHAR'}}, max_line_size={MAXIMUM_LINE}"
    )
    if manner.care is not Care.NONE:
        _refuse_debris(connection, path, options, "JSON lines", manner, 1)
        options += ", store_rejects=true, rejects_limit=0"
    lines = (
        f"SELECT try_cast(line AS JSON) AS j, line FROM read_csv({options}) WHERE line IS NOT NULL"
    )
    try:
        keys = connection.execute(
            f"SELECT DISTINCT unnest(json_keys(j)) FROM ({lines}) WHERE json_type(j) = 'OBJECT'"
        ).fetchall()
    except duckdb.Error as error:
        raise not_readable(error, "JSON lines", manner) from None
    if not keys:
        raise Unreadable(Problem("not_readable", {"format": "JSON lines"}))
    header = sorted(key for (key,) in keys)
    by_name: dict[str, list[str]] = {}
    for key in header:
        by_name.setdefault(_normalised(key), []).append(key)
    _, unknown = _match(header, contract, repeats=True)
    expressions = {
        name: "coalesce(" + ", ".join(_json_value(key) for key in sorted(keys)) + ")"
        for name, keys in by_name.items()
        if name in {column.name for column in contract.columns}
    }
    broken = "trim(line) <> '' AND coalesce(json_type(j), '') <> 'OBJECT' AS broken"
    return Source(
        f"SELECT {_selected(contract, expressions)}, {broken} FROM ({lines})",
        1,
        unknown,
        lines=path,
        passes_over=manner.care is not Care.NONE,
    )


def _json_value(key: str) -> str:
    """Return the SQL text of a value; a list becomes its codes with ``|`` between."""
    path = literal('$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return (
        f"CASE WHEN json_type(j, {path}) = 'ARRAY' "
        f"THEN array_to_string(CAST(json_extract(j, {path}) AS VARCHAR[]), '|') "
        f"ELSE json_extract_string(j, {path}) END"
    )


def _spreadsheet(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path
) -> Source:
    """Read the first sheet.

    The sheet is read by a process of its own with a memory limit: a small workbook can unpack to
    any size, and one far-away cell makes a reader that allocates whole ranges run out of memory.
    """
    _refuse_bomb(path)
    arrow = work / "sheet.arrow"
    command = [sys.executable, "-m", "ingest.spreadsheet", str(path), str(arrow)]
    try:
        # Only our own module and paths are run; nothing of the file's text reaches the command.
        subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, timeout=SPREADSHEET_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Unreadable(Problem("not_readable", {"format": "XLSX"})) from None
    with pa.memory_map(str(arrow)) as mapped:
        table = pa.ipc.open_file(mapped).read_all()
    if table.num_columns == 0 or table.num_rows == 0:
        raise Unreadable(Problem("no_rows"))
    header = [str(column[0].as_py() or "") for column in table.columns]
    positions, unknown = _match(header, contract)
    body = table.slice(1).rename_columns([f"c{index}" for index in range(table.num_columns)])
    connection.register("sheet", body)
    selected = _selected(contract, {name: f"c{index}" for name, index in positions.items()})
    return Source(f"SELECT {selected}, false AS broken FROM sheet", 2, unknown)


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook that unpacks beyond the limit, whatever its directory declares."""
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if unpacked + member.file_size > SPREADSHEET_LIMIT:
                    raise _too_large()
                with archive.open(member) as file:
                    while chunk := file.read(CHUNK):
                        unpacked += len(chunk)
                        if unpacked > SPREADSHEET_LIMIT:
                            raise _too_large()
    except Unreadable:
        raise
    except Exception:
        # The zip reader raises many kinds of error on a damaged archive; all mean the same here.
        raise Unreadable(Problem("not_readable", {"format": "XLSX"})) from None


def _too_large() -> Unreadable:
    return Unreadable(Problem("too_large", {"limit": f"{SPREADSHEET_LIMIT >> 30} GiB"}))


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Source:
    reader = f"read_parquet({literal(path)}, hive_partitioning=false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    except duckdb.Error:
        raise Unreadable(Problem("not_readable", {"format": "Parquet"})) from None
    header = [name for name, *_ in described]
    positions, unknown = _match(header, contract)
    expressions = {}
    for name, index in positions.items():
        value = identifier(header[index])
        if described[index][1].endswith("]"):
            expressions[name] = f"array_to_string(CAST({value} AS VARCHAR[]), '|')"
        else:
            expressions[name] = f"CAST({value} AS VARCHAR)"
    selected = _selected(contract, expressions)
    return Source(f"SELECT {selected}, false AS broken FROM {reader}", 2, unknown)


def _match(
    header: list[str], contract: Contract, *, repeats: bool = False
) -> tuple[dict[str, int], tuple[tuple[int, str], ...]]:
    """Find the contract's columns in a header.

    Returns:
        The position of each column found, and the unknown columns.

    Raises:
        Unreadable: a required column is missing, or a known one stands twice.
    """
    known = {column.name for column in contract.columns}
    positions: dict[str, int] = {}
    unknown, twice = [], []
    for index, name in enumerate(header):
        normalised = _normalised(name)
        if normalised not in known:
            unknown.append((index, name))
        elif normalised in positions and not repeats:
            twice.append(normalised)
        else:
            positions[normalised] = index
    if twice:
        raise Unreadable(
            Problem("duplicate_columns", {"columns": ", ".join(sorted(set(twice)))}, row=1)
        )
    missing = [c.name for c in contract.columns if c.required and c.name not in positions]
    if missing:
        raise Unreadable(
            Problem(
                "missing_columns",
                {"columns": ", ".join(missing)},
                row=1,
                column=missing[0] if len(missing) == 1 else None,
            )
        )
    return positions, tuple(unknown)


def _selected(contract: Contract, expressions: dict[str, str], *, is_trimmed: bool = False) -> str:
    """Return the SQL of the columns of the contract, without surrounding space."""
    values = {
        name: expression if is_trimmed else _trimmed(expression)
        for name, expression in expressions.items()
    }
    return ", ".join(
        f"{values.get(column.name, 'NULL::VARCHAR')} AS r{index}"
        for index, column in enumerate(contract.columns)
    )


def _trimmed(expression: str) -> str:
    """Return the SQL of a text without surrounding space, of whatever kind of space.

    The engine's own trimming is the dearest thing that can be done to a text; a text of ASCII
    that begins and ends with something else than a space is seen to need none.
    """
    return (
        f"CASE WHEN {expression} >= '!' AND NOT suffix({expression}, ' ') "
        f"AND strlen({expression}) = length({expression}) "
        f"THEN {expression} ELSE trim({expression}) END"
    )


def _normalised(name: str) -> str:
    return name.strip().strip("\ufeff").casefold()


def _as_utf8(path: Path, found: Fingerprint, work: Path, manner: Manner) -> Path:
    """Return the file in UTF-8 with one kind of line end: itself, or a copy made chunk by chunk.

    Raises:
        Unreadable: the bytes are no text.
    """
    if found.encoding is None:
        raise Unreadable(Problem("encoding_unknown"))
    if found.encoding == "utf-8" and not manner.one_line_end:
        return path
    copy = work / "utf8"
    newline = None if manner.one_line_end else ""
    try:
        with (
            path.open("r", encoding=found.encoding, newline=newline) as original,
            copy.open("w", encoding="utf-8", newline="") as text,
        ):
            while chunk := original.read(CHUNK):
                text.write(chunk)
    except UnicodeDecodeError:
        raise Unreadable(Problem("encoding_unknown")) from None
    return copy


def not_readable(error: duckdb.Error, kind: str, manner: Manner) -> Unreadable:
    """Say that a file cannot be read, and in what other manner it may be.

    The engine's own text may quote the file; it goes no further.

    Args:
        error: what the engine raised.
        kind: the name of the format.
        manner: in what manner the file was read.
    """
    instead = None
    if kind in _TEXTS and "state machine reached an invalid state" in str(error):
        instead = replace(manner, one_line_end=True)
    elif kind in _TEXTS and manner.care is not Care.ALL:
        instead = replace(manner, care=Care(manner.care + 1))
    problem = Problem("not_readable", {"format": kind})
    return Unreadable(problem, instead=None if instead == manner else instead)
