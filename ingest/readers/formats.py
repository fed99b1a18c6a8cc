"""Files whose content is of another format than their name says, told apart by their first bytes.

This module knows how formats begin, and nothing else of them.
"""

from __future__ import annotations

from pathlib import Path

from ingest.readers.source import Problem, Unreadable

_NAMES = {"csv": "CSV", "jsonl": "JSON lines", "xlsx": "XLSX", "parquet": "Parquet"}
_BEGINNINGS = (
    (b"PK\x03\x04", "xlsx", "XLSX"),
    (b"PAR1", "parquet", "Parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", "XLS"),
    (b"%PDF-", "", "PDF"),
    (b"\x1f\x8b", "", "gzip"),
    (b"<!doctype html", "", "HTML"),
    (b"<html", "", "HTML"),
    (b"<?xml", "", "XML"),
)
_LONGEST = max(len(begin) for begin, _, _ in _BEGINNINGS)


def refuse_other_format(path: Path, extension: str) -> None:
    """Refuse a file whose first bytes are those of another format.

    Args:
        path: the file.
        extension: what its name says: csv, xlsx, jsonl or parquet.

    Raises:
        Unreadable: the content is of another format.
    """
    with path.open("rb") as file:
        start = file.read(_LONGEST).lower()
    for begin, format_extension, name in _BEGINNINGS:
        if start.startswith(begin.lower()) and format_extension != extension:
            expected = _NAMES[extension]
            raise Unreadable(Problem("other_format", {"seen": name, "expected": expected}))
