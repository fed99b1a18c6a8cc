"""``vuosikello held``: a person sees what waits, and decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import run
from tests.support.house import csv_text, goods


def drop(home: Path, count: int) -> Path:
    path = home / "inbox" / "essote" / "outreach" / "2019.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_text("outreach", goods("outreach", count)), encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose whole year is in force, and a quarter of it in the inbox."""
    drop(tmp_path, 1200)
    assert run(tmp_path, "receive").returncode == 0
    drop(tmp_path, 300)
    return tmp_path


def listed(home: Path) -> list[dict[str, Any]]:
    done = run(home, "held", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_what_is_held_is_told_by_check_receive_held_and_status(home: Path) -> None:
    path = home / "inbox" / "essote" / "outreach" / "2019.csv"
    words = ("--feed", "outreach", "--organisation", "essote", "--period", "2019")
    checked = run(home, "check", str(path), *words)
    assert checked.returncode == 1
    assert "would wait for a person: rows of 2019: 1 200 now, 300 with it (−75%)" in checked.stdout
    received = run(home, "receive")
    assert received.returncode == 1
    assert "1 held" in received.stdout
    assert "vuosikello held accept ID --by NAME" in received.stdout
    (waiting,) = listed(home)
    assert (waiting["status"], waiting["file"]) == ("held", "essote/outreach/2019.csv")
    assert waiting["held"]["rows_before"], waiting["held"]["rows_after"] == (1200, 300)
    table = run(home, "held")
    assert table.returncode == 0
    assert waiting["submission_id"] in table.stdout
    assert "1 held, waiting for a person" in run(home, "status").stdout
    assert json.loads(run(home, "status", "--json").stdout)["held"] == 1


def test_it_is_accepted_or_refused_by_somebody_and_only_once(home: Path) -> None:
    assert json.loads(run(home, "receive", "--json").stdout)[0]["status"] == "held"
    (waiting,) = listed(home)
    name = waiting["submission_id"]
    assert run(home, "held", "accept", name).returncode == 2
    assert run(home, "held", "refuse", name, "--by", "data controller").returncode == 2
    assert (
        run(home, "held", "refuse", name, "--by", "data controller", "--reason", " ").returncode
        == 2
    )
    refused = run(
        home, "held", "refuse", name, "--by", "data controller", "--reason", "A trial", "--json"
    )
    assert refused.returncode == 0, refused.stderr
    assert json.loads(refused.stdout)["held"]["reason"] == "A trial"
    again = run(home, "held", "accept", name, "--by", "Liisa")
    assert again.returncode == 1
    assert "has been decided already: refused by data controller" in again.stderr
    assert "Traceback" not in again.stderr
    assert listed(home) == []
    drop(home, 300)
    assert run(home, "receive").returncode == 1
    (waiting,) = listed(home)
    accepted = run(home, "held", "accept", waiting["submission_id"], "--by", "data controller")
    assert accepted.returncode == 0
    assert "300 loaded" in accepted.stdout
    assert "No submission waits for a person." in run(home, "held").stdout


def test_the_thresholds_are_settings(home: Path) -> None:
    assert run(home, "receive", VUOSIKELLO_HOLD_CHANGE_SHARE="0").returncode == 0
    drop(home, 1200)
    assert run(home, "receive", VUOSIKELLO_HOLD_FROM_ROWS="301").returncode == 0
