"""The reporting windows: read from data, in order, and the same as the annual clock."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.reporting_calendar import (
    OTHER_WINDOWS,
    WINDOWS,
    Stage,
    WindowError,
    current_window,
    end_of,
    load_windows,
    window_of,
)

HEADER = "year,collection_opens,reminders,due,window_opens,results_due\n"


def clock() -> dict[str, dict[str, str]]:
    path = WINDOWS.with_name("annual_clock.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["stage"]: row for row in csv.DictReader(file)}


def test_every_year_has_its_window() -> None:
    assert sorted(load_windows()) == list(range(2018, 2041))


@pytest.mark.parametrize("year", range(2018, 2041))
def test_the_windows_and_the_annual_clock_tell_the_same_days(year: int) -> None:
    stages, window = clock(), window_of(year)
    assert window.collection_opens.isoformat() == f"{year}-{stages['collect']['begins']}"
    assert window.due.isoformat() == f"{year + 1}-{stages['collect']['ends']}"
    assert window.window_opens.isoformat() == f"{year + 1}-{stages['process']['begins']}"
    assert window.results_due.isoformat() == f"{year + 1}-{stages['decide']['ends']}"
    assert window.reminders
    assert all(window.collection_opens <= day <= window.due for day in window.reminders)


@pytest.mark.parametrize(
    ("day", "stage", "left"),
    [
        (date(2026, 10, 31), Stage.BEFORE, 92),
        (date(2026, 11, 1), Stage.COLLECTING, 91),
        (date(2027, 1, 31), Stage.COLLECTING, 0),
        (date(2027, 2, 1), Stage.OPEN, -1),
        (date(2027, 5, 31), Stage.OPEN, -120),
        (date(2027, 6, 1), Stage.OVERDUE, -121),
    ],
)
def test_a_year_goes_through_its_stages(day: date, stage: Stage, left: int) -> None:
    window = window_of(2026)
    assert window.stage(day) is stage
    assert window.days_left(day) == left


def test_reminders_go_on_their_days_only() -> None:
    window = window_of(2026)
    assert window.is_reminder_day(date(2026, 12, 1))
    assert not window.is_reminder_day(date(2026, 12, 2))
    assert window.next_reminder(date(2026, 12, 2)) == date(2026, 12, 15)
    assert window.next_reminder(date(2026, 12, 15)) == date(2026, 12, 15)
    assert window.next_reminder(date(2027, 1, 29)) is None


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 10, 31), 2025), (date(2026, 11, 1), 2026), (date(2027, 6, 1), 2026)],
)
def test_a_year_stays_current_until_the_next_is_collected(day: date, year: int) -> None:
    assert current_window(day).year == year


def test_a_day_ends_when_it_ends_in_finland() -> None:
    assert end_of(date(2027, 1, 31)) == datetime(2027, 1, 31, 22, tzinfo=UTC)
    assert end_of(date(2027, 5, 31)) == datetime(2027, 5, 31, 21, tzinfo=UTC)


def test_a_rehearsal_takes_its_own_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rehearsal.csv"
    path.write_text(HEADER + "2019,2020-01-01,,2020-01-02,2020-01-03,2020-01-04\n", "utf-8")
    monkeypatch.setenv(OTHER_WINDOWS, str(path))
    assert window_of(2019).due == date(2020, 1, 2)
    assert window_of(2019).reminders == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "2019,2019-11-01,,31.1.2020,2020-02-01,2020-05-31\n", "days as 2027-01-31"),
        (HEADER + "2019,2019-11-01,2020-02-10,2020-01-31,2020-02-01,2020-05-31\n", "not in order"),
        ("year,due\n2019,2020-01-31\n", "write year, collection_opens"),
        (HEADER + "2019\n", "write year, collection_opens"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "windows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WindowError, match=said):
        load_windows(path)


def test_a_year_or_a_file_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(WindowError, match=r"no reporting window for 2017.*2018 to 2040"):
        window_of(2017)
    with pytest.raises(WindowError, match="no collection has begun by 2018-10-31"):
        current_window(date(2018, 10, 31))
    with pytest.raises(WindowError, match=r"gone\.csv cannot be read"):
        load_windows(tmp_path / "gone.csv")


def test_asking_for_the_days_loads_nothing_heavy() -> None:
    code = (
        "import sys, expectations.reporting_calendar; "
        "print([m for m in ('duckdb', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
