"""The two scorecards: whole, in three languages, and nothing in them but what the values say."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

SCORECARDS = ("aikumetod_scorecard", "strategy_map")
FULFILS = {"<=": operator.le, ">=": operator.ge, "=": operator.eq}
LINES = (
    "SELECT * FROM codes.scorecard_lines INNER JOIN codes.scorecard_headings "
    "USING (scorecard, heading) ORDER BY scorecard, position, line"
)
LANGUAGES = ("fi", "sv", "en")


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def rows_of(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_the_ten_recommendations_are_there_each_with_lines_at_a_level_and_part(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = rows_of(warehouse, "SELECT * FROM indicators.aikumetod_scorecard")
    assert {row["recommendation"] for row in rows} == set(range(1, 11))
    assert {row["level"] for row in rows} == {"macro", "meso", "micro"}
    assert {row["part"] for row in rows} == {
        "context",
        "actors",
        "interventions",
        "mechanisms",
        "outcomes",
    }


def test_the_success_factors_are_those_of_the_strategy_map(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = rows_of(
        warehouse,
        "SELECT DISTINCT position, perspective, success_factor_fi FROM indicators.strategy_map "
        "ORDER BY position",
    )
    assert [(row["perspective"], row["success_factor_fi"]) for row in rows] == [
        ("client", "Asiakkaan osallisuus omaan prosessiin"),
        ("client", "Asiakkaan elämäntilanne paranee"),
        ("personnel", "Riittävästi ammattitaitoista henkilökuntaa"),
        ("process", "Suunnitelmallinen sosiaalityö"),
        ("process", "Vuorovaikutuksellinen työote"),
        ("economy", "Tietoisuus taloudesta"),
    ]


@pytest.mark.parametrize(
    "column", [f"{what}_{end}" for what in ("text", "note") for end in LANGUAGES]
)
def test_every_line_speaks_three_languages(
    column: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert [row for row in rows_of(warehouse, LINES) if not row[column]] == []


@pytest.mark.parametrize("end", LANGUAGES)
def test_every_code_of_a_scorecard_has_a_label(
    end: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    labelled = {
        (row["kind"], row["code"])
        for row in rows_of(warehouse, "SELECT * FROM codes.scorecard_labels")
        if row[f"label_{end}"]
    }
    used = {
        (kind, row[kind])
        for name in SCORECARDS
        for row in rows_of(warehouse, f"SELECT * FROM indicators.{name}")
        for kind in ("level", "part", "perspective", "status")
        if kind in row
    }
    assert used <= labelled


def test_what_the_catalogue_says_a_source_asks_for_stands_where_the_source_says(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """AIKUMETOD 8 under recommendation 8; a success factor under its perspective."""
    lines = rows_of(warehouse, LINES)
    perspectives = dict(
        enumerate(dict.fromkeys(row["perspective"] for row in lines if row["perspective"]), 1)
    )
    asked = 0
    for row in rows_of(warehouse, "SELECT indicator, source FROM indicators.indicator_catalogue"):
        of_indicator = [line for line in lines if line["indicator"] == row["indicator"]]
        source = row["source"] or ""
        if found := re.search(r"AIKUMETOD (\d+)", source):
            assert found[1] in {line["heading"] for line in of_indicator}, row
            asked += 1
        if found := re.search(r"AIKUMETOD (\w+) level", source):
            assert found[1] in {line["level"] for line in of_indicator}, row
            asked += 1
        if found := re.search(r"Lapland success factor (\d)", source):
            assert perspectives[int(found[1])] in {line["perspective"] for line in of_indicator}, (
                row
            )
            asked += 1
    assert asked == 17


@pytest.mark.parametrize("name", SCORECARDS)
def test_a_line_has_the_values_of_its_indicator_and_the_status_that_follows(
    name: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    values = {
        (
            row["indicator"],
            row["area"],
            row["period"],
            row["breakdown"],
            row["breakdown_value"],
        ): row["value"]
        for row in rows_of(
            warehouse, "SELECT * FROM indicators.indicator_values WHERE period_type = 'year'"
        )
    }
    catalogue = {
        row["indicator"]: row
        for row in rows_of(warehouse, "SELECT * FROM indicators.indicator_catalogue")
    }
    statuses = set()
    for row in rows_of(warehouse, f"SELECT * FROM indicators.{name}"):
        key = (row["indicator"], row["area"], row["year"], row["breakdown"], row["breakdown_value"])
        before = (*key[:2], str(int(row["year"]) - 1), *key[3:])
        assert row["value"] == values.get(key), row
        assert row["previous_value"] == values.get(before), row
        if row["value"] is not None and row["previous_value"] is not None:
            assert row["change"] == row["value"] - row["previous_value"]
        else:
            assert row["change"] is None
        if row["indicator"]:
            assert row["area_type"] in catalogue[row["indicator"]]["areas"].split("|")
        if row["value"] is None:
            assert row["status"] == "no_data", row
        elif row["target"] is None:
            declared = catalogue[row["indicator"]]
            is_of_one = declared["target"] is None or row["area_type"] in (
                "country",
                "municipality",
            )
            assert row["status"] == "no_target" and is_of_one, row
        else:
            is_met = FULFILS[row["target_operator"]](row["value"], row["target"])
            assert row["status"] == ("met" if is_met else "not_met"), row
        statuses.add(row["status"])
    assert statuses >= {"met", "not_met", "no_data", "no_target"} - (
        {"met"} if name == "strategy_map" else set()
    )


@pytest.mark.parametrize("name", SCORECARDS)
def test_what_no_data_can_show_says_so_in_every_area_and_year(
    name: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = rows_of(warehouse, f"SELECT * FROM indicators.{name}")
    areas = {(row["area_type"], row["area"], row["year"]) for row in rows}
    silent = [row for row in rows if row["indicator"] is None]
    headings = {row.get("recommendation", row.get("success_factor")) for row in silent}
    assert headings == ({1, 6, 10} if name == "aikumetod_scorecard" else {"economic_awareness"})
    for heading in headings:
        reported = [
            row
            for row in silent
            if heading in (row.get("recommendation"), row.get("success_factor"))
        ]
        assert {(row["area_type"], row["area"], row["year"]) for row in reported} == areas
    assert {(row["status"], row["value"], row["target"]) for row in silent} == {
        ("no_data", None, None)
    }
