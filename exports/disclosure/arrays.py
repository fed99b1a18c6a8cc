"""The array types of disclosure control, and query results as arrays.

Knows nothing of tables, relations or suppression.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EQUAL_WITHIN = 1e-6
"""Numbers that differ by less are the same: sums of decimals do not always end alike."""


def fetch_columns(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None
) -> dict[str, Any]:
    """Return the columns of a query result as arrays, by column name.

    Args:
        connection: where the query runs.
        query: the SQL text.
        parameters: values for the parameters of the query.
    """
    return dict(connection.execute(query, parameters).fetchnumpy())
