"""Order, key figures and charts as a publication's catalogue declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from exports.presentation import DeclaredChart, NoPresentation, Presentation, presentation


class Tables:
    """The two tables that are read, in memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        answer = self.connection.execute(query, dict(parameters or {}))
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@pytest.fixture
def tables() -> Iterator[Tables]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            CREATE TABLE labels AS
            FROM (VALUES ('theme', 'late', 2), ('theme', 'early', 1)) AS rows (kind, code, position)
            """
        )
        connection.execute(
            """
            CREATE TABLE catalogue AS FROM (VALUES
                ('late.a', 'late', 1, 'pages', 'areas@2|parts:kind@1'),
                ('early.b', 'early', 2, 'report@1', 'months@1'),
                ('early.a', 'early', 3, 'pages|report@2', NULL),
                ('early.c', 'early', 1, 'pages|report@3', 'areas@2')
            ) AS rows (indicator, theme, position, key_figure_in, charts)
            """
        )
        yield Tables(connection)


def test_themes_indicators_and_charts_have_the_declared_order(tables: Tables) -> None:
    found = presentation(tables)
    assert found == Presentation(
        {"early": ("early.c", "early.b", "early.a"), "late": ("late.a",)},
        {
            "pages": {"early": ("early.c", "early.a"), "late": ("late.a",)},
            "report": {"early": ("early.b", "early.a", "early.c"), "late": ()},
        },
        {
            "early": (DeclaredChart("early.b", "months"), DeclaredChart("early.c", "areas")),
            "late": (DeclaredChart("late.a", "parts", "kind"), DeclaredChart("late.a", "areas")),
        },
    )
    assert list(found.indicators) == ["early", "late"]


def test_a_catalogue_of_an_earlier_version_is_refused_with_what_to_do(tables: Tables) -> None:
    tables.connection.execute("ALTER TABLE catalogue DROP COLUMN charts")
    with pytest.raises(NoPresentation, match=r"has no column charts: .*vuosikello build"):
        presentation(tables)


def test_an_indicator_without_a_position_is_refused(tables: Tables) -> None:
    tables.connection.execute("UPDATE catalogue SET position = NULL WHERE indicator = 'early.b'")
    with pytest.raises(NoPresentation, match=r"no position for early\.b\."):
        presentation(tables)


@pytest.mark.parametrize("chart", ["areas", "pie@1", "parts:@1", "areas@first"])
def test_a_chart_that_cannot_be_read_is_refused(tables: Tables, chart: str) -> None:
    tables.connection.execute("UPDATE catalogue SET charts = ?", [chart])
    with pytest.raises(NoPresentation, match=f"has a chart '{chart}' in the catalogue"):
        presentation(tables)


@pytest.mark.parametrize("surface", ["report", "pages@1", "report@first", "workbook@1", "true"])
def test_a_key_figure_that_cannot_be_read_is_refused(tables: Tables, surface: str) -> None:
    tables.connection.execute("UPDATE catalogue SET key_figure_in = ?", [surface])
    with pytest.raises(NoPresentation, match=f"has '{surface}' in key_figure_in of the catalogue"):
        presentation(tables)
