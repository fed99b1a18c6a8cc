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
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from common.home import LAYOUT, Home
from expectations import validate
from exports.internal_manifest import InternalManifest
from exports.manifest import MANIFEST
from exports.release_files import damages
from exports.releases import releases
from ingest import receiver
from tests.support.built_homes import ALL_ROOMS, changeable_home, remember_project
from tests.support.byte_search import digests_found_in, found_in
from tests.support.command import run
from tests.support.layout_1 import client_ids, ids_sent, parquet_files, write_back
from tests.support.manifests import PATHS, paths
from tests.support.places import EXAMPLE
from vuosikello.cli.example_figures import ExpectedValues, check_expected
from vuosikello.reporting import releases as releasing
from vuosikello.reporting.internal_manifests import read_internal
from vuosikello.reporting.release_state import state
from vuosikello.reporting.releases import ReleaseProblem, Reproduced
from vuosikello.reporting.sign_off import sign_off
from vuosikello.reporting.verification import verify
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


def submitted(home: Path) -> set[tuple[str, str]]:
    """The submissions that the warehouse of a home rests on, each with the SHA-256 of its file."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT submission_id, sha256 FROM staging.stg_current_submissions"
        ).fetchall()
    return set(found)


def test_the_public_manifest_tells_what_the_release_was_made_with(home: Path, first: Path) -> None:
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    assert (
        set(paths(manifest))
        | {"corrects", "earlier_releases[].release"}
        | {"earlier_releases[].manifest_sha256"}
        == PATHS
    )
    assert manifest["release"] == "2019.1"
    assert manifest["sign_off"]["by"] == "knowledge manager"
    assert manifest["sign_off"]["override_reason"] == OVERRIDE
    (readiness,) = manifest["checks"]
    assert (readiness["suite"], readiness["passed"]) == ("readiness", False)
    assert readiness["failed"] > 0
    assert manifest["submissions"]["number"] == len(submitted(home))
    assert len(manifest["submissions"]["raw_file_macs"]) == len(submitted(home))
    assert {one["feed"] for one in manifest["versions"]["contracts"]} >= {"clients", "outreach"}
    assert all(len(one["sha256"]) == 64 for one in manifest["files"])
    (release,) = releases(home / "releases")
    assert damages(first, release.manifest.files) == []


def test_the_internal_manifest_tells_what_it_was_made_from(home: Path, first: Path) -> None:
    path = Home(home).internal_manifests / "2019.1.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = InternalManifest.parse(path.read_bytes())
    assert {(one["submission_id"], one["sha256"]) for one in kept.submissions} == submitted(home)
    assert kept.values["disclosure_control"]["suppressed_primary"] > 0
    published = json.loads((first / MANIFEST).read_text(encoding="utf-8"))["submissions"]
    assert kept.mac == published["internal_manifest_mac"]
    assert list(kept.raw_file_macs) == published["raw_file_macs"]


def test_the_manifest_tells_of_coverage_what_the_values_tell(first: Path) -> None:
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    told = {(one["organisation"], one["feed"]): one for one in manifest["coverage"]}
    values = duckdb.execute(
        "SELECT DISTINCT area, base_feed, period FROM "
        f"'{first}/open_data/values.csv' INNER JOIN '{first}/open_data/catalogue.csv' "
        "USING (indicator) WHERE area_type = 'organisation' AND left(period, 4) = '2019' "
        "AND status IN ('published', 'suppressed')"
    ).fetchall()
    months = Counter((area, feed) for area, feed, period in values if len(period) > 4)
    years = {(area, feed) for area, feed, period in values if len(period) == 4}
    assert set(told) == set(months) | years
    for key, one in told.items():
        assert (one["months"], one["has_year"]) == (months[key], key in years), key


def test_the_hash_of_no_submitted_file_is_anywhere_in_the_release(home: Path, first: Path) -> None:
    hashes = {sha256 for _, sha256 in submitted(home)}
    assert len(hashes) > 10
    assert digests_found_in(first, hashes) == []
    # The search finds them where they are.
    assert {which for _, which in digests_found_in(Home(home).internal_manifests, hashes)} == hashes


def test_whoever_has_the_public_key_verifies_the_release(home: Path, first: Path) -> None:
    public_key = home / "keys" / "signing_key.pub"
    found = verify(first, public_key)
    assert (found.problems, found.is_verified) == ([], True)
    assert public_key.read_bytes() == (first / "signing_key.pub").read_bytes()
    private = (home / "keys" / "signing.key").read_text("ascii").splitlines()[1]
    assert not [
        path
        for path in first.rglob("*")
        if path.is_file() and private.encode() in path.read_bytes()
    ]


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
    assert damages(copy, release.manifest.files) == [
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
    assert damages(first.folder, first.manifest.files) == []
    assert verify(made.folder, home / "keys" / "signing_key.pub").problems == []
    assert made.signed_with.new_in is None
    page = (made.folder / "pages" / "en" / "index.html").read_text(encoding="utf-8")
    assert "2019.1" in page
    assert state(home, 2019).corrections == []


def test_a_release_of_before_comes_out_again_byte_for_byte(home: Path, again: Reproduced) -> None:
    first = releases(home / "releases")[0]
    assert damages(first.folder, first.manifest.files) == []
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


def test_without_its_internal_manifest_a_release_is_not_made_again(home: Path) -> None:
    path = Home(home).internal_manifests / "2019.1.json"
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(ReleaseProblem, match="bring it back from the backup"):
        releasing.reproduce(home, "2019.1")
    path.write_bytes(content.replace(b'"format": 1', b'"format": 3'))
    (one, _) = releases(home / "releases")
    assert read_internal(Home(home), one).damages == [
        f"{path} is not what the release was made with."
    ]
    path.write_bytes(content)
    assert read_internal(Home(home), one).damages == []


def test_what_is_frozen_is_what_was_signed_and_not_what_came_a_moment_later(home: Path) -> None:
    last = releases(home / "releases")[-1]
    frozen = last.manifest.frozen_at
    assert frozen <= datetime.now(UTC) + timedelta(seconds=1)
    kept = InternalManifest.parse(
        (Home(home).internal_manifests / f"{last.name}.json").read_bytes()
    )
    newest = max(one["received_at"] for one in kept.submissions)
    assert datetime.fromisoformat(newest) <= frozen


def test_a_release_with_the_manifest_of_before_is_read_and_made_again(home: Path) -> None:
    """Its manifest is written back into the form that it had before there were two."""
    one = releases(home / "releases")[0]
    inside = InternalManifest.parse((Home(home).internal_manifests / "2019.1.json").read_bytes())
    now = one.manifest.values
    versions = now["versions"]
    then = {
        **{name: now[name] for name in ("release", "year", "corrects", "frozen_at", "released_on")},
        "sign_off": {name: value for name, value in now["sign_off"].items() if name != "number"},
        "sign_off_number": now["sign_off"]["number"],
        "disclosure_control": inside.values["disclosure_control"],
        "submissions": list(inside.submissions),
        "contracts": {one["feed"]: one for one in versions["contracts"]},
        "models": {"sha256": versions["models_sha256"]},
        "code": {"vuosikello": versions["vuosikello"], "sha256": versions["code_sha256"]}
        | {one["name"]: one["version"] for one in versions["libraries"]},
        "earlier_releases": now["earlier_releases"],
        "files": [one for one in now["files"] if one["path"] != "signing_key.pub"],
    }
    for name in ("signing_key.pub", "manifest.json.sig", MANIFEST):
        (one.folder / name).chmod(0o644)
        (one.folder / name).unlink()
    (one.folder / MANIFEST).write_text(json.dumps(then), encoding="utf-8")
    (Home(home).internal_manifests / "2019.1.json").unlink()

    assert [made["release"] for made in state(home, 2019).releases] == ["2019.1", "2019.2"]
    (problem,) = verify(one.folder).problems
    assert problem.startswith("It has no signature: it was made before releases were signed.")
    again = releasing.reproduce(home, "2019.1")
    assert again.damages == []
    assert again.differences == ["manifest.json differs."]
    assert again.remarks == [
        "The manifest has another form now: what it told of submissions stays in the house."
    ]
