"""A home as version 1 of the program left it: made of one that the present program filled.

What it received is written back: client ids as they were sent, the versions of the contracts that
were in force then, columns that they did not have gone, and no file that names the layout.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from common.home import Home
from common.jsonl import whole_lines
from common.sql import identifier, literal
from ingest.keys import pseudonym_key

# The feeds that have a version 2, and the columns that it brought.
NEW_COLUMNS = {
    "assessments": (),
    "assignments": (),
    "clients": ("team",),
    "contacts": (),
    "measurements": (),
    "outreach": ("team",),
    "plans": (),
    "workers": ("post", "team"),
}


def write_back(home: Home, client_ids: Mapping[str, Iterable[str]]) -> None:
    """Write a home of layout 2 back into layout 1.

    Args:
        home: what the present program has received into; nothing need be built.
        client_ids: the ids that each organisation has sent.
    """
    key = pseudonym_key(home)
    sent = {
        f"{key.id}:{hmac.digest(key.secret, f'{code}/id/{one}'.encode(), 'sha256').hex()}": one
        for code, ids in client_ids.items()
        for one in ids
    }
    for folder in (home.accepted, home.rejected, home.held, home.claims):
        for path in sorted(folder.rglob("*.parquet")):
            _write_back(path, sent)
    for path in home.ledger.glob("*.jsonl"):
        lines = [_line(event) for event in whole_lines(path)]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        path.write_text(text, "utf-8")
    home.version.unlink(missing_ok=True)


def ids_sent(inbox: Path) -> dict[str, list[str]]:
    """Return the client ids in the CSV files of an inbox, by organisation."""
    ids: dict[str, list[str]] = {}
    with duckdb.connect() as connection:
        for path in sorted(inbox.glob("*/*/*.csv")):
            rows = f"read_csv({literal(path)}, all_varchar = true)"
            names = [name for name, *_ in connection.execute(f"DESCRIBE FROM {rows}").fetchall()]
            if "client_id" in names:
                found = connection.execute(f"SELECT DISTINCT client_id FROM {rows}").fetchall()
                ids.setdefault(path.parts[-3], []).extend(value for (value,) in found)
    return ids


def parquet_files(home: Home) -> list[Path]:
    """Return the files of accepted and of rejected rows that have client ids."""
    return [
        path
        for folder in (home.accepted, home.rejected)
        for path in sorted(folder.rglob("*.parquet"))
        if "client_id" in _columns(path)
    ]


def client_ids(path: Path) -> list[str]:
    """Return the client ids of a file of rows, in its order."""
    with duckdb.connect() as connection:
        query = f"SELECT client_id FROM read_parquet({literal(path)})"
        return [value for (value,) in connection.execute(query).fetchall()]


def _line(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the ledger as version 1 wrote it: without a number of arrival."""
    line = {name: value for name, value in event.items() if name != "arrival_no"}
    return line | ({"contract_version": "1.0.0"} if event.get("feed") in NEW_COLUMNS else {})


def _write_back(path: Path, sent: Mapping[str, str]) -> None:
    columns = _columns(path)
    added = {name for names in NEW_COLUMNS.values() for name in names}
    kept = ", ".join(
        "coalesce(sent.as_sent, rows.client_id) AS client_id"
        if name == "client_id"
        else f"rows.{identifier(name)}"
        for name in columns
        if name not in added
    )
    client = "rows.client_id" if "client_id" in columns else "NULL"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE sent AS SELECT unnest($1) AS pseudonym, unnest($2) AS as_sent",
            [list(sent), list(sent.values())],
        )
        connection.execute(
            f"CREATE TABLE made AS SELECT {kept}, rows.file_row_number "
            f"FROM read_parquet({literal(path)}, file_row_number = true) AS rows "
            f"LEFT JOIN sent ON sent.pseudonym = {client}"
        )
        connection.execute(
            "COPY (SELECT * EXCLUDE (file_row_number) FROM made ORDER BY file_row_number) "
            f"TO {literal(path)} (FORMAT parquet)"
        )


def _columns(path: Path) -> list[str]:
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(path)})")
        return [name for name, *_ in described.fetchall()]
