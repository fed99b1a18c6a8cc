"""All feeds are made, and the same request gives the same files again, on any machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simulation import Format, simulate
from tests.support.simulated import CONTRACTS, FEW, SMALL, TODAY, digests


@pytest.mark.parametrize("file_format", Format)
def test_the_same_request_gives_the_same_bytes_whatever_the_machine(
    file_format: Format, tmp_path: Path
) -> None:
    request = replace(SMALL, format=file_format)
    contracts = CONTRACTS if file_format is Format.CSV else FEW
    simulate(request, tmp_path / "one", threads=1, today=TODAY, contracts=contracts)
    simulate(request, tmp_path / "four", threads=4, today=TODAY, contracts=contracts)
    assert len(digests(tmp_path / "one")) >= 2 * (len(contracts) - 1)
    assert digests(tmp_path / "one") == digests(tmp_path / "four")


def test_a_large_organisation_on_many_threads_gives_the_same_bytes(tmp_path: Path) -> None:
    request = replace(SMALL, organisations=1, clients=3000)
    simulate(request, tmp_path / "one", threads=1, today=TODAY, contracts=FEW)
    simulate(request, tmp_path / "eight", threads=8, today=TODAY, contracts=FEW)
    assert digests(tmp_path / "one") == digests(tmp_path / "eight")


def test_another_seed_gives_other_rows_in_every_file(tmp_path: Path) -> None:
    request = replace(SMALL, organisations=1)
    simulate(request, tmp_path / "one", today=TODAY)
    simulate(replace(request, seed=2), tmp_path / "two", today=TODAY)
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    alike = {name for name in one if one[name] == two.get(name)}
    # How many workers were asked is one number, which two seeds may share.
    assert {name for name in alike if "survey_rounds" not in name} == set()


def test_every_feed_of_every_year_has_a_file_with_the_place_of_an_inbox(
    tmp_path: Path,
) -> None:
    made = simulate(replace(SMALL, years=2, clients=200), tmp_path, today=TODAY)
    assert set(made.feeds) == set(CONTRACTS)
    assert all(rows > 0 for rows in made.feeds.values())
    periods: dict[str, set[str]] = {}
    for one in made.made:
        assert one.path == tmp_path / one.organisation / one.feed / f"{one.period}.csv"
        periods.setdefault(f"{one.organisation}/{one.feed}", set()).add(one.period)
    months = {f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)}
    for place, found in periods.items():
        monthly = place.endswith(("/contacts", "/time_entries"))
        assert found == (months if monthly else {"2023", "2024"}), place
    assert {one.organisation for one in made.made} == {"hva-01", "hva-02", "reference"}
    assert {one.feed for one in made.made if one.organisation == "reference"} == {"population"}
