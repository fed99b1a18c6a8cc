"""Query results as rows by column name.

Knows nothing of what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb


def query_rows(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of a query result, each by column name, in the order of the query.

    Args:
        connection: where the query runs.
        query: the SQL text.
        parameters: values for its named parameters.
    """
    result = connection.execute(query, dict(parameters or {}))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
