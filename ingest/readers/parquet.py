"""Parquet: every value is cast to text, so that one set of checks holds for all formats."""

from __future__ import annotations

from pathlib import Path

import duckdb

from common.sql import identifier, literal
from ingest.contracts import Contract
from ingest.readers.source import Problem, Source, Unreadable, match_columns, select_list


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Source:
    """Read a Parquet file; a list becomes its codes with ``|`` between.

    Raises:
        Unreadable: it is not Parquet, or lacks a required column.
    """
    reader = f"read_parquet({literal(path)}, hive_partitioning=false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    except duckdb.Error:
        raise Unreadable(Problem("not_readable", {"format": "Parquet"})) from None
    header = [name for name, *_ in described]
    positions, unknown = match_columns(header, contract)
    expressions = {}
    for name, index in positions.items():
        value = identifier(header[index])
        if described[index][1].endswith("]"):
            expressions[name] = f"array_to_string(CAST({value} AS VARCHAR[]), '|')"
        else:
            expressions[name] = f"CAST({value} AS VARCHAR)"
    selected = select_list(contract, expressions)
    return Source(f"SELECT {selected}, false AS broken FROM {reader}", 2, unknown)
