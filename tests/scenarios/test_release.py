"""The year leaves the house: signed, released, proved, corrected, by the real rooms on the example."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from common.home import Home
from expectations import validate
from exports.releases import MANIFEST, damages, releases
from ingest import receiver
from tests.support.built_homes import ALL_ROOMS, changeable_home
from vuosikello.reporting import releases as releasing
from vuosikello.reporting.release_state import state
from vuosikello.reporting.releases import ReleaseProblem
from vuosikello.reporting.sign_off import sign_off
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow

OVERRIDE = "Only what the report tells of was ever submitted."


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


@pytest.fixture(scope="module")
def home(iso_sos: Path) -> Iterator[Path]:
    """A home of the example with its year 2019 released."""

    def make(home: Path) -> None:
        shutil.copytree(iso_sos, home)
        with pytest.raises(ReleaseProblem, match="Nobody has signed it off"):
            releasing.release(home, 2019)
        assert not (home / "releases").exists() or not list((home / "releases").iterdir())
        signed(home, 2019)
        releasing.release(home, 2019)

    sources = (*ALL_ROOMS, "tests/scenarios/test_release.py")
    with changeable_home("released", make, sources) as (home, _):
        yield home


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
    source = Path("examples/iso_sos/inbox/kainuun-sote/outreach")
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


def test_a_release_comes_out_again_byte_for_byte_whatever_has_come_since(home: Path) -> None:
    again = releasing.reproduce(home, "2019.1")
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
