"""XLSX workbooks: the sheet whose header fits, every cell as text."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.contracts import Contract
from ingest.identity_codes import masked
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
from ingest.readers.source import (
    CHUNK,
    Problem,
    Source,
    Unreadable,
    match_columns,
    no_header,
    select_list,
    source_sql,
)

UNPACKED_LIMIT = 1 << 30
SECONDS_LIMIT = 600
# How many rows at the end of a sheet are looked at for one of totals, blank ones included.
_LAST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with a cell: its name as messages say it, its cells, and its header if it has one."""

    name: str
    cells: pa.Table
    header: Header | None


def read_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path
) -> Source:
    """Read the one sheet whose header fits.

    A separate process with a memory limit reads it: a small workbook can unpack to any size, and
    one far-away cell makes a reader that allocates whole ranges run out of memory.

    Args:
        connection: where the sheet is registered, as ``sheet``.
        path: the workbook.
        contract: what the file should hold.
        work: a folder for temporary files.

    Raises:
        Unreadable: it is not a workbook, is too large, or not exactly one of its sheets fits.
    """
    _refuse_zip_bomb(path)
    sheets = _sheets(path, contract, work)
    names = ", ".join(sheet.name for sheet in sheets)
    fitting = [sheet for sheet in sheets if sheet.header is not None and sheet.header.fits]
    if len(fitting) > 1:
        fit = ", ".join(sheet.name for sheet in fitting)
        raise Unreadable(Problem("several_sheets_fit", {"sheets": fit}))
    with_header = [sheet for sheet in sheets if sheet.header is not None]
    if not with_header:
        count = MOST_LINES_ABOVE + 1
        what = seen("sheets", sheets=names, count=count) if sheets else seen("no_sheet")
        raise Unreadable(no_header(contract, what))
    sheet = fitting[0] if fitting else max(with_header, key=_known)
    header = sheet.header
    assert header is not None
    row = header.index + 1
    what = seen("sheet", sheet=sheet.name, row=row, sheets=names)
    positions, unknown = match_columns(header.names, contract, what, row=row)
    remarks = _remarks(sheet, sheets)
    remarks += lines_above_remark(_rows(sheet.cells, 0, header.index))
    body = sheet.cells.slice(row)
    end = _end_without_totals(body, positions, contract)
    if end is not None:
        remarks.append(totals_remark(row + end + 1))
        body = body.slice(0, end)
    connection.register("sheet", body)
    selected = select_list(
        contract,
        {name: f"c{index}" for name, index in positions.items()},
        has_unreadable=True,
    )
    return Source(
        source_sql(contract, selected, "sheet", "false AS broken"),
        row + 1,
        unknown,
        header_row=row,
        remarks=tuple(remarks),
        unreadable="error_cell",
    )


def _known(sheet: _Sheet) -> int:
    return sheet.header.known if sheet.header else 0


def _sheets(path: Path, contract: Contract, work: Path) -> list[_Sheet]:
    """Return the sheets of a workbook that have a cell, hidden ones too."""
    folder = work / "sheets"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "ingest.spreadsheet", str(path), str(folder)]
    try:
        # The command is our own module and paths; no text of the file reaches it.
        subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, timeout=SECONDS_LIMIT
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Unreadable(Problem("not_readable", {"format": "XLSX"})) from None
    names = json.loads((folder / "sheets.json").read_text(encoding="utf-8"))
    sheets = []
    for place, name in enumerate(names):
        arrow = folder / f"{place}.arrow"
        if not arrow.exists():
            continue
        with pa.memory_map(str(arrow)) as mapped:
            cells = pa.ipc.open_file(mapped).read_all()
        # One more line may come above the header than above that of another: the delimiter's.
        header = find_header(_rows(cells, 0, MOST_LINES_ABOVE + 2), contract)
        sheets.append(_Sheet(masked(name), cells, header))
    return sheets


def _rows(cells: pa.Table, begin: int, count: int) -> list[list[str]]:
    """Return some rows of a sheet as lists of texts."""
    columns = [column.to_pylist() for column in cells.slice(begin, count).columns]
    return [[value or "" for value in row] for row in zip(*columns, strict=True)]


def _remarks(sheet: _Sheet, sheets: list[_Sheet]) -> list[Problem]:
    """Return the remark which sheet was read and which were not; none where there is only one."""
    others = [other.name for other in sheets if other is not sheet]
    if not others:
        return []
    return [Problem("sheet_read", {"sheet": sheet.name, "others": ", ".join(others)})]


def _end_without_totals(
    body: pa.Table, positions: dict[str, int], contract: Contract
) -> int | None:
    """Return how many rows come before the row of totals; None where there is none."""
    begin: int = max(0, body.num_rows - _LAST_ROWS)
    rows = _rows(body, begin, _LAST_ROWS)
    while rows and is_blank(rows[-1]):
        rows.pop()
    if not rows or not is_total(rows[-1], positions, contract):
        return None
    return begin + len(rows) - 1


def _refuse_zip_bomb(path: Path) -> None:
    """Refuse a workbook that unpacks to more than the limit, whatever size its directory states."""
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if unpacked + member.file_size > UNPACKED_LIMIT:
                    raise _too_large()
                with archive.open(member) as file:
                    while chunk := file.read(CHUNK):
                        unpacked += len(chunk)
                        if unpacked > UNPACKED_LIMIT:
                            raise _too_large()
    except Unreadable:
        raise
    except Exception:
        # The zip reader raises many kinds of error on a damaged archive; all mean the same here.
        raise Unreadable(Problem("not_readable", {"format": "XLSX"})) from None


def _too_large() -> Unreadable:
    return Unreadable(Problem("too_large", {"limit": f"{UNPACKED_LIMIT >> 30} GiB"}))
