"""A file of the feed `contacts` of any size, the same for the same arguments.

It stands for one welfare area's year: 200,000 clients, 5,000 workers, every channel and method of
the code lists, days in the order of the year. Of the bad rows, six kinds in seven break a `reject`
rule and the seventh one that only warns. Nothing in it is random: every value follows from the
row's number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.contracts import codes

YEAR = 2025
CLIENTS = 200_000
WORKERS = 5_000
COLUMNS = (
    "contact_id",
    "client_id",
    "worker_id",
    "occurred_on",
    "channel",
    "method",
    "minutes",
)
_KINDS = 7


@dataclass(frozen=True, slots=True)
class ContactsFile:
    """A file and what must be found in it.

    Attributes:
        path: the CSV: UTF-8, commas, ISO dates, a header.
        rows: how many rows of data it has.
        rejected: how many of them break a `reject` rule.
        warned: how many of the others break a `warn` rule.
    """

    path: Path
    rows: int
    rejected: int
    warned: int


def write(path: Path, rows: int, bad_share: float = 0.0) -> ContactsFile:
    """Write a file of contacts.

    Args:
        path: where to; replaced if it exists.
        rows: how many rows of data.
        bad_share: which share of the rows breaks a rule; 0 is a clean file, at most 0.1 is left
            to be accepted by the receiver.

    Returns:
        The file, with the numbers that whoever reads it must come to.
    """
    every = round(1 / bad_share) if bad_share else rows + 1
    bad = f"(i % {every} = {every - 1})"
    kind = f"CASE WHEN {bad} THEN i // {every} % {_KINDS} ELSE -1 END"
    day = f"DATE '{YEAR}-01-01' + (i * 365 // {rows})::INTEGER"
    client = f"hash(i, 1) % {CLIENTS}"
    # A worker meets the same clients again; now and then somebody stands in.
    worker = f"CASE WHEN hash(i, 2) % 10 = 0 THEN hash(i, 3) ELSE hash({client}) END % {WORKERS}"
    values = {
        # The row before a bad one is good, so that the key of kind 4 has been seen.
        "contact_id": f"printf('{YEAR}-%09d', CASE WHEN kind = 4 THEN i - 1 ELSE i END)",
        "client_id": f"CASE WHEN kind = 3 THEN '' ELSE printf('A%06d', {client}) END",
        "worker_id": f"printf('T%05d', {worker})",
        "occurred_on": (
            f"CASE kind WHEN 0 THEN '{YEAR}-13-41' WHEN 6 THEN '{YEAR - 1}-12-31' "
            f"ELSE ({day})::VARCHAR END"
        ),
        "channel": f"CASE WHEN kind = 1 THEN 'fax' ELSE {_one_of('channel', 4)} END",
        "method": f"CASE WHEN hash(i, 5) % 5 < 2 THEN '' ELSE {_one_of('method', 6)} END",
        "minutes": "CASE WHEN kind = 2 THEN 1500 ELSE 5 + 5 * (hash(i, 7) % 24) END",
    }
    fields = ", ".join(f"{values[name]} AS {name}" for name in COLUMNS)
    line = "CASE WHEN kind = 5 THEN contact_id || ',' || client_id ELSE {} END".format(
        " || ',' || ".join(COLUMNS)
    )
    with duckdb.connect() as connection:
        # One column of finished lines: a row of the last kind has too few values, which a writer
        # of CSV would not let through.
        connection.execute(
            f'COPY (SELECT {line} AS "{",".join(COLUMNS)}" FROM (SELECT kind, {fields} '
            f"FROM (SELECT i, {kind} AS kind FROM range({rows}) numbers(i)))) "
            f"TO '{path}' (FORMAT csv, HEADER true, DELIMITER '\x1f', QUOTE '', ESCAPE '')"
        )
    bad_rows = rows // every
    warned = bad_rows // _KINDS
    return ContactsFile(path, rows, bad_rows - warned, warned)


def _one_of(code_list: str, salt: int) -> str:
    """Return SQL that picks a code, the first ones of the list more often than the last."""
    listed = codes(code_list)
    values = ", ".join(f"'{code}'" for code in listed)
    # The lesser of two even draws.
    draws = f"least(hash(i, {salt}0) % {len(listed)}, hash(i, {salt}1) % {len(listed)})"
    return f"[{values}][({draws})::INTEGER + 1]"
