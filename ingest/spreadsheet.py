"""Reads the first sheet of a workbook into an Arrow file, in a separate process.

Run as ``python -m ingest.spreadsheet WORKBOOK OUT``. Every cell becomes text; dates become ISO
dates. The process limits its own memory, so that a workbook made to exhaust it ends only this
process. It prints nothing of what it reads.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

MEMORY = 4 << 30


def main(workbook: Path, out: Path) -> None:
    """Write the first sheet's cells as one table of text columns.

    Args:
        workbook: an XLSX file.
        out: the Arrow IPC file to write.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import fastexcel
    import pyarrow as pa

    sheet = fastexcel.read_excel(workbook).load_sheet(
        0, header_row=None, skip_rows=0, dtypes="string"
    )
    table = pa.Table.from_batches([pa.RecordBatch.from_arrays(*_arrays(sheet.to_arrow()))])
    with pa.ipc.new_file(str(out), table.schema) as writer:
        writer.write_table(table)


def _arrays(batch: object) -> tuple[list[object], list[str]]:
    import pyarrow as pa

    arrow = pa.record_batch(batch)  # by the Arrow C data interface, whichever library made it
    names = [f"c{index}" for index in range(arrow.num_columns)]
    return [column.cast(pa.string()) for column in arrow.columns], names


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
