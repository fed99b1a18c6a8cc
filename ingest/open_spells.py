"""Spells that an organisation's photographs tell as open, and a new one does not have.

A yearly or monthly file of a feed of spells is a photograph of its stated period. Of each key the
photograph with the latest stated end tells when the spell ended; of several with the same end, the
one received last.

This module must not know what is done about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from common.sql import identifier
from ingest.contracts import Contract

# How the first and the last day of a spell are called.
_DAYS = {"ended_on": "started_on", "closed_on": "opened_on"}


def has_spells(contract: Contract) -> bool:
    """Whether the rows of a feed without a period date begin and end."""
    return contract.period_date is None and _last_day(contract) is not None


def count_open(
    root: Path,
    contract: Contract,
    photographs: Sequence[Mapping[str, Any]],
    on: date,
    *,
    without: Sequence[Path] = (),
) -> int:
    """Count the spells in force on a day that a new photograph does not have.

    Args:
        root: the folder that the paths in the ledger are below.
        contract: a feed that has spells.
        photographs: ledger lines of current submissions, in the order received.
        on: the day.
        without: Parquet files of the new photograph; keys in one of them do not count.
    """
    last_day = _last_day(contract)
    assert last_day is not None
    files = [(str(root / one["lake_path"]), one["period_end"]) for one in photographs]
    if not files:
        return 0
    keys = ", ".join(identifier(column.name) for column in contract.key)
    # A file of an earlier version of the contract may lack a column.
    empty = ", ".join(
        f"NULL::{column.sql_type} AS {identifier(column.name)}" for column in contract.columns
    )
    same_key = " AND ".join(
        f"sent.{identifier(column.name)} IS NOT DISTINCT FROM latest.{identifier(column.name)}"
        for column in contract.key
    )
    query = f"""
        WITH files AS (
            SELECT unnest($files) AS filename, unnest($ends)::DATE AS period_end,
                generate_subscripts($files, 1) AS place
        ),
        told AS (
            SELECT {empty}, NULL::VARCHAR AS filename WHERE false
            UNION ALL BY NAME
            SELECT * FROM read_parquet($files, filename = true, union_by_name = true)
        ),
        latest AS (
            SELECT {keys}, {_DAYS[last_day]} AS first_day, {last_day} AS last_day
            FROM told JOIN files USING (filename)
            QUALIFY row_number() OVER (
                PARTITION BY {keys} ORDER BY period_end DESC, place DESC
            ) = 1
        ),
        sent AS (
            SELECT {empty} WHERE false
            {
        "UNION ALL BY NAME SELECT * FROM read_parquet($without, union_by_name = true)"
        if without
        else ""
    }
        )
        SELECT count(*) FROM latest
        WHERE first_day <= $day AND (last_day IS NULL OR last_day >= $day)
            AND NOT EXISTS (SELECT 1 FROM sent WHERE {same_key})
    """
    values: dict[str, object] = {
        "files": [path for path, _ in files],
        "ends": [end for _, end in files],
        "day": on,
    }
    if without:
        values["without"] = [str(path) for path in without]
    with duckdb.connect() as connection:
        row = connection.execute(query, values).fetchone()
    return int(row[0]) if row else 0


def _last_day(contract: Contract) -> str | None:
    names = {column.name for column in contract.columns}
    return next((last for last, first in _DAYS.items() if {last, first} <= names), None)
