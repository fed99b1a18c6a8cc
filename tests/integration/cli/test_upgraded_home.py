"""A home of layout 1 goes on after an upgrade: its figures, its releases and their proof.

The example is received and written back into layout 1, then built, signed and released there, so
that the release is made of rows whose client ids stand as they were sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from common.home import LAYOUT, Home
from expectations import validate
from exports.release_files import damages
from exports.releases import releases
from ingest import receiver
from tests.support.built_homes import ALL_ROOMS, built_home
from tests.support.byte_search import found_in
from tests.support.command import run
from tests.support.layout_1 import client_ids, ids_sent, parquet_files, write_back
from tests.support.places import EXAMPLE
from vuosikello.cli.example_figures import ExpectedValues, check_expected
from vuosikello.reporting import releases as releasing
from vuosikello.reporting.releases import Reproduced
from vuosikello.reporting.sign_off import sign_off
from vuosikello.warehouse import build

SOURCES = (*ALL_ROOMS, "tests/support/layout_1.py", "tests/integration/cli/test_upgraded_home.py")
# One that no other text of the home holds by chance.
CLIENT = "C01297"


class Upgraded(NamedTuple):
    """What was seen while a home was taken over.

    Attributes:
        refusals: what commands said before the upgrade.
        said: what the upgrade said.
        places_before: where a client id stood before it.
        expected: how many of the example's values the next build gave.
        again: what became of making the release of before again.
    """

    refusals: list[str]
    said: str
    places_before: set[str]
    expected: ExpectedValues
    again: Reproduced


def _release(home: Path) -> None:
    validate(home, "readiness", 2019)
    sign_off(
        home,
        2019,
        by="knowledge manager",
        reason="Everything that will come has come.",
        override_reason="Only what the report tells of was ever submitted.",
    )
    releasing.release(home, 2019)


def _take_over(root: Path) -> Upgraded:
    home = Home(root)
    receiver.receive(home, [EXAMPLE / "inbox"])
    write_back(home, ids_sent(EXAMPLE / "inbox"))
    assert build.build(root).failures == []
    _release(root)
    places = {place for place, _ in found_in(home, [CLIENT])}
    refusals = [
        run(root, *words).stderr
        for words in (("status",), ("build",), ("receive",), ("reproduce", "2019.1"))
    ]
    upgraded = run(root, "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert build.build(root).failures == []
    expected = check_expected(home.warehouse)
    return Upgraded(
        refusals, upgraded.stdout, places, expected, releasing.reproduce(root, "2019.1")
    )


@pytest.fixture(scope="module")
def home_and_seen() -> tuple[Home, Upgraded]:
    root, seen = built_home("upgraded", _take_over, SOURCES)
    return Home(root), seen


@pytest.fixture
def home(home_and_seen: tuple[Home, Upgraded]) -> Home:
    return home_and_seen[0]


@pytest.fixture
def seen(home_and_seen: tuple[Home, Upgraded]) -> Upgraded:
    return home_and_seen[1]


def test_before_it_every_command_says_what_to_do(seen: Upgraded) -> None:
    for said in seen.refusals:
        assert "made by an older version of the program" in said
        assert "vuosikello upgrade" in said


def test_it_says_what_it_did_and_what_comes_next(home: Home, seen: Upgraded) -> None:
    assert f"Files rewritten: {len(parquet_files(home))}." in seen.said
    assert "vuosikello build" in seen.said
    assert home.version.read_text("ascii") == f"{LAYOUT}\n"


def test_no_client_id_stands_anywhere_as_it_was_sent(home: Home, seen: Upgraded) -> None:
    assert {place.split("/")[0] for place in seen.places_before} >= {"lake", "warehouse.duckdb"}
    assert found_in(home, [CLIENT]) == []
    for path in parquet_files(home):
        assert not [one for one in client_ids(path) if one.startswith("C")]


def test_the_next_build_gives_every_expected_value_of_the_example(seen: Upgraded) -> None:
    assert seen.expected == (58, 58, 0)


def test_a_release_of_before_comes_out_again_byte_for_byte(home: Home, seen: Upgraded) -> None:
    (release,) = releases(home.releases)
    assert damages(release.folder, release.manifest.files) == []
    assert (seen.again.differences, seen.again.damages, seen.again.remarks) == ([], [], [])
    assert seen.again.is_same
    assert seen.again.needs is None
