"""Tables of any feed, made from its contract: rows that break no rule, and how to write them.

A row is a dict of Python values by column: ``str``, ``date``, ``bool``, ``int``, ``float``, a list
of codes, or None where nothing stands.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from ingest.contracts import Column, Contract, Kind, codes

Row = dict[str, Any]
CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
EARLY = date(2017, 1, 1)
# Shares that make a whole where the others of their block are nought.
WHOLE = ("alloc_client_process", "process_assessment")


def identity_code(born: date, individual: int, separator: str = "-") -> str:
    """Return a personal identity code with the right check character.

    Source: Digital and Population Data Services Agency: the nine digits of birth date and
    individual number, divided by 31, leave a remainder that names the check character.
    """
    day, number = f"{born:%d%m%y}", f"{individual:03}"
    return f"{day}{separator}{number}{CHECK_CHARACTERS[int(day + number) % 31]}"


def person(number: int) -> str:
    """Return one of many valid, permanent personal identity codes."""
    born = date(1930 + number % 70, 1 + number % 12, 1 + number % 28)
    return identity_code(born, 2 + number % 898)


def least(contract: Contract, number: int) -> Row:
    """Return a row that breaks no rule and has no more than it must; its key by its number."""
    row = {
        column.name: _least(column, number) if column.required else None
        for column in contract.columns
    }
    whole = {name: 100 for name in WHOLE if name in row}
    return row | whole


def _least(column: Column, number: int) -> Any:
    match column.kind:
        case Kind.TEXT | Kind.ID | Kind.WORKER:
            return f"{column.name}-{number}"
        case Kind.PERSON:
            return person(number)
        case Kind.DATE:
            return EARLY
        case Kind.BOOLEAN:
            return False
        case Kind.INTEGER if column.key:
            low, high = int(column.minimum or 0), int(column.maximum or 1_000_000)
            return low + number % (high - low + 1)
        case Kind.INTEGER:
            return int(column.minimum or 0)
        case Kind.NUMBER:
            return float(column.minimum or 0)
        case Kind.CODE:
            listed = codes(str(column.code_list))
            return listed[number % len(listed)] if column.key else listed[0]
        case _:
            return [codes(str(column.code_list))[0]]


def as_text(
    value: Any,
    *,
    decimal: str = ".",
    day: Callable[[date], str] = date.isoformat,
    words: tuple[str, str] = ("true", "false"),
) -> str:
    """Write a value as a person would: yes and no in these words, decimals with this sign."""
    match value:
        case None:
            return ""
        case bool():
            return words[0] if value else words[1]
        case float():
            return f"{value!r}".replace(".", decimal)
        case date():
            return day(value)
        case list():
            return "|".join(value)
        case _:
            return str(value)


def finnish_day(value: date) -> str:
    """Write a day as 14.3.2019."""
    return f"{value.day}.{value.month}.{value.year}"


def csv_bytes(
    names: Iterable[str],
    rows: list[Row],
    *,
    delimiter: str = ",",
    newline: str = "\n",
    encoding: str = "utf-8",
    quote_all: bool = False,
    headers: Callable[[str], str] = str,
    **style: Any,
) -> bytes:
    """Write rows as CSV with these columns in this order; ``style`` goes to :func:`as_text`."""
    names = list(names)
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=delimiter,
        lineterminator=newline,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
    )
    writer.writerow([headers(name) for name in names])
    writer.writerows([[as_text(row[name], **style) for name in names] for row in rows])
    return out.getvalue().encode(encoding)


def json_lines_bytes(names: Iterable[str], rows: list[Row], *, as_texts: bool = False) -> bytes:
    """Write rows as JSON lines, values as they are or all as texts."""

    def value(item: Any) -> Any:
        if as_texts and item is not None:
            return as_text(item)
        return item.isoformat() if isinstance(item, date) else item

    names = list(names)
    lines = (json.dumps({n: value(row[n]) for n in names}, ensure_ascii=False) for row in rows)
    return "".join(line + "\n" for line in lines).encode()


def parquet_bytes(contract: Contract, names: Iterable[str], rows: list[Row]) -> bytes:
    """Write rows as Parquet with the types that the values have."""
    types = {
        Kind.DATE: pa.date32(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.INTEGER: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.CODES: pa.list_(pa.string()),
    }
    names = list(names)
    arrays = [
        pa.array([row[name] for row in rows], types.get(contract.column(name).kind, pa.string()))
        for name in names
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names), out)
    return out.getvalue()


def xlsx_bytes(names: Iterable[str], rows: list[Row], *, as_texts: bool = False) -> bytes:
    """Write rows to the first sheet of a workbook, values as they are or all as texts."""
    names = list(names)
    return workbook(
        [names, *[[as_text(row[n]) if as_texts else row[n] for n in names] for row in rows]]
    )


def workbook(cells: list[list[Any]]) -> bytes:
    """Write cells to the first sheet of a workbook; None is a cell with nothing in it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "d.m.yyyy"})
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                match value:
                    case None:
                        pass
                    case bool():
                        sheet.write_boolean(row, column, value)
                    case int() | float():
                        sheet.write_number(row, column, value)
                    case date():
                        sheet.write_datetime(row, column, value, day)
                    case list():
                        sheet.write_string(row, column, "|".join(value))
                    case _:
                        sheet.write_string(row, column, value)
    return out.getvalue()


def save(path: Path, content: bytes) -> Path:
    """Write a file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
