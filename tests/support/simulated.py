"""Small requests for simulated files, their hashes, and the files as tables of their contracts."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from ingest.contracts import Kind, load_contracts
from simulation import Request

CONTRACTS = load_contracts()
TODAY = date(2025, 1, 1)
SMALL = Request(organisations=2, years=1, clients=30, last_year=2024)
# One small feed, one of spells, one with persons and a large one: enough where all feeds are alike.
FEW = {feed: CONTRACTS[feed] for feed in ("clients", "contacts", "meetings", "workers")}


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def table_of(feed: str, folder: Path) -> str:
    """Return the SQL of all rows of a feed, with the organisation, period and name of their file.

    Args:
        feed: which.
        folder: where the files lie, as in an inbox; CSV.
    """
    types = {
        column.name: "VARCHAR" if column.kind is Kind.CODES else column.sql_type
        for column in CONTRACTS[feed].columns
    }
    return (
        "SELECT * EXCLUDE (filename), split_part(filename, '/', -3) AS organisation, "
        "split_part(split_part(filename, '/', -1), '.', 1) AS period, "
        "split_part(filename, '/', -1) AS file FROM read_csv("
        f"'{folder}/*/{feed}/*.csv', columns = {types}, header = true, filename = true)"
    )
