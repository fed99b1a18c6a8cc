"""Which rows of the files sent are in force, as feeds.md words it, in plain Python.

The files are read as they were sent: nothing here knows the receiver, the lake, the ledger or dbt.
The files must break no rule and must all have been accepted; cells are texts, None where empty.
"""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

SentRow = dict[str, str | None]
One = TypeVar("One")

# What tells the rows of a feed apart; the empty cell of a post equals another empty one.
KEYS: dict[str, tuple[str, ...]] = {
    "workers": ("worker_id", "post", "started_on"),
    "clients": ("client_id",),
    "assignments": ("assignment_id",),
    "assessments": ("assessment_id",),
    "plans": ("plan_id",),
    "contacts": ("contact_id",),
    "outreach": ("visit_id",),
    "measurements": ("measurement_id",),
    "measurement_scores": ("measurement_id", "domain"),
    "client_feedback": ("feedback_id", "question"),
    "groups": ("group_id",),
    "group_responses": ("response_id",),
    "worker_survey": ("response_id",),
    "survey_rounds": ("year",),
    "time_entries": ("entry_id",),
    "observations": ("observation_id",),
    "measures": ("measure_id",),
    "places": ("place_id",),
    "meetings": ("meeting_id",),
    "population": ("municipality", "year"),
}
# The day by which a row lies in a stated period, of the feeds that have one.
PERIOD_DATES = {
    "assessments": "initiated_on",
    "plans": "made_on",
    "contacts": "occurred_on",
    "outreach": "occurred_on",
    "measurements": "measured_on",
    "client_feedback": "answered_on",
    "group_responses": "answered_on",
    "time_entries": "worked_on",
    "observations": "observed_on",
    "meetings": "held_on",
}
# Feeds whose rows have a life: of several rows of a key the one of the latest stated end counts.
LIVING = (
    "workers",
    "clients",
    "assignments",
    "assessments",
    "plans",
    "groups",
    "measures",
    "places",
)


@dataclass(frozen=True)
class Submission:
    """One file that was sent.

    Attributes:
        organisation, feed, period: what it tells of.
        name: the file's name.
        first_day, last_day: of the stated period.
        place: how many submissions of the organisation and feed were received before it.
        rows: in the file's order, the first of each key.
    """

    organisation: str
    feed: str
    period: str
    name: str
    first_day: date
    last_day: date
    place: int
    rows: tuple[SentRow, ...]

    @property
    def path(self) -> str:
        """The file's path in the inbox."""
        return f"{self.organisation}/{self.feed}/{self.name}"

    def states(self, day: date) -> bool:
        """Tell whether a day is in the stated period."""
        return self.first_day <= day <= self.last_day


class Received:
    """All submissions, and which of their rows are in force.

    Args:
        inboxes: one folder for each time that files were received, the earliest first.
        withdrawn: paths in the inbox of the submissions taken back.
    """

    def __init__(self, inboxes: Iterable[Path], withdrawn: Collection[str] = ()) -> None:
        received: dict[tuple[str, str], list[Submission]] = defaultdict(list)
        for inbox in inboxes:
            for path in sorted(inbox.glob("*/*/*.csv"), key=_order):
                of_feed = received[path.parts[-3], path.parts[-2]]
                of_feed.append(_submission(path, len(of_feed)))
        self.current = {
            place: latest_of_each(
                [one for one in submissions if one.path not in withdrawn],
                same=lambda one: one.period,
                rank=lambda one: one.place,
            )
            for place, submissions in received.items()
        }

    def rows(self, feed: str) -> list[SentRow]:
        """List the rows of a feed that are in force, each with its organisation."""
        found: list[SentRow] = []
        for (organisation, of_feed), submissions in self.current.items():
            if of_feed != feed:
                continue
            left = [
                (one, row)
                for one in submissions
                for overlaps in (_later_overlaps(one, submissions),)
                for row in one.rows
                if not _is_displaced(one, row, overlaps)
            ]
            found += [
                {"organisation": organisation, **row}
                for _, row in latest_of_each(
                    left,
                    same=lambda place: _key(feed, place[1]),
                    rank=lambda place: (
                        place[0].last_day if feed in LIVING else date.min,
                        place[0].place,
                    ),
                )
            ]
        return found


def latest_of_each(
    found: Iterable[One], same: Callable[[One], object], rank: Callable[[One], object]
) -> list[One]:
    """Keep, of those that are the same, the one of the highest rank."""
    best: dict[object, One] = {}
    for one in found:
        before = best.get(same(one))
        if before is None or rank(before) < rank(one):  # type: ignore[operator]
            best[same(one)] = one
    return list(best.values())


def stated_days(period: str) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day as a path names it."""
    parts = [int(part) for part in period.split("-")]
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    if len(parts) == 2:
        return date(*parts, 1), date(*parts, monthrange(*parts)[1])
    return date(*parts), date(*parts)


def _order(path: Path) -> tuple[object, ...]:
    """Files received at one time: by feed, first day, longer period first, then natural order."""
    period, _, part = path.name.removesuffix(path.suffix).partition(".")
    first_day, last_day = stated_days(period)
    natural = [
        (1, int(piece), "") if piece.isdigit() else (0, 0, piece)
        for piece in re.split(r"(\d+)", part)
        if piece
    ]
    return (*path.parts[-3:-1], first_day, -last_day.toordinal(), natural)


def _submission(path: Path, place: int) -> Submission:
    organisation, feed, name = path.parts[-3:]
    period = name.partition(".")[0]
    first_of_key: dict[tuple[str | None, ...], SentRow] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            told = {column: value or None for column, value in row.items()}
            first_of_key.setdefault(_key(feed, told), told)
    rows = tuple(first_of_key.values())
    return Submission(organisation, feed, period, name, *stated_days(period), place, rows)


def _key(feed: str, row: SentRow) -> tuple[str | None, ...]:
    return tuple(row[column] for column in KEYS[feed])


def _later_overlaps(one: Submission, submissions: list[Submission]) -> list[Submission]:
    """List the submissions received later whose stated period shares a day with that of one."""
    return [
        other
        for other in submissions
        if other.place > one.place
        and other.first_day <= one.last_day
        and other.last_day >= one.first_day
    ]


def _is_displaced(one: Submission, row: SentRow, overlaps: list[Submission]) -> bool:
    """Tell whether a later submission puts a row out: one that states its day, as its own does."""
    column = PERIOD_DATES.get(one.feed)
    if column is None or not overlaps:
        return False
    day = date.fromisoformat(str(row[column]))
    return one.states(day) and any(other.states(day) for other in overlaps)
