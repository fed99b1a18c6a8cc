"""JSON lines: one object a line, its keys are the columns."""

from __future__ import annotations

from pathlib import Path

import duckdb

from common.sql import literal
from ingest.contracts import Contract
from ingest.readers.lines import LONGEST_LINE, refuse_many_skipped
from ingest.readers.source import (
    JSON_LINES,
    Problem,
    ReadOptions,
    Source,
    Tolerance,
    Unreadable,
    engine_error,
    match_columns,
    normalize_name,
    select_list,
)


def read_json_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, options: ReadOptions
) -> Source:
    """Read JSON lines.

    Args:
        connection: where the file is looked into.
        path: the text, in UTF-8.
        contract: what the file should hold.
        options: how text is read.

    Raises:
        Unreadable: no line is an object, or a required column is missing.
    """
    arguments = (
        f"{literal(path)}, auto_detect=false, header=false, delim='\x1f', quote='', escape='', "
        f"columns={{'line': 'VARCHAR'}}, max_line_size={LONGEST_LINE}"
    )
    if options.tolerance is not Tolerance.NONE:
        refuse_many_skipped(connection, path, arguments, JSON_LINES, options, 1)
        arguments += ", store_rejects=true, rejects_limit=0"
    lines = (
        f"SELECT try_cast(line AS JSON) AS j, line FROM read_csv({arguments}) "
        "WHERE line IS NOT NULL"
    )
    try:
        keys = connection.execute(
            f"SELECT DISTINCT unnest(json_keys(j)) FROM ({lines}) WHERE json_type(j) = 'OBJECT'"
        ).fetchall()
    except duckdb.Error as error:
        raise engine_error(error, JSON_LINES, options) from None
    if not keys:
        raise Unreadable(Problem("not_readable", {"format": JSON_LINES}))
    header = sorted(key for (key,) in keys)
    by_name: dict[str, list[str]] = {}
    for key in header:
        by_name.setdefault(normalize_name(key), []).append(key)
    _, unknown = match_columns(header, contract, allow_repeats=True)
    expressions = {
        name: "coalesce(" + ", ".join(_json_value(key) for key in sorted(keys)) + ")"
        for name, keys in by_name.items()
        if name in {column.name for column in contract.columns}
    }
    broken = "trim(line) <> '' AND coalesce(json_type(j), '') <> 'OBJECT' AS broken"
    return Source(
        f"SELECT {select_list(contract, expressions)}, {broken} FROM ({lines})",
        1,
        unknown,
        lines=path,
        may_skip_lines=options.tolerance is not Tolerance.NONE,
    )


def _json_value(key: str) -> str:
    """Return the SQL text of a value; a list becomes its codes with ``|`` between."""
    path = literal('$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return (
        f"CASE WHEN json_type(j, {path}) = 'ARRAY' "
        f"THEN array_to_string(CAST(json_extract(j, {path}) AS VARCHAR[]), '|') "
        f"ELSE json_extract_string(j, {path}) END"
    )
