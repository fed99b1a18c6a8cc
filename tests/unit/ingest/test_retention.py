"""Originals are kept as long as the contract says, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from common.home import Home
from ingest import ledger, receiver
from ingest.contracts import load_contracts
from ingest.retention import destroy_expired

ROWS = "meeting_id,held_on,body,municipality\nM1,2019-02-12,board,\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for name in ("kainuun-sote/meetings/2019.csv", "stray.csv"):
        path = home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROWS, encoding="utf-8")
    receiver.receive(home)
    return home


def originals(home: Home) -> int:
    return len(list(home.originals.glob("*.age")))


def test_originals_within_their_time_are_kept(home: Home) -> None:
    days = min(contract.retention_days for contract in load_contracts().values())
    assert destroy_expired(home, datetime.now(UTC) + timedelta(days=days - 1)) == []
    assert originals(home) == 2


def test_originals_past_their_time_are_destroyed_and_the_ledger_says_so(home: Home) -> None:
    days = max(contract.retention_days for contract in load_contracts().values())
    later = datetime.now(UTC) + timedelta(days=days + 1)
    destroyed = destroy_expired(home, later)
    assert len(destroyed) == 2
    assert originals(home) == 0
    reported = [e for e in ledger.events(home) if e["event"] == "original_destroyed"]
    assert {e["submission_id"] for e in reported} == set(destroyed)
    assert len(ledger.submissions(home)) == 2


def test_an_original_whose_destruction_was_cut_short_is_destroyed_without_telling_twice(
    home: Home,
) -> None:
    days = max(contract.retention_days for contract in load_contracts().values())
    later = datetime.now(UTC) + timedelta(days=days + 1)
    kept = {path: path.read_bytes() for path in home.originals.glob("*.age")}
    destroy_expired(home, later)
    for path, content in kept.items():
        path.write_bytes(content)
    destroy_expired(home, later)
    assert originals(home) == 0
    reported = [e for e in ledger.events(home) if e["event"] == "original_destroyed"]
    assert len(reported) == 2


@pytest.mark.parametrize("name", ["notes.age", "Z" * 26 + ".age", "131052-308T.age", "notes.txt"])
def test_a_stray_file_among_the_originals_stops_no_claim(
    home: Home, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    stray = home.originals / name
    stray.write_text("left here by a person", encoding="utf-8")
    path = home.inbox / "kainuun-sote" / "meetings" / "2020.csv"
    path.write_text(ROWS.replace("2019", "2020"), encoding="utf-8")
    assert [receipt.period for receipt in receiver.receive(home)] == ["2020"]
    days = max(contract.retention_days for contract in load_contracts().values())
    assert len(destroy_expired(home, datetime.now(UTC) + timedelta(days=days + 1))) == 3
    assert stray.exists()
    assert ("originals" in caplog.text) == name.endswith(".age")
    assert "131052" not in caplog.text
