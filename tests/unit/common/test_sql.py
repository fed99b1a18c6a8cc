"""SQL text: names, values and conditions that DuckDB reads as they are meant."""

from __future__ import annotations

import duckdb

from common.indicator_key import CELL, KEY
from common.sql import equal


def test_two_relations_are_joined_on_all_of_the_columns() -> None:
    (count,) = duckdb.sql(
        "WITH one AS (SELECT 1 AS a, 2 AS b), other AS (VALUES (1, 2), (1, 3)) "
        f"SELECT count(*) FROM one INNER JOIN other AS other (a, b) ON {equal('one', 'other', 'ab')}"
    ).fetchall()[0]
    assert count == 1


def test_the_key_of_a_value_is_its_indicator_and_its_cell() -> None:
    assert KEY[0] == "indicator"
    assert KEY[1:] == CELL
    assert len(set(KEY)) == 7
