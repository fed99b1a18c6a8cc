"""Reads the sheets of a workbook into Arrow files, in a separate process.

Run as ``python -m ingest.spreadsheet WORKBOOK FOLDER``. The folder gets ``sheets.json``, the names
of the sheets in the workbook's order, and ``<place>.arrow`` for each that has a cell, hidden ones
too. Every cell becomes text; dates become ISO dates; a cell with an error, or with a formula
without a value, becomes :data:`ingest.readers.cleaning.UNREADABLE`. The process limits its own
memory, so that a workbook made to exhaust it ends only this process. It prints nothing of what it
reads.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from pathlib import Path
from typing import Any

from ingest.readers.cleaning import UNREADABLE

MEMORY = 4 << 30
_SHEETS = "xl/worksheets/"
_TAG = r"(?:\w+:)?"
# A cell that says that it is an error, or that begins with a formula; a cell holds no other.
_CELL = re.compile(
    (
        rf"""<({_TAG}c)\b(?=[^>]{{0,4000}}\bt\s*=\s*["']e["']|[^>]{{0,4000}}>\s*<{_TAG}f\b)"""
        r"([^>]*?)(?<!/)>(.*?)</\1>"
    ).encode(),
    re.DOTALL,
)
_IS_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_TYPE = re.compile(rb"""\s\bt\s*=\s*["'][^"']*["']""")
_HAS_FORMULA = re.compile(rf"<{_TAG}f[\s/>]".encode())
_VALUE = re.compile(rf"<{_TAG}v\b[^>]*?(?:/>|>(.*?)</{_TAG}v>)".encode(), re.DOTALL)


def main(workbook: Path, folder: Path) -> None:
    """Write the cells of each sheet as one table of text columns.

    Args:
        workbook: an XLSX file.
        folder: where the files are written.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import fastexcel
    import pyarrow as pa

    book = fastexcel.read_excel(with_errors_marked(workbook, folder / "marked.xlsx"))
    for place in range(len(book.sheet_names)):
        sheet = book.load_sheet(place, header_row=None, skip_rows=0, dtypes="string")
        if not sheet.width or not sheet.height:
            continue
        table = _table(sheet)
        with pa.ipc.new_file(str(folder / f"{place}.arrow"), table.schema) as writer:
            writer.write_table(table)
    (folder / "sheets.json").write_text(json.dumps(book.sheet_names), encoding="utf-8")


def with_errors_marked(workbook: Path, copy: Path) -> Path:
    """Return a workbook in which a formula without a value is an error like any other.

    The library reads such a cell as empty, and does not know the newer errors.

    Args:
        workbook: an XLSX file.
        copy: where a copy is written, if the workbook has such a cell.

    Returns:
        The workbook itself, or the copy.
    """
    changed: dict[str, bytes] = {}
    with zipfile.ZipFile(workbook) as archive:
        for name in archive.namelist():
            if name.lstrip("/").startswith(_SHEETS) and name.endswith(".xml"):
                text = archive.read(name)
                if _IS_ERROR.search(text) or _HAS_FORMULA.search(text):
                    changed[name] = _CELL.sub(_marked, text)
        if not changed:
            return workbook
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as marked:
            for name in archive.namelist():
                marked.writestr(name, changed[name] if name in changed else archive.read(name))
    return copy


def _marked(cell: re.Match[bytes]) -> bytes:
    tag, attributes, content = cell.groups()
    value = _VALUE.search(content)
    # A formula whose value is the empty text has a value, and says that it is a text.
    has_value = value is not None and (value[1] or _IS_TEXT.search(attributes))
    is_bare = has_value or not _HAS_FORMULA.search(content)
    if is_bare and not _IS_ERROR.search(attributes):
        return cell[0]
    prefix = tag[:-1]
    kept = _TYPE.sub(b"", attributes)
    return b'<%s%s t="e"><%sv>#N/A</%sv></%s>' % (tag, kept, prefix, prefix, tag)


def _table(sheet: Any) -> Any:
    """Return a sheet as a table in which cells that are no text and no value are marked."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    cells, errors = sheet.to_arrow_with_errors()
    batch = pa.record_batch(cells)  # by the Arrow C data interface, whichever library made it
    columns = [column.cast(pa.string()) for column in batch.columns]
    if errors is not None and errors.errors:
        places = np.array([error.position for error in errors.errors])
        for index in np.unique(places[:, 1]):
            mask = np.zeros(batch.num_rows, bool)
            mask[places[places[:, 1] == index, 0]] = True
            columns[index] = pc.if_else(pa.array(mask), UNREADABLE, columns[index])
    return pa.table(columns, names=[f"c{index}" for index in range(len(columns))])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
