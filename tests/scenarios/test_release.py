"""The year leaves the house: signed, released, proved, corrected, by the real rooms on the example.

The home is one of layout 1 that is taken over after its first release: the example as it was
received is written back into layout 1, then built, signed and released there, so that the release is
made of rows whose client ids stand as they were sent. Everything later happens after the upgrade: the
next build, a correction, and the proof of the first release.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from common.home import LAYOUT, Home
from expectations import validate
from exports.releases import MANIFEST, damages, releases
from ingest import receiver
from tests.support.built_homes import ALL_ROOMS, changeable_home, remember_project
from tests.support.byte_search import found_in
from tests.support.command import run
from tests.support.layout_1 import client_ids, ids_sent, parquet_files, write_back
from tests.support.places import EXAMPLE
from vuosikello.cli.example_figures import ExpectedValues, check_expected
from vuosikello.reporting import releases as releasing
from vuosikello.reporting.release_state import state
from vuosikello.reporting.releases import ReleaseProblem, Reproduced
from vuosikello.reporting.sign_off import sign_off
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow

OVERRIDE = "Only what the report tells of was ever submitted."
# One that no other text of the home holds by chance.
CLIENT = "C01297"


class Upgraded(NamedTuple):
    """What was seen while the home was taken over.

    Attributes:
        refusals: what commands said before the upgrade.
        said: what the upgrade said.
        places_before: where a client id stood before it.
        places_after: where it stood after the upgrade and the next build.
        expected: how many of the example's values that build gave.
    """

    refusals: list[str]
    said: str
    places_before: set[str]
    places_after: list[tuple[str, str]]
    expected: ExpectedValues


def signed(home: Path, year: int) -> None:
    validate(home, "readiness", year)
    sign_off(
        home,
        year,
        by="knowledge manager",
        reason="Everything that will come has come.",
        override_reason=OVERRIDE,
        through="command",
    )


def release_and_take_over(root: Path, iso_sos: Path) -> Upgraded:
    """Make a home of layout 1 with its year 2019 released, and take it over."""
    for part in ("lake", "ledger", "keys", "receipts", "originals"):
        if (iso_sos / part).exists():
            shutil.copytree(iso_sos / part, root / part)
    remember_project(iso_sos, root)
    home = Home(root).create()
    write_back(home, ids_sent(EXAMPLE / "inbox"))
    assert build.build(root).failures == []
    with pytest.raises(ReleaseProblem, match="Nobody has signed it off"):
        releasing.release(root, 2019)
    assert not home.releases.exists() or not list(home.releases.iterdir())
    signed(root, 2019)
    releasing.release(root, 2019)
    before = {place for place, _ in found_in(home, [CLIENT])}
    refusals = [
        run(root, *words).stderr
        for words in (("status",), ("build",), ("receive",), ("reproduce", "2019.1"))
    ]
    upgraded = run(root, "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert build.build(root).failures == []
    after = found_in(home, [CLIENT])
    expected = check_expected(home.warehouse)
    return Upgraded(refusals, upgraded.stdout, before, after, expected)


@pytest.fixture(scope="module")
def home_and_seen(iso_sos: Path) -> Iterator[tuple[Path, Upgraded]]:
    sources = (
        *ALL_ROOMS,
        "tests/support/layout_1.py",
        "tests/support/byte_search.py",
        "tests/scenarios/test_release.py",
    )
    with changeable_home(
        "released", lambda home: release_and_take_over(home, iso_sos), sources
    ) as made:
        yield made


@pytest.fixture(scope="module")
def home(home_and_seen: tuple[Path, Upgraded]) -> Path:
    """A home of the example with its year 2019 released, and taken over since."""
    return home_and_seen[0]


@pytest.fixture(scope="module")
def seen(home_and_seen: tuple[Path, Upgraded]) -> Upgraded:
    return home_and_seen[1]


@pytest.fixture(scope="module")
def again(home: Path) -> Reproduced:
    """What became of making the first release again, when a correction had been released."""
    assert [one.name for one in releases(home / "releases")] == ["2019.1", "2019.2"]
    return releasing.reproduce(home, "2019.1")


def test_before_it_every_command_says_what_to_do(seen: Upgraded) -> None:
    for said in seen.refusals:
        assert "made by an older version of the program" in said
        assert "vuosikello upgrade" in said


def test_it_says_what_it_did_and_what_comes_next(home: Path, seen: Upgraded) -> None:
    assert f"Files rewritten: {len(parquet_files(Home(home)))}." in seen.said
    assert "vuosikello build" in seen.said
    assert Home(home).version.read_text("ascii") == f"{LAYOUT}\n"


def test_no_client_id_stands_anywhere_as_it_was_sent(home: Path, seen: Upgraded) -> None:
    assert {place.split("/")[0] for place in seen.places_before} >= {"lake", "warehouse.duckdb"}
    assert seen.places_after == []
    for path in parquet_files(Home(home)):
        assert not [one for one in client_ids(path) if one.startswith("C")]


def test_the_next_build_gives_every_expected_value_of_the_example(seen: Upgraded) -> None:
    assert seen.expected == (58, 58, 0)


@pytest.fixture(scope="module")
def first(home: Path) -> Path:
    return home / "releases" / "2019.1"


def test_a_release_holds_what_people_read(first: Path) -> None:
    for path in (
        "indicators.csv",
        "indicators.parquet",
        "open_data/datapackage.json",
        "pages/index.html",
        "pages/fi/index.html",
        "report/social-report.fi.pdf",
        "report/social-report.sv.html",
        "workbook/vuosikello-2019.1.en.xlsx",
    ):
        assert (first / path).stat().st_size > 500, path


def test_the_page_of_the_officer_who_vouches_stays_in_the_house(home: Path, first: Path) -> None:
    page = releasing.vouching_page(home, "2019.1").read_text(encoding="utf-8")
    assert "2019.1" in page
    assert not list(first.glob("**/*disclosure*"))
    assert not list(first.glob("**/withheld*"))


def test_the_manifest_tells_what_the_release_is_made_of(home: Path, first: Path) -> None:
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["release"] == "2019.1"
    assert manifest["sign_off"]["by"] == "knowledge manager"
    assert manifest["sign_off"]["override_reason"] == OVERRIDE
    assert manifest["checks"]["failed"] > 0
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        current = connection.execute(
            "SELECT submission_id, sha256 FROM staging.stg_current_submissions"
        ).fetchall()
    assert {(one["submission_id"], one["sha256"]) for one in manifest["submissions"]} == set(
        current
    )
    assert set(manifest["contracts"]) >= {"clients", "outreach"}
    assert all(len(one["sha256"]) == 64 for one in manifest["files"])
    assert manifest["disclosure_control"]["suppressed_primary"] > 0
    (release,) = releases(home / "releases")
    assert damages(release) == []


def test_no_suppressed_number_is_in_any_file_of_values(first: Path) -> None:
    hidden = duckdb.execute(
        f"SELECT count(*) FROM '{first}/indicators.parquet' WHERE status = 'suppressed' "
        "AND coalesce(value, numerator, denominator, persons, events) IS NOT NULL"
    ).fetchall()
    assert hidden == [(0,)]


def test_what_was_signed_is_released_once(home: Path) -> None:
    with pytest.raises(ReleaseProblem, match=r"is released as 2019\.1"):
        releasing.release(home, 2019)


def test_a_changed_file_is_found(home: Path, first: Path, tmp_path: Path) -> None:
    copy = tmp_path / "releases" / "2019.1"
    shutil.copytree(first, copy)
    page = copy / "pages" / "fi" / "index.html"
    page.chmod(0o644)
    page.write_text(page.read_text(encoding="utf-8") + "<!-- -->", encoding="utf-8")
    (copy / "indicators.csv").unlink()
    (copy / "more.txt").touch()
    (release,) = releases(tmp_path / "releases")
    assert damages(release) == [
        "indicators.csv is missing.",
        "more.txt does not belong to it.",
        "pages/fi/index.html has been changed.",
    ]


def test_an_unknown_release_is_told_with_those_there_are(home: Path) -> None:
    with pytest.raises(ReleaseProblem, match=r"There is no release 2018\.1. There are: 2019\.1"):
        releasing.reproduce(home, "2018.1")


def test_what_comes_after_the_freeze_is_a_correction(home: Path, tmp_path: Path) -> None:
    """One visit of 2019 is taken back; the next release says which values it changed, and why."""
    assert state(home, 2019).corrections == []
    source = EXAMPLE / "inbox" / "kainuun-sote" / "outreach"
    folder = tmp_path / "kainuun-sote" / "outreach"
    folder.mkdir(parents=True)
    (path,) = sorted(source.glob("2019*.csv"))[-1:]
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    corrected = folder / path.name
    corrected.write_text("".join(lines[:-3]), encoding="utf-8")
    (receipt,) = receiver.receive(Home(home), [corrected])
    assert receipt.is_accepted
    (correction,) = state(home, 2019).corrections
    assert correction.submission_id == receipt.submission_id
    assert correction.replaces is not None
    assert build.build(home).failures == []
    signed(home, 2019)
    made = releasing.release(home, 2019)

    assert (made.name, made.corrects) == ("2019.2", "2019.1")
    assert made.revisions > 0
    with (made.folder / "open_data" / "revisions.csv").open(encoding="utf-8", newline="") as file:
        revisions = list(csv.DictReader(file))
    assert len(revisions) == made.revisions
    (visits,) = [
        row
        for row in revisions
        if (row["indicator"], row["area"], row["period"], row["breakdown"])
        == ("outreach.visits", "kainuun-sote", "2019", "none")
    ]
    assert float(visits["old_value"]) - float(visits["new_value"]) == 3
    assert receipt.submission_id in visits["submissions"]
    assert visits["why"] in ("own", "replaced")
    first = releases(home / "releases")[0]
    assert damages(first) == []
    page = (made.folder / "pages" / "en" / "index.html").read_text(encoding="utf-8")
    assert "2019.1" in page
    assert state(home, 2019).corrections == []


def test_a_release_of_before_comes_out_again_byte_for_byte(home: Path, again: Reproduced) -> None:
    first = releases(home / "releases")[0]
    assert damages(first) == []
    assert (again.differences, again.damages, again.remarks) == ([], [], [])
    assert again.is_same
    assert again.needs is None
    assert found_in(Home(home), [CLIENT]) == []


def test_a_release_comes_out_again_byte_for_byte_whatever_has_come_since(
    home: Path, again: Reproduced
) -> None:
    assert again.differences == []
    assert again.damages == []
    assert again.remarks == []
    assert again.is_same
    assert sorted(path.name for path in (home / "releases").iterdir()) == ["2019.1", "2019.2"]


def test_what_is_frozen_is_what_was_signed_and_not_what_came_a_moment_later(home: Path) -> None:
    last = releases(home / "releases")[-1]
    frozen = datetime.fromisoformat(last.manifest["frozen_at"])
    assert frozen <= datetime.now(UTC) + timedelta(seconds=1)
    newest = max(one["received_at"] for one in last.manifest["submissions"])
    assert datetime.fromisoformat(newest) <= frozen
