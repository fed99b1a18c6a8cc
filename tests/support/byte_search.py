"""Search everything that an installation has written for texts that must not stand there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from common.home import Home

PASSED_OVER = ("originals", "inbox")


def found_in(home: Home, secrets: Iterable[str], *texts: bytes) -> list[tuple[str, str]]:
    """Return (where, which) for every secret found in any file below home, or in the texts.

    File names are looked at too, and Parquet is read column by column, since its pages are
    compressed. Only the encrypted originals are passed over, and the inbox, which is the
    submitters' own. Case does not matter.
    """
    wanted = [secret.lower().encode("utf-8") for secret in secrets]
    found = []
    for path in home.root.rglob("*"):
        place = path.relative_to(home.root).as_posix()
        if place.startswith(PASSED_OVER):
            continue
        content = place.encode("utf-8", "surrogateescape")
        if path.is_file():
            content += b"\n" + path.read_bytes()
            if path.suffix == ".parquet":
                content += b"\n" + _unpacked(path)
        found += [(place, secret.decode()) for secret in wanted if secret in content.lower()]
    for number, text in enumerate(texts):
        found += [(f"text {number}", s.decode()) for s in wanted if s in text.lower()]
    return found


def _unpacked(path: Path) -> bytes:
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return repr(rows).encode("utf-8")
