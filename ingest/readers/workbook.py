"""XLSX workbooks: the first sheet, every cell as text."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.contracts import Contract
from ingest.readers.source import CHUNK, Problem, Source, Unreadable, match_columns, select_list

UNPACKED_LIMIT = 1 << 30
SECONDS_LIMIT = 600


def read_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, work: Path
) -> Source:
    """Read the first sheet.

    A separate process with a memory limit reads it: a small workbook can unpack to any size, and
    one far-away cell makes a reader that allocates whole ranges run out of memory.

    Args:
        connection: where the sheet is registered, as ``sheet``.
        path: the workbook.
        contract: what the file should hold.
        work: a folder for temporary files.

    Raises:
        Unreadable: it is not a workbook, is too large, has no rows or lacks a required column.
    """
    _refuse_zip_bomb(path)
    arrow = work / "sheet.arrow"
    command = [sys.executable, "-m", "ingest.spreadsheet", str(path), str(arrow)]
    try:
        # The command is our own module and paths; no text of the file reaches it.
        subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, timeout=SECONDS_LIMIT
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Unreadable(Problem("not_readable", {"format": "XLSX"})) from None
    with pa.memory_map(str(arrow)) as mapped:
        table = pa.ipc.open_file(mapped).read_all()
    if table.num_columns == 0 or table.num_rows == 0:
        raise Unreadable(Problem("no_rows"))
    header = [str(column[0].as_py() or "") for column in table.columns]
    positions, unknown = match_columns(header, contract)
    body = table.slice(1).rename_columns([f"c{index}" for index in range(table.num_columns)])
    connection.register("sheet", body)
    selected = select_list(contract, {name: f"c{index}" for name, index in positions.items()})
    return Source(f"SELECT {selected}, false AS broken FROM sheet", 2, unknown)


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
