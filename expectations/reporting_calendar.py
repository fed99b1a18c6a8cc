"""The reporting windows: which days matter for which reporting year.

The days are data, `dbt_project/seeds/reporting_windows.csv`, the same that the warehouse shows as
`marts.reporting_window`. In a rehearsal another file of the same form, named by
VUOSIKELLO_REPORTING_WINDOWS, takes its place. Nothing here looks into a warehouse, and importing it
is cheap: a DAG file asks for the days while it loads.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from common import clock
from common.resources import resource

WINDOWS = resource("dbt_project/seeds/reporting_windows.csv")
OTHER_WINDOWS = "VUOSIKELLO_REPORTING_WINDOWS"


class WindowError(Exception):
    """The reporting windows cannot be used, or hold no such year; the text says what to mend."""


class Stage(StrEnum):
    """Where a reporting year stands on a day; each has a sentence in `SENTENCES`."""

    BEFORE = "before"
    COLLECTING = "collecting"
    OPEN = "open"
    OVERDUE = "overdue"


SENTENCES = {
    Stage.BEFORE: "The collection has not begun.",
    Stage.COLLECTING: "Submissions are collected.",
    Stage.OPEN: "The window is open: the year may be signed off and released.",
    Stage.OVERDUE: "The day on which the results were due has passed.",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The days of one reporting year; all are inclusive.

    Args:
        year: the reporting year.
        collection_opens: the first day on which its submissions are collected.
        reminders: the days on which reminders go, in order.
        due: the last day of its collection.
        window_opens: the day from which it may be signed off and released.
        results_due: the last day on which its results are to be ready.
    """

    year: int
    collection_opens: date
    reminders: tuple[date, ...]
    due: date
    window_opens: date
    results_due: date

    def stage(self, day: date) -> Stage:
        """Return where the year stands on a day, whether it has been signed off or not."""
        if day < self.collection_opens:
            return Stage.BEFORE
        if day < self.window_opens:
            return Stage.COLLECTING
        return Stage.OPEN if day <= self.results_due else Stage.OVERDUE

    def days_left(self, day: date) -> int:
        """Return how many days of the collection are left after a day; below 0 when it is over."""
        return (self.due - day).days

    def is_reminder_day(self, day: date) -> bool:
        """Whether reminders go on a day."""
        return day in self.reminders

    def next_reminder(self, day: date) -> date | None:
        """Return the day on which reminders go next, that day included; None after the last."""
        return next((one for one in self.reminders if one >= day), None)


def load_windows(path: Path | None = None) -> dict[int, Window]:
    """Read the windows by year.

    Args:
        path: a file in place of the one that is set.

    Raises:
        WindowError: the file cannot be used.
    """
    path = path or Path(os.environ.get(OTHER_WINDOWS) or WINDOWS)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = [_window(row) for row in csv.DictReader(file)]
    except OSError as error:
        raise WindowError(f"{path.name} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WindowError(
            f"{path.name} cannot be used ({error}): write year, collection_opens, reminders "
            "(with | between the days), due, window_opens and results_due in each row, days as "
            "2027-01-31"
        ) from error
    for window in found:
        _check(window, path)
    return {window.year: window for window in found}


def window_of(year: int, path: Path | None = None) -> Window:
    """Return the window of a year.

    Raises:
        WindowError: the file cannot be used, or holds no such year.
    """
    windows = load_windows(path)
    if year not in windows:
        raise WindowError(
            f"there is no reporting window for {year}: add its row to {WINDOWS.name}, which holds "
            f"{min(windows, default='none')} to {max(windows, default='none')}"
        )
    return windows[year]


def current_window(day: date, path: Path | None = None) -> Window:
    """Return the window of the year that is collected, or was collected last, on a day.

    Raises:
        WindowError: the file cannot be used, or no collection has begun by then.
    """
    begun = [one for one in load_windows(path).values() if one.collection_opens <= day]
    if not begun:
        raise WindowError(f"no collection has begun by {day}: add its row to {WINDOWS.name}")
    return max(begun, key=lambda one: one.collection_opens)


def end_of(day: date) -> datetime:
    """Return the moment (UTC) at which a day ends in Finland."""
    return datetime.combine(day + timedelta(days=1), time(), clock.FINLAND).astimezone(UTC)


def _window(row: dict[str, str]) -> Window:
    return Window(
        year=int(row["year"]),
        collection_opens=date.fromisoformat(row["collection_opens"]),
        reminders=tuple(date.fromisoformat(one) for one in row["reminders"].split("|") if one),
        due=date.fromisoformat(row["due"]),
        window_opens=date.fromisoformat(row["window_opens"]),
        results_due=date.fromisoformat(row["results_due"]),
    )


def _check(window: Window, path: Path) -> None:
    days = [
        window.collection_opens,
        *window.reminders,
        window.due,
        window.window_opens,
        window.results_due,
    ]
    if days != sorted(days):
        raise WindowError(
            f"{path.name}: the days of {window.year} are not in order: the collection opens, "
            "reminders go, it is due, the window opens, the results are due"
        )
