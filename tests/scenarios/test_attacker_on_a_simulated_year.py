"""What a made-up year of two organisations publishes, attacked by someone who has only that.

Much more hangs together here than in the example: every kind of file, thirteen feeds, some thirty
municipalities month by month, most of them with few people in each, so that groups are large.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import exports
from common.home import Home
from ingest import receiver
from simulation import Request, simulate
from tests.integration.exports.test_attacker import attack, description
from tests.integration.exports.test_measure_relations import compare
from tests.support.built_homes import SOURCES, built_home, remember_project
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow


def receive_and_build(home: Path, iso_sos: Path) -> None:
    remember_project(iso_sos, home)
    request = Request(organisations=2, years=1, clients=30, last_year=2025, errors=0, seed=1)
    made_up = home.with_name("made_up")
    simulate(request, made_up, today=date(2026, 1, 1))
    receiver.receive(Home(home), [made_up])
    assert build.build(home).failures == []


@pytest.fixture(scope="module")
def simulated_year(iso_sos: Path) -> Path:
    sources = (
        *SOURCES,
        "tests/conftest.py",
        "tests/scenarios/test_attacker_on_a_simulated_year.py",
    )
    home, _ = built_home("simulated-year", lambda home: receive_and_build(home, iso_sos), sources)
    return home


@pytest.mark.parametrize("relation", ["sum", "same", "at_most", "bound"])
def test_what_is_declared_of_measures_is_true_of_a_simulated_year(
    relation: str, simulated_year: Path
) -> None:
    compared = compare(simulated_year / "warehouse.duckdb", relation)
    assert {measure: wrong for measure, _, wrong in compared if wrong} == {}
    assert sum(count for _, count, _ in compared) > 100


def test_nothing_of_a_simulated_year_is_found(
    simulated_year: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = exports.publish(simulated_year / "warehouse.duckdb", tmp_path)
    got = attack(simulated_year / "warehouse.duckdb", published.files[1])
    with capsys.disabled():
        print(f"\n{description('A simulated year', published.disclosure, got)}")
    assert published.disclosure.large_components > 0
    assert got.sought > 1_000
    assert got.found == []
