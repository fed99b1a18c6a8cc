"""The reporting window of a year, as it stands today: days, readiness, reminders, sign-off, alerts.

It brings together what the rooms report, for the command and for whoever runs the window. It
decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from common import clock
from common.home import Home
from expectations.build_info import build_info_of
from expectations.readiness_summary import Kind, Verdict, readiness_summary_of
from expectations.reporting_calendar import (
    SENTENCES,
    Stage,
    Window,
    current_window,
    window_of,
)
from vuosikello.reporting.alerts import Alert, alerts
from vuosikello.reporting.reminders import ReminderProblem, held_in, last_readiness
from vuosikello.reporting.sign_off import SignOff, latest_sign_off


@dataclass(frozen=True, slots=True)
class ReadinessState:
    """What the last readiness result of the year says.

    Attributes:
        verdict: whether the year may be reported.
        validated_at: when it was judged (UTC).
        is_current: whether it was judged on what is published now.
        is_fully_strict: whether it was as strict as a sign-off asks for.
        evaluated, failed, warned: how many checks there were, and how many did not hold.
        missing, late, refused, implausible: how many organisations are so.
        critical_of: the organisations that keep the year from being reported, the gravest first.
        next_steps: what is to be done next.
        page: the result page.
    """

    verdict: Verdict
    validated_at: datetime
    is_current: bool
    is_fully_strict: bool
    evaluated: int
    failed: int
    warned: int
    missing: int
    late: int
    refused: int
    implausible: int
    critical_of: list[str]
    next_steps: list[str]
    page: Path


@dataclass(frozen=True, slots=True)
class SignOffState:
    """The last decision about the year; ``by`` whom, when, why, and over what."""

    number: int
    decision: str
    by: str
    at: datetime
    reason: str
    override_reason: str | None
    frozen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class WindowState:
    """A year's reporting window on a day.

    Attributes:
        year, on: the reporting year, and the day.
        stage: where the year stands, and in ``sentence`` the same in words.
        collection_opens, reminders, due, window_opens, results_due: its days.
        days_left: days until the collection is due; below 0 when it has passed.
        next_reminder: the day on which reminders go next; None after the last.
        held: how many submissions of the year were held and wait for a person here.
        readiness: None where readiness of the year was not judged last.
        sign_off: None where no decision was made.
        alerts: the last alert of each deadline that was missed and is not mended by a sign-off.
    """

    year: int
    on: date
    stage: Stage
    sentence: str
    collection_opens: date
    reminders: list[date]
    due: date
    window_opens: date
    results_due: date
    days_left: int
    next_reminder: date | None
    held: int = 0
    readiness: ReadinessState | None = None
    sign_off: SignOffState | None = None
    alerts: list[Alert] = field(default_factory=list)


def window_state(home: Path, year: int | None = None, on: date | None = None) -> WindowState:
    """Return the state of a year's reporting window.

    Args:
        home: the installation.
        year: the year; by default the one that is collected, or was collected last.
        on: the day; today by default.

    Raises:
        WindowError: there is no window for that year.
        SigningProblem: a sign-off cannot be read.
    """
    day = on or clock.today()
    window = current_window(day) if year is None else window_of(year)
    signed = latest_sign_off(home, window.year)
    is_signed = signed is not None and signed.decision == "approved"
    return WindowState(
        year=window.year,
        on=day,
        stage=window.stage(day),
        sentence="The year is signed off." if is_signed else SENTENCES[window.stage(day)],
        collection_opens=window.collection_opens,
        reminders=list(window.reminders),
        due=window.due,
        window_opens=window.window_opens,
        results_due=window.results_due,
        days_left=window.days_left(day),
        next_reminder=window.next_reminder(day),
        held=len(held_in(Home(home), window.year)),
        readiness=_readiness(home, window),
        sign_off=_sign_off(home, signed) if signed is not None else None,
        alerts=[] if is_signed else _last_of_each(alerts(home, window.year)),
    )


def _readiness(home: Path, window: Window) -> ReadinessState | None:
    try:
        result = last_readiness(home, window.year)
    except ReminderProblem:
        return None
    summary = readiness_summary_of(result)
    published = build_info_of(Home(home).warehouse)
    return ReadinessState(
        verdict=summary.verdict,
        validated_at=result.validated_at,
        is_current=(
            result.knowledge is not None
            and published is not None
            and result.knowledge.has_same_data(published, window.year)
        ),
        is_fully_strict=result.is_fully_strict,
        evaluated=result.evaluated,
        failed=result.failed,
        warned=result.warned,
        missing=summary.count(Kind.MISSING),
        late=summary.late,
        refused=summary.count(Kind.REFUSED),
        implausible=summary.count(Kind.IMPLAUSIBLE),
        critical_of=[one.organisation or "?" for one in summary.organisations if one.critical],
        next_steps=list(summary.next_steps),
        page=Home(home).validation / "readiness" / "index.html",
    )


def _sign_off(home: Path, signed: SignOff) -> SignOffState:
    published = build_info_of(Home(home).warehouse)
    return SignOffState(
        number=signed.number,
        decision=signed.decision,
        by=signed.by,
        at=signed.at,
        reason=signed.reason,
        override_reason=signed.override_reason,
        frozen_at=signed.frozen_at,
        is_current=published is not None and signed.knowledge.has_same_data(published, signed.year),
    )


def _last_of_each(raised: list[Alert]) -> list[Alert]:
    """Return the last alert of each deadline."""
    return list({alert.deadline: alert for alert in raised}.values())
