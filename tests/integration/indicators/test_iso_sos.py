"""The indicators of the ISO SOS example: as published, and as counted once more by other means."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.indicator_key import KEY
from tests.support.mirror import INDICATORS, Cell, Key, mirrored_cells
from tests.support.places import ROOT

EXPECTED = ROOT / "examples" / "iso_sos" / "expected.csv"


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def computed(warehouse: duckdb.DuckDBPyConnection) -> dict[Key, Cell]:
    """What the warehouse says."""
    rows = warehouse.execute(
        f"""
        SELECT
            {", ".join(KEY)}, v.numerator, v.denominator, v.persons, v.events,
            b.numerator_persons, b.other_side_persons, b.persons
        FROM indicators.indicator_values AS v
        INNER JOIN indicators.indicator_basis AS b USING ({", ".join(KEY)})
        """
    ).fetchall()
    return {row[: len(KEY)]: Cell(*row[len(KEY) :]) for row in rows}


@pytest.fixture(scope="module")
def counted(warehouse: duckdb.DuckDBPyConnection) -> dict[Key, Cell]:
    """What plain Python counts."""
    return mirrored_cells(warehouse)


def published_rows() -> list[dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "row", published_rows(), ids=lambda row: "-".join(row[name] for name in KEY)
)
def test_the_figures_of_the_final_report_come_out(
    row: dict[str, str], computed: dict[Key, Cell]
) -> None:
    cell = computed[tuple(row[name] for name in KEY)]  # type: ignore[index]
    assert cell.numerator == float(row["numerator"])
    assert cell.denominator == (float(row["denominator"]) if row["denominator"] else None)


def test_the_example_has_figures_of_every_theme_but_time_for_both_years() -> None:
    rows = published_rows()
    assert len(rows) == 58
    assert {row["indicator"].split(".")[0] for row in rows} == {
        "caseload",
        "outreach",
        "process",
        "outcome",
        "staff",
        "structural",
        "access",
    }
    assert {row["period"] for row in rows} == {"2018", "2019"}


def test_there_are_exactly_the_rows_that_plain_python_counts(
    computed: dict[Key, Cell], counted: dict[Key, Cell]
) -> None:
    assert sorted(computed.keys() - counted.keys())[:10] == []
    assert sorted(counted.keys() - computed.keys())[:10] == []


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_cell_is_what_plain_python_counts(
    indicator: str, computed: dict[Key, Cell], counted: dict[Key, Cell]
) -> None:
    cells = {key: cell for key, cell in computed.items() if key[0] == indicator}
    assert bool(cells) == any(key[0] == indicator for key in counted)
    for key, cell in cells.items():
        mirrored = counted[key]
        assert math.isclose(cell.numerator, mirrored.numerator, rel_tol=1e-12), key
        assert math.isclose(cell.denominator or 0, mirrored.denominator or 0, rel_tol=1e-12), key
        assert (cell.denominator is None) == (mirrored.denominator is None), key
        assert (cell.persons, cell.events) == (mirrored.persons, mirrored.events), key


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_people_on_the_sides_of_a_value_are_counted_or_never_overstated(
    indicator: str, computed: dict[Key, Cell], counted: dict[Key, Cell]
) -> None:
    for key, cell in computed.items():
        if key[0] != indicator:
            continue
        mirrored = counted[key]
        assert cell.numerator_persons == mirrored.numerator_persons, key
        assert cell.basis_persons == mirrored.basis_persons, key
        is_bound = INDICATORS[indicator].only and not INDICATORS[indicator].heads
        if is_bound and mirrored.other_side_persons is not None:
            # A bound from below: a part of a whole has no measure of what it leaves.
            assert cell.other_side_persons is not None, key
            assert cell.other_side_persons <= mirrored.other_side_persons, key
            assert (cell.other_side_persons == 0) == (mirrored.other_side_persons == 0), key
        else:
            assert cell.other_side_persons == mirrored.other_side_persons, key


def test_the_example_holds_what_makes_the_comparison_worth_its_while(
    computed: dict[Key, Cell],
) -> None:
    cells = {key[:4] + key[5:] for key in computed}
    organisation = ("organisation", "kainuun-sote", "month")
    assert ("outreach.visits", *organisation, "none", "all") in cells
    assert ("time.allocation", *organisation, "activity", "development") in cells
    assert ("caseload.workers_by_band", *organisation, "band", "60+") in cells
    assert ("outreach.visits_per_10000", "welfare_area", "12", "year", "none", "all") in cells
    zeros = [key for key, cell in computed.items() if cell.numerator == 0]
    assert any(key[0] == "outreach.visits" for key in zeros)


def test_the_export_of_the_example_tells_of_no_few_people(iso_sos: Path, tmp_path: Path) -> None:
    import exports

    _, parquet = exports.publish(iso_sos / "warehouse.duckdb", tmp_path).files
    values = f"read_parquet('{parquet}')"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{iso_sos / 'warehouse.duckdb'}' AS house (READ_ONLY)")
        connection.execute("USE house.indicators")

        def ask(query: str) -> Any:
            return connection.execute(query).fetchall()

        few = "BETWEEN 1 AND 4"
        personal = (
            f"{values} AS e INNER JOIN indicator_catalogue AS c USING (indicator) "
            f"LEFT JOIN indicator_basis AS b USING ({', '.join(KEY)})"
        )
        seen = ask(
            f"SELECT e.indicator, e.persons, e.numerator, e.denominator FROM {personal} "
            f"WHERE e.status = 'published' AND c.personal AND (e.persons {few} "
            # One visit can be to many people, and one session many people's.
            f"OR (c.kind = 'count' AND c.unit NOT IN ('visits', 'sessions') AND e.numerator {few}) "
            f"OR b.persons {few} OR b.numerator_persons {few} OR b.other_side_persons {few} "
            "OR (c.kind = 'share' AND c.persons_kind = 'clients' "
            f"AND (e.numerator {few} OR e.denominator - e.numerator {few})))"
        )
        withheld = ask(
            f"SELECT DISTINCT c.personal, e.value, e.numerator, e.denominator, e.persons, e.events "
            f"FROM {personal} WHERE e.status = 'suppressed'"
        )
    assert seen == []
    assert withheld == [(True, None, None, None, None, None)]
