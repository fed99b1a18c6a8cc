"""The commands of the reporting window: window, remind, sign-off, validate --on."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from common.clock import FINLAND
from expectations.readiness_summary import Verdict
from expectations.reporting_calendar import OTHER_WINDOWS, Stage, WindowError
from expectations.results import Severity
from tests.support.signed_home import (
    OPEN,
    YEAR,
    failure,
    judge,
    publish_warehouse,
)
from vuosikello.cli import app
from vuosikello.reporting.alerts import Deadline, deadline_passed
from vuosikello.reporting.reporting_window import window_state
from vuosikello.reporting.sign_off import latest_sign_off, sign_off


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish_warehouse(tmp_path)
    judge(tmp_path, failure(), failure("volume.plans", "hva-01", severity=Severity.WARNING))
    return tmp_path


@pytest.fixture
def open_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> date:
    """The window of the year is open today, in a rehearsal."""
    today = datetime.now(FINLAND).date()
    days = [today - timedelta(n) for n in (60, 20, 11, 10)]
    path = tmp_path / "windows.csv"
    path.write_text(
        "year,collection_opens,reminders,due,window_opens,results_due\n"
        f"{YEAR},{','.join(map(str, days))},{today + timedelta(50)}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv(OTHER_WINDOWS, str(path))
    return today


def run(
    home: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["vuosikello", "--home", str(home), *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), " ".join(said.out.split()), " ".join(said.err.split())


def test_the_state_of_a_window_brings_everything_together(home: Path) -> None:
    deadline_passed(home, YEAR, Deadline.COLLECTION, now=OPEN)
    state = window_state(home, YEAR, on=date(2027, 2, 2))
    assert (state.stage, state.days_left, state.next_reminder) == (Stage.OPEN, -2, None)
    assert state.readiness is not None
    assert state.readiness.verdict is Verdict.NOT_READY
    assert state.readiness.is_current
    assert (state.readiness.missing, state.readiness.implausible) == (1, 1)
    assert state.readiness.critical_of == ["hva-20"]
    assert state.sign_off is None
    assert [alert.deadline for alert in state.alerts] == [Deadline.COLLECTION]


def test_after_a_sign_off_the_alerts_are_over(home: Path) -> None:
    deadline_passed(home, YEAR, Deadline.COLLECTION, now=OPEN)
    sign_off(
        home, YEAR, by="knowledge manager", reason="Ready.", override_reason="Closed.", at=OPEN
    )
    state = window_state(home, YEAR, on=date(2027, 2, 3))
    assert state.alerts == []
    assert state.sign_off is not None
    assert (state.sign_off.decision, state.sign_off.is_current) == ("approved", True)
    publish_warehouse(home, newest="SUBMISSION-2")
    later = window_state(home, YEAR, on=date(2027, 2, 3))
    assert later.sign_off is not None
    assert not later.sign_off.is_current
    assert later.readiness is not None
    assert not later.readiness.is_current


def test_an_empty_home_has_a_window_too(tmp_path: Path) -> None:
    state = window_state(tmp_path, on=date(2026, 11, 27))
    assert (state.year, state.stage, state.readiness) == (2026, Stage.COLLECTING, None)
    assert state.next_reminder == date(2026, 12, 1)
    with pytest.raises(WindowError, match="no reporting window for 2000"):
        window_state(tmp_path, 2000)


def test_the_window_is_shown(
    home: Path,
    open_window: date,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    judge(home, failure(), on=open_window)
    code, out, _ = run(home, "window", monkeypatch=monkeypatch, capsys=capsys)
    assert code == 0
    assert f"Reporting window of {YEAR} The window is open" in out
    assert "11 days ago" in out
    assert "not ready: 1 critical" in out
    assert "nobody has decided" in out
    assert "What to do next" in out
    code, out, _ = run(home, "window", "--json", monkeypatch=monkeypatch, capsys=capsys)
    state = json.loads(out)
    assert (code, state["year"], state["stage"]) == (0, YEAR, "open")
    assert state["readiness"]["critical_of"] == ["hva-20"]


def test_a_year_is_signed_by_command(
    home: Path,
    open_window: date,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    judge(home, failure(), on=open_window)
    command = ["sign-off", "--year", str(YEAR), "--by", "knowledge manager", "--reason", "Ready."]
    code, out, err = run(home, *command, monkeypatch=monkeypatch, capsys=capsys)
    assert (code, out) == (1, "")
    assert "2026 is not ready: 1 critical checks do not hold (submitted.contacts)" in err
    command += ["--override", "The unit was closed."]
    code, out, _ = run(home, *command, monkeypatch=monkeypatch, capsys=capsys)
    assert code == 0
    assert "2026 is signed off by knowledge manager" in out
    assert "vuosikello release --year 2026" in out
    signed = latest_sign_off(home, YEAR)
    assert signed is not None
    assert (signed.through, signed.override_reason) == ("command", "The unit was closed.")
    code, out, _ = run(
        home, "sign-off", "--year", str(YEAR), "--by", "knowledge manager", "--reason",
        "In error.", "--reject", "--json", monkeypatch=monkeypatch, capsys=capsys,
    )  # fmt: skip
    assert (code, json.loads(out)["decision"], json.loads(out)["number"]) == (0, "rejected", 2)


def test_who_and_why_must_be_given(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("sign-off", "--year", str(YEAR), "--by", "knowledge manager")
    assert run(home, *arguments, monkeypatch=monkeypatch, capsys=capsys)[0] == 2


def test_before_the_window_opens_the_command_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["sign-off", "--year", "2039", "--by", "x", "--reason", "y", "--override", "z"]
    judge(home, failure(), year=2039, on=date(2040, 1, 31))
    code, _, err = run(home, *arguments, monkeypatch=monkeypatch, capsys=capsys)
    assert code == 1
    assert "The window of 2039 opens on 2040-02-01" in err


def test_reminders_need_a_warehouse_and_a_year_with_a_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(tmp_path, "remind", monkeypatch=monkeypatch, capsys=capsys)
    assert code == 1
    assert "Build it: vuosikello build" in err
    code, _, err = run(tmp_path, "window", "--year", "1999", monkeypatch=monkeypatch, capsys=capsys)
    assert code == 1
    assert "no reporting window for 1999" in err


def test_reminders_of_the_example_are_written_by_command(
    iso_sos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "warehouse.duckdb").symlink_to(iso_sos / "warehouse.duckdb")
    code, out, _ = run(tmp_path, "remind", "--year", "2019", monkeypatch=monkeypatch, capsys=capsys)
    assert code == 0
    assert "Reminders for 2019" in out
    assert "kainuun-sote" in out
    text = (tmp_path / "reminders" / "2019" / "kainuun-sote.fi.txt").read_text(encoding="utf-8")
    assert "Asiakaskontaktit (contacts): puuttuvat kuukaudet 2019-01 – 2019-09" in text
    code, out, _ = run(
        tmp_path, "validate", "--suite", "readiness", "--year", "2019", "--on", "2019-11-05",
        "--json", monkeypatch=monkeypatch, capsys=capsys,
    )  # fmt: skip
    assert (code, json.loads(out)["suites"]["readiness"]["failed"]) == (0, 0)
    code, _, err = run(
        tmp_path, "validate", "--on", "5.11.2019", monkeypatch=monkeypatch, capsys=capsys
    )
    assert code == 2
    assert "write a day such as 2027-01-31" in err
