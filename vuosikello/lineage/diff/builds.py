"""When the two compared warehouses were built, and whether by the same definitions."""

from __future__ import annotations

from typing import Any

import duckdb


def build_info(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Read of both warehouses the moment whose knowledge they show and the hash of the models."""
    found = {}
    for catalog in ("before", "now"):
        row = connection.execute(
            f"select coalesce(as_of, built_at), project_hash from {catalog}.staging.build_info"
        ).fetchone()
        assert row is not None
        found[catalog] = {"moment": row[0], "project_hash": row[1]}
    return found


def is_other_definition(info: dict[str, dict[str, Any]]) -> bool:
    """Whether the two warehouses were built by different models or code lists."""
    return bool(info["before"]["project_hash"] != info["now"]["project_hash"])


def remarks(info: dict[str, dict[str, Any]]) -> list[str]:
    """Return what a reader must know of the two builds, in sentences."""
    if is_other_definition(info):
        return [
            "The two warehouses were built by different versions of the definitions, so not every "
            "difference comes from the data. Build again: vuosikello build"
        ]
    return []
