"""What has come since a year was frozen, and may change its next release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.home import Home
from vuosikello.cli.output.releases import show_releases
from vuosikello.cli.output.streams import out
from vuosikello.reporting.release_state import ReleaseState, state

FROZEN = "2020-02-01T08:00:00Z"


def receive(home: Path, submission_id: str, period: str, **changes: str) -> None:
    """Write one line of the ledger, for a submission that came after the year was frozen."""
    event = {
        "event": "submission",
        "submission_id": submission_id,
        "organisation": "kainuun-sote",
        "feed": "plans",
        "period": period,
        "period_start": f"{period}-01-01",
        "period_end": f"{period}-12-31",
        "file": f"kainuun-sote/plans/{period}.csv",
        "received_at": "2020-03-01T08:00:00.000000Z",
        "known_at": "2020-03-01T08:00:00.000000Z",
        "status": "accepted",
        "supersedes": None,
    }
    ledger = Home(home).ledger
    ledger.mkdir(parents=True, exist_ok=True)
    with (ledger / "2020-03.writer.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(event | changes) + "\n")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that has released 2019."""
    folder = Home(tmp_path).releases / "2019.1"
    folder.mkdir(parents=True)
    manifest = {
        "frozen_at": FROZEN,
        "released_on": "2020-02-01",
        "sign_off": {"by": "knowledge manager"},
        "sign_off_number": 1,
        "corrects": None,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def test_a_late_submission_for_the_year_before_is_a_correction_too(home: Path) -> None:
    # A plan of the year before is read by the share of plans reviewed in the year.
    receive(home, "OF-2017", "2017")
    receive(home, "OF-2018", "2018")
    receive(home, "OF-2019", "2019")
    receive(home, "OF-2020", "2020")
    found = state(home, 2019).corrections
    assert [one.submission_id for one in found] == ["OF-2018", "OF-2019"]


def test_what_was_known_when_the_year_was_frozen_is_no_correction(home: Path) -> None:
    early = "2020-01-15T08:00:00.000000Z"
    receive(home, "EARLY", "2018", received_at=early, known_at=early)
    receive(home, "REFUSED", "2018", status="refused")
    assert state(home, 2019).corrections == []


def withdraw(home: Path, submission_id: str, known_at: str) -> None:
    event = {
        "event": "withdrawal",
        "submission_id": submission_id,
        "known_at": known_at,
        "withdrawn_by": "a manager",
    }
    with (Home(home).ledger / "2020-03.writer.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def test_a_withdrawal_after_the_year_was_frozen_is_a_correction(home: Path) -> None:
    early, late = "2020-01-15T08:00:00.000000Z", "2020-03-02T08:00:00.000000Z"
    for name in ("STAYS", "TAKEN BACK BEFORE", "TAKEN BACK SINCE"):
        receive(home, name, "2019", received_at=early, known_at=early)
    receive(home, "CAME AND WENT", "2019")
    withdraw(home, "TAKEN BACK BEFORE", "2020-01-16T08:00:00.000000Z")
    withdraw(home, "TAKEN BACK SINCE", late)
    withdraw(home, "CAME AND WENT", late)
    found = state(home, 2019).corrections
    assert [(one.submission_id, one.withdrawn_at) for one in found] == [("TAKEN BACK SINCE", late)]
    with out.capture() as captured:
        show_releases([ReleaseState(2019, corrections=found)])
    assert "withdrawn by a manager on 2020-03-02 10:00" in " ".join(captured.get().split())
