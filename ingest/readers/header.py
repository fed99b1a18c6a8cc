"""Where a table begins and ends: its header below lines of a title, and a row of totals.

People put a title above a table and a sum below it. The header is the row, among the first ones,
that names most columns of the contract. A row of totals is the last one, has no key and holds a
word such as Total. This module looks at a few rows that a reader has split into values, never at a
whole file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.contracts import Column, Contract, Kind, Texts, codes
from ingest.messages import message
from ingest.readers.cleaning import NOTHING, cleaned
from ingest.readers.source import Problem, normalize_name

MOST_LINES_ABOVE = 10
_SEP_LINE = re.compile(r'"?sep=.?"?[,;\t ]*', re.IGNORECASE)
_WORDS = (
    *("yhteensä", "yht", "summa", "summat", "loppusumma", "kokonaissumma", "kokonaismäärä"),
    *("total", "totals", "totalt", "sum", "sammanlagt", "slutsumma", "totalsumma", "summa totalt"),
    *("i allt", "inalles", "grand total", "subtotal", "välisumma", "delsumma"),
)
_TOTAL = re.compile(
    rf"(?:kaikki\s+|rivejä\s+)?(?:{'|'.join(map(re.escape, _WORDS))})"
    r"\s*[.:=]*\s*[\d\s.,]*(?:kpl|st|pcs)?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """The row that looks most like the header.

    Attributes:
        index: its place among the rows, from 0.
        names: its values.
        known: how many columns of the contract it names.
        fits: whether it names all that the contract requires.
    """

    index: int
    names: tuple[str, ...]
    known: int
    fits: bool


def find_header(rows: Sequence[Sequence[str]], contract: Contract) -> Header | None:
    """Return the first of the rows that name most columns of the contract; None where none does.

    Args:
        rows: the first rows of the table, blank ones included.
        contract: what the table should hold.
    """
    names = {column.name for column in contract.columns}
    required = {column.name for column in contract.columns if column.required}
    limit = MOST_LINES_ABOVE + 1
    if rows and is_sep_line(rows[0]):
        limit += 1
    best: Header | None = None
    for index, row in enumerate(rows[:limit]):
        found = names & {normalize_name(value) for value in row}
        if found and (best is None or len(found) > best.known):
            best = Header(index, tuple(row), len(found), required <= found)
    return best


def is_sep_line(row: Sequence[str]) -> bool:
    """Return whether a row tells an office program the delimiter, such as ``sep=;``."""
    return bool(row) and _SEP_LINE.fullmatch(cleaned(row[0])) is not None


def is_blank(row: Sequence[str]) -> bool:
    """Return whether nothing that can be seen stands in a row."""
    return not any(cleaned(value) for value in row)


def lines_above_remark(above: Sequence[Sequence[str]]) -> list[Problem]:
    """Return the remark about the lines above the header; none where they are blank.

    Args:
        above: those lines, split into values.
    """
    if all(is_blank(row) for row in above):
        return []
    header_row = len(above) + 1
    if is_sep_line(above[0]) and all(is_blank(row) for row in above[1:]):
        return [Problem("delimiter_line", row=1)]
    return [Problem("lines_above_header", {"count": len(above), "row": header_row}, row=header_row)]


def is_total(row: Sequence[str], positions: dict[str, int], contract: Contract) -> bool:
    """Return whether a row, the last of a table, is one of totals: without key, with such a word.

    A word that the column's code list has is a code there, and a key like any other.

    Args:
        row: its values.
        positions: the position of each column of the contract.
        contract: what the table should hold.
    """
    values = [cleaned(value) for value in row]
    if not any(_is_word(value) for value in values):
        return False

    def lacks(column: Column) -> bool:
        position = positions.get(column.name)
        value = values[position] if position is not None and position < len(values) else ""
        if _is_word(value) and not _is_code(value, column):
            # A text that is such a word may be somebody's identifier.
            return column.kind is not Kind.TEXT and not column.is_identifier
        return value == "" or value.casefold() in NOTHING

    keys = [column for column in contract.key if column.required]
    if any(lacks(column) for column in keys):
        return True
    has_word = any(
        _is_word(value) and not _is_code(value, column)
        for column in keys
        for value in (values[positions[column.name]],)
    )
    return has_word and any(
        lacks(column)
        for column in contract.columns
        if column.required and not column.key and column.kind is not Kind.BOOLEAN
    )


def _is_word(value: str) -> bool:
    return _TOTAL.fullmatch(value) is not None


def _is_code(value: str, column: Column) -> bool:
    """Return whether a value is a code of the column's list, as total is one of domains.

    Also where its letters are of another size: it is then a wrong code, which its row is told of.
    """
    listed = codes(column.code_list) if column.code_list is not None else ()
    return value.casefold() in {code.casefold() for code in listed}


def totals_remark(row: int) -> Problem:
    """Return the remark about a row of totals.

    Args:
        row: its number.
    """
    return Problem("totals_row", {"row": row}, row=row)


def seen(key: str, **values: object) -> Texts:
    """Return the part of a message that says what was seen."""
    return message(f"seen_{key}", **values)
