"""Weights: what withholding each row costs, by its area, period, breakdown and events.

This module does not know relations.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np

from exports.disclosure.arrays import FloatArray, fetch_columns
from exports.disclosure.protection import Protection

_WEIGHTS = """
SELECT
    can_be_hidden,
    is_primary,
    publication,
    was_withheld,
    CASE area_type
        WHEN 'country' THEN $country_weight
        WHEN 'welfare_area' THEN $welfare_area_weight
        WHEN 'organisation' THEN $organisation_weight
        ELSE $municipality_weight
    END
    * CASE period_type WHEN 'year' THEN $year_weight ELSE 1 END
    * CASE breakdown WHEN 'none' THEN $undivided_weight ELSE 1 END
    * (1 + log10(1 + coalesce(events, 0))) AS weight
FROM {table}
ORDER BY row_id
"""
_SETTINGS = (
    "country_weight",
    "welfare_area_weight",
    "organisation_weight",
    "municipality_weight",
    "year_weight",
    "undivided_weight",
)


def row_weights(connection: duckdb.DuckDBPyConnection, protection: Protection) -> FloatArray:
    """Return what withholding each row of ``disclosure_row`` costs, in the order of its row_id.

    Args:
        connection: holds ``disclosure_row``.
        protection: the weights of kinds of rows.
    """
    return np.asarray(weighted_rows(connection, "disclosure_row", protection)["weight"], float)


def weighted_rows(
    connection: duckdb.DuckDBPyConnection, table: str, protection: Protection
) -> dict[str, Any]:
    """Return the rows of a table with their weights, as arrays in the order of their row_id.

    Args:
        connection: holds the table.
        table: ``disclosure_row`` or ``disclosure_year``.
        protection: the weights of kinds of rows.

    Returns:
        ``weight``, ``can_be_hidden``, ``is_primary``, ``publication`` and ``was_withheld``.
    """
    settings = {name: getattr(protection, name) for name in _SETTINGS}
    return fetch_columns(connection, _WEIGHTS.format(table=table), settings)
