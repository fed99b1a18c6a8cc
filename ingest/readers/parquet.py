"""Parquet: every value is cast to text, so that one set of checks holds for all formats.

A moment is written as it was in Finland. A value of a type that its column cannot hold, such as a
structure or a list where none is allowed, is one that cannot be read, never an empty one.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from common.sql import identifier, literal
from ingest.contracts import Contract, Kind
from ingest.readers.cleaning import UNREADABLE
from ingest.readers.header import seen
from ingest.readers.source import (
    TIME_ZONE,
    Problem,
    Source,
    Unreadable,
    match_columns,
    select_list,
    source_sql,
    whole_numbers_without_decimals,
)

_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


def read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract) -> Source:
    """Read a Parquet file; a list of codes becomes its codes with ``|`` between.

    Raises:
        Unreadable: it is not Parquet, or lacks a required column.
    """
    reader = f"read_parquet({literal(path)}, hive_partitioning=false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    except duckdb.Error:
        raise Unreadable(Problem("not_readable", {"format": "Parquet"})) from None
    header = [name for name, *_ in described]
    positions, unknown = match_columns(header, contract, seen("parquet", count=len(header)))
    names = {name: f"v{index}" for name, index in positions.items()}
    taken = ", ".join(
        f"{_text(identifier(header[index]), described[index][1], contract.column(name).kind)} "
        f"AS v{index}"
        for name, index in positions.items()
    )
    return Source(
        source_sql(
            contract,
            select_list(contract, names, has_unreadable=True),
            f"(SELECT {taken} FROM {reader})",
            "false AS broken",
        ),
        2,
        unknown,
        unreadable="value_of_other_type",
    )


def _text(value: str, sql_type: str, kind: Kind) -> str:
    """Return the SQL text of a value of a type, for a column of a kind."""
    unreadable = f"CASE WHEN {value} IS NOT NULL THEN chr({ord(UNREADABLE)}) END"
    text = f"CAST({value} AS VARCHAR)"
    if sql_type.endswith("]"):
        is_flat = "[" not in sql_type.rpartition("[")[0] and not sql_type.startswith(_NESTED)
        is_fit = kind is Kind.CODES and is_flat and not sql_type.startswith(("BOOLEAN", "BLOB"))
        return f"array_to_string(CAST({value} AS VARCHAR[]), '|')" if is_fit else unreadable
    if sql_type.startswith(_NESTED):
        return unreadable
    if sql_type == "BOOLEAN":
        return text if kind is Kind.BOOLEAN else unreadable
    if sql_type == "BLOB":
        # Old programs write texts without saying that they are texts.
        mark = f"chr({ord(UNREADABLE)})"
        return f"CASE WHEN {value} IS NOT NULL THEN coalesce(TRY(decode({value})), {mark}) END"
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"CAST({value} AT TIME ZONE {literal(TIME_ZONE)} AS VARCHAR)"
    if sql_type in ("FLOAT", "DOUBLE") or sql_type.startswith("DECIMAL"):
        return text if kind is Kind.NUMBER else whole_numbers_without_decimals(text)
    return text
