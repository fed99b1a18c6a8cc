"""Search everything that an installation has written for texts that must not stand there."""

from __future__ import annotations

import base64
import contextlib
import re
import zipfile
import zlib
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


def digests_found_in(folder: Path, digests: Iterable[str]) -> list[tuple[str, str]]:
    """Return (where, which) for every SHA-256 found in the files of a folder, however written.

    Looked for are its hexadecimal digits in either case, its 32 bytes, and Base64 of both kinds.
    Parquet, workbooks and PDF are unpacked first.
    """
    wanted = {digest: _spellings(bytes.fromhex(digest)) for digest in digests}
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = _all_of(path)
            lower = content.lower()
            found += [
                (path.relative_to(folder).as_posix(), digest)
                for digest, spellings in wanted.items()
                if digest.encode() in lower or any(one in content for one in spellings)
            ]
    return found


def _spellings(digest: bytes) -> list[bytes]:
    encoded = [base64.b64encode(digest), base64.urlsafe_b64encode(digest)]
    return [digest, *(one.rstrip(b"=") for one in encoded)]


def _all_of(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".parquet":
        content += _unpacked(path)
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            content += b"\n".join(archive.read(name) for name in archive.namelist())
    elif path.suffix == ".pdf":
        for packed in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            with contextlib.suppress(zlib.error):
                content += zlib.decompressobj().decompress(packed)
    return content
