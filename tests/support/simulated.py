"""Simulated files as tables, with the types of their contracts."""

from __future__ import annotations

from pathlib import Path

from ingest.contracts import Kind, load_contracts

CONTRACTS = load_contracts()


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
