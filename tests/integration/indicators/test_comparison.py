"""Every value of the example beside others, compared once more in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.indicator_key import KEY

Row = dict[str, Any]


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def rows_of(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def compared(warehouse: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows_of(warehouse, "SELECT * FROM indicators.indicator_comparison")


@pytest.fixture(scope="module")
def values(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, ...], float]:
    rows = rows_of(warehouse, "SELECT * FROM indicators.indicator_values")
    return {tuple(row[name] for name in KEY): row["value"] for row in rows}


def test_every_value_stands_once(compared: list[Row], values: dict[tuple[str, ...], float]) -> None:
    assert {tuple(row[name] for name in KEY): row["value"] for row in compared} == values
    assert len(compared) == len(values)


def test_the_values_beside_are_those_of_the_area_the_country_and_the_year_before(
    compared: list[Row],
    values: dict[tuple[str, ...], float],
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    welfare_area = {
        (row["area_type"], row["area"]): row["welfare_area"]
        for row in rows_of(
            warehouse,
            "SELECT 'organisation' AS area_type, organisation AS area, welfare_area "
            "FROM marts.dim_organisation UNION ALL "
            "SELECT 'municipality', municipality, welfare_area FROM marts.dim_municipality",
        )
    }
    for row in compared:
        own = row["area"] if row["area_type"] == "welfare_area" else None
        area = own or welfare_area.get((row["area_type"], row["area"]))
        same = tuple(row[name] for name in KEY[3:])
        year = str(int(row["period"][:4]) - 1) + row["period"][4:]
        before = (*(row[name] for name in KEY[:4]), year, row["breakdown"], row["breakdown_value"])
        assert row["welfare_area"] == area
        assert row["welfare_area_value"] == (
            values.get((row["indicator"], "welfare_area", area, *same)) if area else None
        )
        assert row["country_value"] == values.get((row["indicator"], "country", "FI", *same))
        assert row["previous_value"] == values.get(before)
        assert row["change"] == (row["value"] - values[before] if before in values else None)
    for column in ("welfare_area_value", "country_value", "previous_value"):
        assert sum(row[column] is not None for row in compared) > 1000


def test_organisations_are_ranked_by_what_is_better_and_ties_share_a_rank(
    compared: list[Row], warehouse: duckdb.DuckDBPyConnection
) -> None:
    direction = {
        row["indicator"]: row["direction"]
        for row in rows_of(warehouse, "SELECT * FROM indicators.indicator_catalogue")
    }
    names = {"up": "highest", "down": "lowest", "none": "size"}
    peers: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in compared:
        if row["area_type"] == "organisation":
            peers[row["indicator"], *(row[name] for name in KEY[3:])].append(row["value"])
    ranks = set()
    for row in compared:
        reported = (row["organisation_rank"], row["organisations_ranked"], row["ranked_by"])
        if row["area_type"] != "organisation":
            assert reported == (None, None, None)
            continue
        others = peers[row["indicator"], *(row[name] for name in KEY[3:])]
        ranked_by = names[direction[row["indicator"]]]
        ahead = [
            other
            for other in others
            if (other < row["value"] if ranked_by == "lowest" else other > row["value"])
        ]
        assert reported == (len(ahead) + 1, len(others), ranked_by), row
        ranks.add(reported[0])
    assert ranks == {1, 2, 3, 4}
