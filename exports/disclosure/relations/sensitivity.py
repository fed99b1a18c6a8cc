"""Sensitivity: which numbers need protection, and how wide the interval of each has to be.

This module does not know relations, nor whether a number can be protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from exports.disclosure.arrays import EQUAL_WITHIN, FloatArray, IndexArray, fetch_columns
from exports.disclosure.protection import Protection

_SHOWN = """
SELECT
    roles.row_id,
    roles.cell,
    roles.role = 'numerator' AND rows.publication = 0 AS is_count,
    rows.publication,
    rows.was_withheld,
    CASE roles.role
        WHEN 'numerator' THEN is_unknown OR has_few_persons OR has_few_on_numerator
        WHEN 'persons'
            THEN is_unknown OR has_few_persons OR (denominator IS NULL AND has_few_on_numerator)
        ELSE is_unknown OR has_few_persons
    END AS is_sensitive
FROM disclosure_cell_role AS roles
INNER JOIN disclosure_year AS rows ON roles.row_id = rows.row_id
ORDER BY roles.row_id, roles.role
"""

# A row that is withheld exists all the same: a count of 0 is always published, like a rate of 0 per
# inhabitants, a part without rows has none, and a share has a whole. So each of these numbers is
# known to be at least 1.
_AT_LEAST_ONE = f"""
SELECT DISTINCT roles.cell
FROM disclosure_cell_role AS roles
INNER JOIN disclosure_year AS rows ON roles.row_id = rows.row_id
WHERE
    (
        roles.role IN ('denominator', 'persons')
        OR (
            roles.role = 'numerator'
            AND (
                rows.denominator IS NULL
                OR rows.breakdown_rule = 'only'
                OR coalesce(rows.denominator_measure = 'population', FALSE)
            )
        )
    )
    AND roles.number >= 1 - {EQUAL_WITHIN}
ORDER BY roles.cell
"""

_SENSITIVE_DIFFERENCES = """
SELECT difference_id, bool_or(publication = 0) AS is_current
FROM disclosure_difference
INNER JOIN disclosure_year USING (row_id)
WHERE
    kind_of_difference = 'other side'
    AND (is_unknown OR has_few_persons OR has_few_on_other_side)
GROUP BY difference_id
ORDER BY difference_id
"""


# That nobody stands on a side of these shares must not be found out either. Where parts exclude
# each other, that there is no row of another part says it, whatever is withheld.
_HOMOGENEOUS = """
SELECT
    list(DISTINCT difference_id) FILTER (numerator <> 0) AS differences,
    list(DISTINCT numerator_cell) FILTER (numerator = 0) AS cells
FROM disclosure_difference
INNER JOIN disclosure_year USING (row_id)
INNER JOIN disclosure_row_cells USING (row_id)
WHERE
    kind_of_difference = 'other side' AND is_homogeneous AND publication = 0
    AND NOT (breakdown_rule = 'only' AND parts_disjoint)
"""


@dataclass(frozen=True)
class Widths:
    """How wide intervals have to be.

    Attributes:
        needed: by unknown; 0 where it is not sensitive.
        needed_now: the same without what is needed only to protect earlier publications.
        full: by unknown, how wide it would have to be if it were sensitive.
    """

    needed: FloatArray
    needed_now: FloatArray
    full: FloatArray


def shown_cells(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
    """Return which row shows which cell, as arrays.

    Args:
        connection: :func:`exports.disclosure.relations.cells.make_cells` has run on it.

    Returns:
        ``row_id``, ``cell``, ``is_count`` (the cell is the numerator of a row that is published
        now), ``publication``, ``was_withheld`` and ``is_sensitive``.
    """
    return fetch_columns(connection, _SHOWN)


def known_to_be(connection: duckdb.DuckDBPyConnection, count: int) -> FloatArray:
    """Return by cell the least that anybody knows it to be, published or not: 0 or 1.

    Args:
        connection: :func:`exports.disclosure.relations.cells.make_cells` has run on it.
        count: how many cells there are.
    """
    least = np.zeros(count)
    least[fetch_columns(connection, _AT_LEAST_ONE)["cell"]] = 1.0
    return least


def needed_widths(
    connection: duckdb.DuckDBPyConnection,
    shown: Mapping[str, Any],
    numbers: FloatArray,
    first_difference: int,
    unknown_of: IndexArray,
    count: int,
    protection: Protection,
) -> Widths:
    """Return how wide the interval of each unknown has to be.

    Args:
        connection: :func:`exports.disclosure.relations.row_relations.make_differences` has run on
            it.
        shown: what :func:`shown_cells` returned.
        numbers: by column, the number.
        first_difference: the column of the first difference of ``disclosure_difference``.
        unknown_of: by column, its unknown.
        count: how many unknowns there are.
        protection: the least width, and its share of the number.
    """
    width = np.maximum(protection.least_width, protection.share * np.abs(numbers))
    # A count of 0 describes no person: it needs no protection.
    width[np.abs(numbers) <= EQUAL_WITHIN] = 0
    full = np.full(count, protection.least_width)
    np.maximum.at(full, unknown_of, width)
    full = np.maximum(full, 1.0)
    homogeneous = connection.execute(_HOMOGENEOUS).fetchall()[0]
    sides = np.array(
        [first_difference + one for one in homogeneous[0] or ()] + list(homogeneous[1] or ()),
        dtype=np.int64,
    )
    width[sides] = protection.least_width
    is_sensitive = shown["is_sensitive"].astype(bool)
    is_current = shown["publication"] == 0
    few = fetch_columns(connection, _SENSITIVE_DIFFERENCES)
    differences = few["difference_id"].astype(np.int64) + first_difference
    needed, needed_now = np.zeros(count), np.zeros(count)
    for widths, columns in (
        (needed, shown["cell"][is_sensitive]),
        (needed, differences),
        (needed, sides),
        (needed_now, sides),
        (needed_now, shown["cell"][is_sensitive & is_current]),
        (needed_now, differences[few["is_current"].astype(bool)]),
    ):
        np.maximum.at(widths, unknown_of[columns], width[columns])
    return Widths(needed, needed_now, full)
