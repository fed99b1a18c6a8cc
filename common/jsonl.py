"""Files that only grow, by one whole line of JSON at a time.

A line that was appended survives a power cut, and one torn by a power cut is left where it is and
skipped by every reader. The ledger is such files, and so are sign-offs and alerts. The module
knows nothing about what the lines say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from common.files import sync_folder


def append_line(path: Path, values: Mapping[str, Any]) -> None:
    """Append one line durably; after a torn one it stands on a line of its own.

    Args:
        path: the file; its folder exists, and the caller lets in one writer at a time.
        values: JSON-able.
    """
    line = json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = "\n" + line
        os.write(handle, line.encode("utf-8"))
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        sync_folder(path.parent)


def whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a file in order; none where there is no file."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict):
            yield values
