"""Arrival numbers: the place of a submission among all others, given when it is claimed.

Later is what was claimed later, whatever a clock says: each claim gets a number that is greater
than every number in the ledger and among the claims and the held submissions. So that the ledger
is not read anew for every claim, a note says which number was given last and how far each file of
the ledger had been read; only what was added since is looked at. Where the note is lost or older
than the ledger, the numbers still come out greater.

This module must not know what a submission is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from common.files import write_text
from common.home import Home

_NUMBER = re.compile(rb'"arrival_no":\s*([0-9]+)')


def take(home: Home, count: int, folders: Iterable[Path]) -> range:
    """Return the next numbers; the caller holds the lock of the claims.

    Args:
        home: the installation.
        count: how many.
        folders: the folders of claims and held submissions; each has its number in ``claim.json``.
    """
    noted, read = _note(home)
    sizes = {path.name: path.stat().st_size for path in home.ledger.glob("*.jsonl")}
    added = (
        _greatest(_from(home.ledger / name, read.get(name, 0)))
        for name, size in sizes.items()
        if size != read.get(name)
    )
    on_their_way = (_greatest(_from(folder / "claim.json", 0)) for folder in folders)
    last = max([noted, *added, *on_their_way])
    values = {"last": last + count, "read": sizes}
    write_text(home.arrival_numbers, json.dumps(values) + "\n")
    return range(last + 1, last + 1 + count)


def _note(home: Home) -> tuple[int, dict[str, int]]:
    """Return the number given last, and up to which byte each file of the ledger was read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note: dict[str, Any] = json.loads(home.arrival_numbers.read_text(encoding="utf-8"))
        read = {str(name): int(size) for name, size in dict(note["read"]).items()}
        return int(note["last"]), read
    return 0, {}


def _from(path: Path, start: int) -> bytes:
    """Return what stands in a file after a byte; all of it where the file is shorter."""
    try:
        with path.open("rb") as file:
            if start <= path.stat().st_size:
                file.seek(start)
            return file.read()
    except OSError:
        return b""


def _greatest(text: bytes) -> int:
    return max((int(number) for number in _NUMBER.findall(text)), default=0)
