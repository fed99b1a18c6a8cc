"""What one pass over a file's bytes shows, and text of any encoding as UTF-8."""

from __future__ import annotations

import codecs
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.readers.source import CHUNK, Problem, ReadOptions, Unreadable

# Two line feeds, a line feed and a carriage return, two carriage returns: as little-endian pairs.
_LINE_END_PAIRS = (0x0A0A, 0x0D0A, 0x0D0D)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one pass over a file's bytes shows.

    Attributes:
        sha256: the hash of the file, in hexadecimal.
        size: its bytes.
        encoding: a Python codec; None where the bytes are not text.
        may_have_blank_line: false only where no line before the last one with text is blank.
        is_ascii: whether the text is ASCII, as most files of codes, days and numbers are.
        marks: which of space, tab and quotation mark the text has, as one string; None where it
            has other controls than line ends, or was not looked at as text.
    """

    sha256: str
    size: int
    encoding: str | None
    may_have_blank_line: bool
    is_ascii: bool
    marks: str | None

    def ends(self, delimiter: str) -> str | None:
        """Return the ASCII characters to drop that a value may end with; None is any.

        A line end can only stand in a value that has quotation marks.

        Args:
            delimiter: what stands between the values.
        """
        if self.marks is None:
            return None
        is_quoted = '"' in self.marks
        ends = " " if " " in self.marks else ""
        if "\t" in self.marks and (delimiter != "\t" or is_quoted):
            ends += "\t"
        return ends + "\r\n" if is_quoted else ends


def fingerprint(path: Path, *, as_text: bool) -> Fingerprint:
    """Read a file once: its SHA-256, size and, for text, encoding and blank lines.

    Args:
        path: a regular file.
        as_text: whether to look at the encoding too.
    """
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    utf8, printable, is_ascii, blank, start = as_text, as_text, as_text, False, b""
    marks: str | None = "" if as_text else None
    tail = b"\n"  # as if a line came before: a line end at the very beginning is a blank line
    with path.open("rb", buffering=0) as file, ThreadPoolExecutor(1) as thread:
        while chunk := file.read(CHUNK):
            # Hashing releases Python's lock, so the rest is looked at meanwhile.
            hashing = thread.submit(digest.update, chunk)
            start = start or chunk[:4]
            size += len(chunk)
            if as_text:
                printable = printable and b"\0" not in chunk
                is_ascii = is_ascii and chunk.isascii()
                if marks is not None:
                    marks = _with_marks(marks, chunk)
                # Line ends at the end of the chunk wait: a blank line counts once text follows.
                seam = tail + chunk
                inside = seam.rstrip(b"\r\n")
                blank = blank or _may_have_blank_line(inside)
                tail = (inside[-1:] + seam[len(inside) :])[-8:]
                if utf8:
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError:
                        utf8 = False
            hashing.result()
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    encoding = _encoding(start, utf8, printable) if as_text else None
    if encoding == "utf-16":
        # Neither blank lines nor marks of UTF-16 were looked for, so there may be some.
        blank, marks = True, None
    return Fingerprint(digest.hexdigest(), size, encoding, blank, is_ascii, marks)


def _with_marks(marks: str, text: bytes) -> str | None:
    """Add the marks that a part of a text has; None where it has other controls."""
    characters = np.frombuffer(text, np.uint8)

    def count(character: str) -> int:
        # Looking whether it is there at all is quick; Python's own counting is slow.
        byte = character.encode()
        return int(np.count_nonzero(characters == ord(byte))) if byte in text else 0

    spaces, tabs = count(" "), count("\t")
    invisible = np.count_nonzero(characters <= ord(" "))
    if invisible != spaces + tabs + count("\n") + count("\r") or b"\x7f" in text:
        return None
    found = {" ": spaces > 0, "\t": tabs > 0, '"': b'"' in text}
    return "".join(mark for mark, is_there in found.items() if is_there or mark in marks)


def _may_have_blank_line(text: bytes) -> bool:
    """Return whether two line ends may follow each other, comparing two bytes at a time.

    A search byte by byte would take several times as long as everything else that is looked at,
    since every line has the first byte of such a pair.
    """
    pairs = _LINE_END_PAIRS if b"\r" in text else _LINE_END_PAIRS[:1]
    characters = np.frombuffer(text, np.uint8)
    for begin in (0, 1):
        even = characters[begin : begin + (len(text) - begin) // 2 * 2]
        if any((even.view("<u2") == pair).any() for pair in pairs):
            return True
    return False


def _encoding(start: bytes, utf8: bool, printable: bool) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if not printable:
        return None
    return "utf-8" if utf8 else "windows-1252"


def utf8_text(path: Path, read: Fingerprint, work: Path, options: ReadOptions) -> Path:
    """Return the file in UTF-8, with one kind of line end if asked: itself, or a copy.

    Args:
        path: the file.
        read: its fingerprint.
        work: a folder for the copy.
        options: how text is read.

    Raises:
        Unreadable: the bytes are not text.
    """
    if read.encoding is None:
        raise Unreadable(_not_text(path))
    if read.encoding == "utf-8" and not options.unify_line_ends:
        return path
    copy = work / "utf8"
    newline = None if options.unify_line_ends else ""
    try:
        with (
            path.open("r", encoding=read.encoding, newline=newline) as original,
            copy.open("w", encoding="utf-8", newline="") as text,
        ):
            while chunk := original.read(CHUNK):
                text.write(chunk)
    except UnicodeDecodeError as error:
        raise Unreadable(_undecodable(path, read.encoding, error)) from None
    return copy


def _not_text(path: Path) -> Problem:
    """Return the problem of bytes with a NUL among them, which no text has but that in UTF-16."""
    with path.open("rb") as file:
        encoding = _utf16_without_mark(file.read(CHUNK))
    if encoding is not None:
        return Problem("encoding_utf16", {"encoding": encoding})
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            before, nul, _ = chunk.partition(b"\0")
            line += before.count(b"\n")
            if nul:
                break
    return Problem("encoding_unknown", {"byte": "00", "line": line})


def _utf16_without_mark(start: bytes) -> str | None:
    """Return the name of UTF-16 where bytes look like that: one of each pair is mostly NUL."""
    pairs = len(start) // 2
    for name, nuls, others in (("UTF-16 LE", 1, 0), ("UTF-16 BE", 0, 1)):
        if start[nuls::2].count(0) * 10 > pairs * 8 and start[others::2].count(0) * 10 < pairs:
            return name
    return None


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError) -> Problem:
    """Return the problem of a byte that the encoding does not have."""
    line = 1
    with path.open("r", encoding=encoding, errors="replace", newline="") as text:
        while chunk := text.read(CHUNK):
            before, found, _ = chunk.partition("\N{REPLACEMENT CHARACTER}")
            line += before.count("\n")
            if found:
                break
    byte = error.object[error.start]
    return Problem("encoding_unknown", {"byte": f"{byte:02X}", "line": line})
