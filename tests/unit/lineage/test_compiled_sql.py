"""The SQL of a model, cut off after the rows of a grain."""

from __future__ import annotations

import duckdb
import pytest

from vuosikello.lineage.compiled_sql import _steps_to
from vuosikello.warehouse.indicator_models import Grain

SQL = """
with
-- visit_rows as ( stands in a comment, coverage too
coverage as (
    select 'visit_rows as (' as organisation, ')' as text, 'ä(' as word
),

visit_rows as (
    select organisation, (1 + (2)) as visits from coverage -- )
),

/* grain: {} ) */
visit_cells as (
    select error('this is never asked')::int as visits from visit_rows
)

select sum(visits) from visit_cells
"""


def test_what_comes_after_the_rows_is_cut_off() -> None:
    steps = _steps_to(SQL, {"coverage", "visit_rows"})
    assert steps.endswith("from coverage -- )\n)")
    assert duckdb.sql(f"{steps} select visits from visit_rows").fetchall() == [(3,)]


def test_a_name_in_texts_and_comments_is_no_step() -> None:
    with pytest.raises(ValueError, match="the SQL has no topic_rows"):
        _steps_to(SQL + "-- topic_rows as (select 1)", {"coverage", "topic_rows"})


@pytest.mark.parametrize(
    ("measure", "how"),
    [
        ("visits", "sum"),
        ("visits_people", "people"),
        ("clients", "units"),
        ("clients_people", "people"),
        ("mean_workers", "month_end_mean"),
        ("population", None),
    ],
)
def test_a_measure_is_counted_as_the_roll_up_counts_it(measure: str, how: str | None) -> None:
    grain = Grain.of(
        {
            "name": "visit",
            "time": "month",
            "measures": ["visits", "mean_workers"],
            "month_end_means": ["mean_workers"],
            "people": "unit",
            "unit_count": "clients",
            "a_word_of_the_roll_up_alone": True,
        }
    )
    counted = grain.counted_as(measure)
    assert (counted and counted.how) == how


def test_nobody_is_counted_where_nobody_is_identified() -> None:
    grain = Grain.of({"name": "visit", "time": "month", "measures": ["visits"]})
    assert grain.counted_as("visits_people") is None
    assert grain.declarable_measures == {"visits"}
