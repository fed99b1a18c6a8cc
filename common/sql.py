"""Names and values as DuckDB SQL text.

Values go into a statement as parameters wherever DuckDB takes them; this is for the places where it
takes none (file names, ATTACH, COPY, generated conditions).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def identifier(*names: str) -> str:
    """Return a name, or a qualified name, as a quoted SQL identifier.

    Args:
        names: the parts of the name: database, schema, relation, column.
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(value: str | Path | None) -> str:
    """Return a text or path as an SQL text literal; None as NULL."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def equal(one: str, other: str, columns: Iterable[str]) -> str:
    """Return the condition that two relations agree in all of these columns.

    Args:
        one: the name or alias of one relation.
        other: that of the other.
        columns: the names of the columns; none of them is null.
    """
    return " AND ".join(f"{one}.{column} = {other}.{column}" for column in columns)
