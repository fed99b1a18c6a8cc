"""What two made-up years of three organisations publish, attacked by someone who has only that.

Much more hangs together here than in the example: every kind of file, thirteen feeds, some thirty
municipalities month by month, most of them with few people in each, so that groups are large.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import exports
from common.home import Home
from ingest import receiver
from simulation import Request, simulate
from tests.integration.exports.test_attacker import attack
from tests.integration.exports.test_measure_relations import compare
from tests.support.built_homes import SOURCES, built_home, remember_project
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow

YEARS = (2024, 2025)


def receive_and_build(home: Path, iso_sos: Path) -> None:
    remember_project(iso_sos, home)
    request = Request(organisations=3, years=2, clients=40, last_year=YEARS[-1], errors=0, seed=1)
    made_up = home.with_name("made_up")
    simulate(request, made_up, today=date(2026, 1, 1))
    receiver.receive(Home(home), [made_up])
    assert build.build(home).failures == []


@pytest.fixture(scope="module")
def simulated_years(iso_sos: Path) -> Path:
    sources = (
        *SOURCES,
        "tests/conftest.py",
        "tests/scenarios/test_attacker_on_simulated_years.py",
    )
    home, _ = built_home("simulated-years", lambda home: receive_and_build(home, iso_sos), sources)
    return home


@pytest.mark.parametrize("relation", ["sum", "same", "at_most", "bound"])
def test_what_is_declared_of_measures_is_true_of_simulated_years(
    relation: str, simulated_years: Path
) -> None:
    compared = compare(simulated_years / "warehouse.duckdb", relation)
    assert {measure: wrong for measure, _, wrong in compared if wrong} == {}
    assert sum(count for _, count, _ in compared) > 100


def test_nothing_of_each_year_both_together_and_the_export_is_found(
    simulated_years: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # What a publication withholds is kept beside the warehouse.
    warehouse = tmp_path / "home" / "warehouse.duckdb"
    warehouse.parent.mkdir()
    shutil.copyfile(simulated_years / "warehouse.duckdb", warehouse)
    out = warehouse.parent / "releases"
    made = [exports.publish(warehouse, out / str(year), year=year) for year in YEARS]
    releases = [one.files[1] for one in made]
    export = exports.publish(warehouse, warehouse.parent / "exports", earlier=releases).files[1]
    for name, files in (
        ("The first year", releases[:1]),
        ("The second year", releases[1:]),
        ("Both years", releases),
        ("Both years and the export", [*releases, export]),
    ):
        got = attack(warehouse, *files)
        with capsys.disabled():
            print(f"\n{name}: {got.attacked} numbers attacked, {got.undecided} undecided")
        assert got.attacked > 4_000
        assert (got.exact, got.within_one, got.narrower) == (0, 0, 0), got.findings[:5]
    assert all(one.disclosure.large_components > 0 for one in made)
