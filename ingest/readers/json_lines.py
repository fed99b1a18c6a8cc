"""JSON lines: one object a line, its keys are the columns.

A value of a type that its column cannot hold, such as an object or a list where none is allowed,
is one that cannot be read, never an empty one.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from common.sql import literal
from ingest.contracts import Contract, Kind
from ingest.readers.cleaning import UNREADABLE
from ingest.readers.header import seen
from ingest.readers.lines import LONGEST_LINE, refuse_long_line, refuse_many_skipped
from ingest.readers.source import (
    JSON_LINES,
    ReadOptions,
    Source,
    Tolerance,
    Unreadable,
    engine_error,
    match_columns,
    no_header,
    normalize_name,
    select_list,
    source_sql,
    whole_numbers_without_decimals,
)

_UNREADABLE = f"chr({ord(UNREADABLE)})"


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
    refuse_long_line(path, options, is_quoted=False)
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
        raise Unreadable(no_header(contract, seen("json_no_object")))
    header = sorted(key for (key,) in keys)
    by_name: dict[str, list[str]] = {}
    for key in header:
        by_name.setdefault(normalize_name(key), []).append(key)
    _, unknown = match_columns(
        header, contract, seen("json", count=len(header)), allow_repeats=True
    )
    values = {
        column.name: "coalesce("
        + ", ".join(_json_value(key, column.kind) for key in sorted(by_name[column.name]))
        + ")"
        for column in contract.columns
        if column.name in by_name
    }
    # Each value is taken from its line once, and then looked at several times.
    names = {name: f"v{index}" for index, name in enumerate(values)}
    taken = ", ".join(f"{values[name]} AS {column}" for name, column in names.items())
    broken = "trim(line) <> '' AND coalesce(json_type(j), '') <> 'OBJECT' AS broken"
    return Source(
        source_sql(
            contract,
            select_list(contract, names, has_unreadable=True),
            f"(SELECT {taken}, {broken} FROM ({lines}))",
            "broken",
        ),
        1,
        unknown,
        unreadable="value_of_other_type",
        lines=path,
        may_skip_lines=options.tolerance is not Tolerance.NONE,
    )


def _json_value(key: str, kind: Kind) -> str:
    """Return the SQL text of a value; a list of codes becomes its codes with ``|`` between."""
    path = literal('$."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"')
    text = f"json_extract_string(j, {path})"
    number = text if kind is Kind.NUMBER else whole_numbers_without_decimals(text)
    boolean = text if kind is Kind.BOOLEAN else _UNREADABLE
    listed = _UNREADABLE
    if kind is Kind.CODES:
        elements = f"json_extract(j, {path})"
        is_nested = (
            f"len(list_filter(CAST({elements} AS JSON[]), "
            "lambda t: json_type(t) IN ('OBJECT', 'ARRAY', 'BOOLEAN'))) > 0"
        )
        listed = (
            f"CASE WHEN {is_nested} THEN {_UNREADABLE} "
            f"ELSE array_to_string(CAST({elements} AS VARCHAR[]), '|') END"
        )
    return (
        f"CASE json_type(j, {path}) WHEN 'VARCHAR' THEN {text} WHEN 'OBJECT' THEN {_UNREADABLE} "
        f"WHEN 'ARRAY' THEN {listed} WHEN 'BOOLEAN' THEN {boolean} "
        f"WHEN 'DOUBLE' THEN {number} ELSE {text} END"
    )
