"""The main job through Airflow in one process: what ran, what it left, and what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from common.home import Home
from ingest.receiver import receive
from tests.support.airflow_house import EXAMPLE, exported_organisations, in_inbox, receipts
from tests.support.built_homes import remember_project
from vuosikello.orchestration import local_airflow
from vuosikello.orchestration.main_job import Ran
from vuosikello.warehouse.freshness import build_is_due

pytestmark = pytest.mark.slow


def submit(home: Home, name: str, as_name: str | None = None) -> None:
    folder = home.inbox / "essote" / "outreach"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE / "essote" / "outreach" / name, folder / (as_name or name))


def states(ran: list[Ran]) -> dict[str, str]:
    return {f"{one.dag}.{one.task}": one.state for one in ran}


@pytest.fixture(scope="module")
def home(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("main-job")).create()
    remember_project(iso_sos, home.root)
    return home


def test_the_main_job_goes_from_the_inbox_to_the_export(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    submit(home, "2018.csv")
    submit(home, "2019.2-corrected.csv")
    assert not build_is_due(home.root)
    reported: list[Ran] = []
    ran = local_airflow.run_main_job(home.root, on_task=reported.append)

    assert ran == reported
    assert states(ran) == {
        "receive_submissions.claim": "success",
        "receive_submissions.receive": "success",
        "receive_submissions.announce": "success",
        "receive_submissions.all_received": "success",
        "refresh_warehouse.build": "success",
        "refresh_warehouse.validate_feeds": "success",
        "refresh_warehouse.validate_warehouse": "success",
        "refresh_warehouse.announce": "success",
        "export_indicators.publish": "success",
    }, [one.message for one in ran if one.message]
    # Two files of different periods are received beside each other: either may be done first.
    assert {one.label for one in ran if one.task == "receive"} == {
        "essote/outreach/2018.csv",
        "essote/outreach/2019.2-corrected.csv",
    }
    assert len(receipts(home)) == 2
    assert not in_inbox(home)
    assert exported_organisations(home) == {"essote"}
    assert capfd.readouterr() == ("", "")


def test_what_has_been_built_is_not_due_and_what_came_since_is(home: Home) -> None:
    assert not build_is_due(home.root)
    submit(home, "2019.1-draft.csv", "2017.csv")
    (received,) = receive(home)
    assert received.is_accepted
    assert build_is_due(home.root)


def test_a_duplicate_makes_no_build_due(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other").create()
    shutil.copytree(home.root / "ledger", other.root / "ledger", dirs_exist_ok=True)
    assert build_is_due(other.root)  # nothing is published there yet
    shutil.copy(home.warehouse, other.warehouse)
    for line in other.ledger.glob("*.jsonl"):
        text = line.read_text(encoding="utf-8").splitlines(keepends=True)
        line.write_text("".join(text[:2]), encoding="utf-8")
    assert not build_is_due(other.root)
    with next(other.ledger.glob("*.jsonl")).open("a", encoding="utf-8") as ledger:
        ledger.write('{"event":"submission","status":"duplicate"}\n{"event":"submission","sta')
    assert not build_is_due(other.root)


def test_what_cannot_be_received_says_why_stops_the_job_and_stays_claimed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", "not a key")
    before = len(receipts(home))
    submit(home, "2018.csv", "2016.csv")
    ran = local_airflow.run_main_job(home.root)
    (failed,) = (one for one in ran if one.state == "failed")
    assert (failed.dag, failed.task) == ("receive_submissions", "receive")
    assert "must be at least 64 hexadecimal digits" in failed.message
    assert "not a key" not in failed.message
    assert states(ran)["receive_submissions.announce"] == "upstream_failed"
    assert not [one for one in ran if one.dag == "refresh_warehouse"]
    assert len(receipts(home)) == before

    monkeypatch.delenv("VUOSIKELLO_PSEUDONYM_KEY")
    receive(home)
    assert len(receipts(home)) == before + 1
