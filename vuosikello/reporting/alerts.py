"""Alerts: a day of the annual clock has passed, and what was due on it is not done.

Each is one line in `<home>/alerts/<year>.jsonl`, at most one a day and deadline. Whether there is
anything to alert of is decided when the deadline has passed, from the readiness result and the
sign-offs; this module must not know who noticed that it has (Airflow's deadlines do).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from filelock import FileLock

from common import clock
from common.home import Home
from common.jsonl import append_line, whole_lines
from expectations.readiness_summary import readiness_summary_of
from expectations.reporting_calendar import Window, window_of
from vuosikello.reporting.reminders import ReminderProblem, last_readiness
from vuosikello.reporting.sign_off import latest_sign_off

log = logging.getLogger("vuosikello.reporting.alerts")

_NAMED = 5


class Deadline(StrEnum):
    """What may be missed."""

    COLLECTION = "collection_due"
    RESULTS = "results_due"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        year: the reporting year.
        deadline: what was missed.
        at: when the alert was raised (UTC).
        text: what is not done, and what to do.
    """

    year: int
    deadline: Deadline
    at: datetime
    text: str


def alerts(home: Path, year: int) -> list[Alert]:
    """Return the alerts of a year, oldest first."""
    return [
        Alert(
            line["year"],
            Deadline(line["deadline"]),
            datetime.fromisoformat(line["at"]),
            line["text"],
        )
        for line in whole_lines(_file(home, year))
        if {"year", "deadline", "at", "text"} <= line.keys()
    ]


def deadline_passed(
    home: Path, year: int, deadline: Deadline, *, now: datetime | None = None
) -> Alert | None:
    """Raise an alert if what was due is not done.

    Args:
        home: the installation.
        year: the reporting year.
        deadline: what has passed.
        now: the moment; now by default.

    Returns:
        The alert; None where nothing is amiss, the deadline has not passed after all, or the same
        alert was raised today.

    Raises:
        WindowError: there is no reporting window for that year.
    """
    now = (now or clock.now()).astimezone(UTC)
    today = now.astimezone(clock.FINLAND).date()
    window = window_of(year)
    text = _amiss(home, window, deadline, today)
    if text is None:
        return None
    path = _file(home, year)
    path.parent.mkdir(parents=True, exist_ok=True)
    locks = Home(home).locks
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"alerts.{year}.lock"):
        if any(
            one.deadline is deadline and one.at.astimezone(clock.FINLAND).date() == today
            for one in alerts(home, year)
        ):
            return None
        alert = Alert(year, deadline, now, text)
        append_line(path, {"year": year, "deadline": deadline, "at": now.isoformat(), "text": text})
    log.error("%s", text)
    return alert


def _file(home: Path, year: int) -> Path:
    return Home(home).alerts / f"{year}.jsonl"


def _amiss(home: Path, window: Window, deadline: Deadline, today: date) -> str | None:
    """Say what is not done; None where nothing is amiss."""
    signed = latest_sign_off(home, window.year)
    if signed is not None and signed.decision == "approved":
        return None
    if deadline is Deadline.RESULTS:
        if today <= window.results_due:
            return None
        return (
            f"The results of {window.year} were due on {window.results_due}, and nobody has signed "
            "the year off, so nothing is released. See what it waits for: vuosikello window "
            f"--year {window.year}"
        )
    if today <= window.due:
        return None
    try:
        summary = readiness_summary_of(last_readiness(home, window.year))
    except ReminderProblem:
        return (
            f"The collection of {window.year} was due on {window.due}, and its readiness has not "
            f"been judged: vuosikello validate --suite readiness --year {window.year}"
        )
    missing = [one.organisation or "?" for one in summary.organisations if one.missing]
    if not missing:
        return None
    some = "1 organisation" if len(missing) == 1 else f"{len(missing)} organisations"
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return (
        f"The collection of {window.year} was due on {window.due}, and data of {some} are missing: "
        f"{', '.join(missing[:_NAMED])}{more}. Ask for them: vuosikello remind --year {window.year}"
    )
