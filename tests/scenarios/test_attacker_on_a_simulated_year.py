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
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow


def test_nothing_of_a_simulated_year_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = Request(organisations=2, years=1, clients=30, last_year=2025, errors=0, seed=1)
    simulate(request, tmp_path / "made_up", today=date(2026, 1, 1))
    home = tmp_path / "home"
    receiver.receive(Home(home), [tmp_path / "made_up"])
    assert build.build(home).failures == []
    published = exports.publish(home / "warehouse.duckdb", home / "exports")
    got = attack(home / "warehouse.duckdb", published.files[1])
    with capsys.disabled():
        print(f"\n{description('A simulated year', published.disclosure, got)}")
    assert published.disclosure.large_components > 0
    assert got.sought > 10_000
    assert got.found == []
