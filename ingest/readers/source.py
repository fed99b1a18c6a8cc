"""What every reader returns and raises, and how it finds the contract's columns in a header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path

import duckdb

from ingest.contracts import Column, Contract, Texts
from ingest.readers.cleaning import cleaned, cleaned_sql, without_nothing_sql

# How many bytes of a file are looked at in one go.
CHUNK = 1 << 22
CSV = "CSV"
JSON_LINES = "JSON lines"
# Days are Finnish days, whatever the machine's own time zone.
TIME_ZONE = "Europe/Helsinki"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a part of it, cannot be read: a key of the messages and its values."""

    key: str
    values: dict[str, object] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None


class Tolerance(IntEnum):
    """Which faults the text reader can cope with; the more of them, the slower it is.

    Most files have none, so every file is read without tolerance first.
    """

    NONE = 0
    """Every line has as many values as the header."""
    ROW_WIDTHS = 1
    """Lines may have too few or too many values; no value contains a line break."""
    ALL = 2
    """Any fault; the reader keeps every faulty line in memory."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How text is read.

    Attributes:
        tolerance: which faults the reader can cope with.
        unify_line_ends: whether the file is copied first so that all its lines end in the same
            way, which the reader requires.
    """

    tolerance: Tolerance = Tolerance.NONE
    unify_line_ends: bool = False


class Unreadable(Exception):
    """The whole file cannot be read; ``retry_with`` are options with which it may be."""

    def __init__(self, problem: Problem, *, retry_with: ReadOptions | None = None) -> None:
        super().__init__(problem.key)
        self.problem = problem
        self.retry_with = retry_with


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file.

    Attributes:
        sql: a SELECT that yields ``r0, r1, …`` in file order, and ``broken``: whether the row
            is there but cannot be read.
        first_row: the row number of the first row that the SELECT yields.
        unknown: names of columns that the contract does not have, by position.
        header_row: the row number of the header.
        remarks: what the receipt says about how the file was read.
        lines_above: how many lines of the file come before the text that was read.
        unreadable: the key of the message for a value that is
            :data:`ingest.readers.cleaning.UNREADABLE`; None where no value is.
        lines: the text that was read, where it is text; blank lines are not rows of it.
        is_quoted: whether a line of the text may end inside quotes, and continue after them.
        may_skip_lines: whether the text reader may skip lines; see
            :func:`ingest.readers.skipped_lines`.
        width: how many values a line has.
        has_value_counts: whether the SELECT also yields ``value_count``: how many values a broken
            row has instead.
        is_ascii: whether every text of the file is known to be ASCII.
    """

    sql: str
    first_row: int
    unknown: tuple[tuple[int, str], ...] = ()
    header_row: int = 1
    remarks: tuple[Problem, ...] = ()
    lines_above: int = 0
    unreadable: str | None = None
    lines: Path | None = None
    is_quoted: bool = False
    may_skip_lines: bool = False
    width: int = 1
    has_value_counts: bool = False
    is_ascii: bool = False


def engine_error(error: duckdb.Error, file_format: str, options: ReadOptions) -> Unreadable:
    """Return the exception for a file that the engine could not read, with options to retry with.

    The engine's own message may quote the file; it is not passed on.

    Args:
        error: what the engine raised.
        file_format: the name of the format.
        options: how the file was read.
    """
    retry = options
    if file_format in (CSV, JSON_LINES):
        if "state machine reached an invalid state" in str(error):
            retry = replace(options, unify_line_ends=True)
        elif options.tolerance is not Tolerance.ALL:
            retry = replace(options, tolerance=Tolerance(options.tolerance + 1))
    problem = Problem("not_readable", {"format": file_format})
    return Unreadable(problem, retry_with=None if retry == options else retry)


def match_columns(
    header: Sequence[str],
    contract: Contract,
    seen: Texts,
    *,
    row: int = 1,
    allow_repeats: bool = False,
) -> tuple[dict[str, int], tuple[tuple[int, str], ...]]:
    """Find the contract's columns in a header.

    Args:
        header: the names of the file's columns, in order.
        contract: the feed's contract.
        seen: where the header was found, for the messages.
        row: the row number of the header.
        allow_repeats: whether a column may stand in the header more than once.

    Returns:
        The position of each column found, and the unknown columns.

    Raises:
        Unreadable: a required column is missing, or a known one is repeated.
    """
    known = {column.name for column in contract.columns}
    positions: dict[str, int] = {}
    unknown, repeated = [], []
    for index, name in enumerate(header):
        normalized = normalize_name(name)
        if normalized not in known:
            unknown.append((index, name))
        elif normalized in positions and not allow_repeats:
            repeated.append(normalized)
        else:
            positions[normalized] = index
    if not positions:
        raise Unreadable(no_header(contract, seen))
    if repeated:
        columns = ", ".join(sorted(set(repeated)))
        raise Unreadable(Problem("duplicate_columns", {"columns": columns, "seen": seen}, row=row))
    missing = [c.name for c in contract.columns if c.required and c.name not in positions]
    if missing:
        raise Unreadable(
            Problem(
                "missing_columns",
                {"columns": ", ".join(missing), "seen": seen},
                row=row,
                column=missing[0] if len(missing) == 1 else None,
            )
        )
    return positions, tuple(unknown)


def no_header(contract: Contract, seen: Texts) -> Problem:
    """Return the problem of a file in which no header was found.

    Args:
        contract: the feed's contract.
        seen: where it was looked for.
    """
    columns = ", ".join(column.name for column in contract.columns if column.required)
    return Problem("no_header", {"columns": columns, "seen": seen})


def normalize_name(name: str) -> str:
    """Return a column name as the contracts write it."""
    return cleaned(name).casefold()


def select_list(
    contract: Contract,
    expressions: dict[str, str],
    *,
    ends: str | None = None,
    is_clean: bool = False,
    has_unreadable: bool = False,
) -> str:
    """Return the SQL of the columns of the contract, clean (:mod:`ingest.readers.cleaning`).

    Args:
        contract: the feed's contract.
        expressions: the name or SQL of each column that the file has, by name; it is repeated.
        ends: the ASCII characters to drop that a value may end with; None is any.
        is_clean: whether every value is clean anyway.
        has_unreadable: whether a value may be one that could not be read.
    """

    def value(column: Column) -> str:
        found = expressions.get(column.name)
        if found is None:
            return "NULL::VARCHAR"
        if not is_clean:
            found = cleaned_sql(found, ends, has_unreadable=has_unreadable)
        return found

    return ", ".join(
        f"{value(column)} AS r{index}" for index, column in enumerate(contract.columns)
    )


def source_sql(contract: Contract, selected: str, relation: str, others: str) -> str:
    """Return the SQL of a source.

    Args:
        contract: the feed's contract.
        selected: what :func:`select_list` returned.
        relation: the SQL of the file's relation.
        others: the SQL of the further columns of the source.
    """
    emptied = ", ".join(
        f"{without_nothing_sql(f'r{index}')} AS r{index}"
        for index, column in enumerate(contract.columns)
        if column.key or column.is_identifier
    )
    return f"SELECT * REPLACE ({emptied}) FROM (SELECT {selected}, {others} FROM {relation})"


def whole_numbers_without_decimals(text: str) -> str:
    """Return the SQL of a number's text, without decimals where all of them are nought.

    Args:
        text: the SQL of the text.
    """
    return f"regexp_replace({text}, '[.]0+$', '')"
