"""The append-only history of everything received.

One JSON object a line; one file for each organisation, feed and writer, so that any number of
machines may append without sharing a file, and a look-up for one slot reads only the history of
its organisation and feed. Nothing here is ever rewritten. Which submission is current is computed,
never stored. A line torn by a power cut is left where it is and skipped by every reader.

Events of two kinds decide what is current: a ``submission`` says that a file was received and what
became of it, a ``withdrawal`` that one submission counts as if it had never been accepted. Later is
what was claimed later: submissions are in the order of their ``arrival_no``, never of a clock.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from glob import escape
from pathlib import Path
from typing import Any

from filelock import FileLock

from common.home import Home
from common.jsonl import append_line, whole_lines

ACCEPTED = ("accepted", "accepted_with_rejects")

Order = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """What a submission replaces: organisation, feed and period; None where the path has none."""

    organisation: str | None
    feed: str | None
    period: str | None

    @property
    def name(self) -> str:
        """The file-name stem of the slot's organisation and feed."""
        if self.organisation is None or self.feed is None:
            return "unplaced"
        return f"{self.organisation}.{self.feed}"


def append(home: Home, slot: Slot, event: dict[str, Any]) -> None:
    """Append one event durably, as one whole line.

    Args:
        home: the installation.
        slot: the slot that the event is about; it decides the file.
        event: JSON-able values; holds no personal identifier.
    """
    path = home.ledger / f"{slot.name}.{_writer()}.jsonl"
    with FileLock(home.locks / f"ledger.{path.name}.lock"):
        append_line(path, event)


def events(home: Home, slot: Slot | None = None) -> Iterator[dict[str, Any]]:
    """Yield the events of one slot's organisation and feed, or of all, file by file."""
    pattern = "*.jsonl" if slot is None else f"{escape(slot.name)}.*.jsonl"
    for path in sorted(home.ledger.glob(pattern)):
        yield from whole_lines(path)


@dataclass(frozen=True)
class History:
    """What the ledger tells of one organisation and feed, read once.

    Attributes:
        submissions: the submission events, in the order received.
        withdrawals: the withdrawal events, by the submission that each takes back.
    """

    submissions: list[dict[str, Any]]
    withdrawals: dict[str, dict[str, Any]]

    @cached_property
    def in_force(self) -> list[dict[str, Any]]:
        """The accepted submissions that were not withdrawn, in the order received."""
        return [
            event
            for event in self.submissions
            if event["status"] in ACCEPTED and event["submission_id"] not in self.withdrawals
        ]

    def current(self, period: str | None, before: Order | None = None) -> dict[str, Any] | None:
        """Return the last submission in force for a period, or None.

        Args:
            period: the period.
            before: only what was received before the submission of this place.
        """
        found = [
            event
            for event in self.in_force
            if event["period"] == period and (before is None or order(event) < before)
        ]
        return found[-1] if found else None

    def all_current(self) -> list[dict[str, Any]]:
        """Return the last submission in force for every period, in the order received."""
        return sorted({one["period"]: one for one in self.in_force}.values(), key=order)

    def find(self, submission_id: str) -> dict[str, Any] | None:
        """Return the line of one submission, or None while it has none."""
        for event in self.submissions:
            if event["submission_id"] == submission_id:
                return event
        return None


def order(event: dict[str, Any]) -> Order:
    """Return the place of a submission among all others: what sorts later was received later.

    Submissions of before there were arrival numbers come first.
    """
    return (event.get("arrival_no") or 0, event["received_at"], event["submission_id"])


def history(home: Home, slot: Slot | None = None) -> History:
    """Read what the ledger tells of a slot's organisation and feed, or of all."""
    submissions: list[dict[str, Any]] = []
    withdrawals: dict[str, dict[str, Any]] = {}
    for event in events(home, slot):
        if event.get("event") == "submission":
            submissions.append(event)
        elif event.get("event") == "withdrawal":
            withdrawals.setdefault(event["submission_id"], event)
    return History(sorted(submissions, key=order), withdrawals)


def submissions(home: Home, slot: Slot | None = None) -> list[dict[str, Any]]:
    """Return the submission events, in the order received.

    Args:
        home: the installation.
        slot: only those of this organisation and feed (and period, unless it is None).
    """
    found = history(home, slot).submissions
    if slot is not None and slot.period is not None:
        return [event for event in found if event["period"] == slot.period]
    return found


def current(home: Home, slot: Slot, before: Order | None = None) -> dict[str, Any] | None:
    """Return the last accepted submission of a slot that was not withdrawn, or None.

    Args:
        home: the installation.
        slot: organisation, feed and period.
        before: only what was received before the submission of this place.
    """
    return history(home, slot).current(slot.period, before)


def all_current(home: Home, slot: Slot) -> list[dict[str, Any]]:
    """Return the current submission of every period of a slot's organisation and feed."""
    return history(home, slot).all_current()


def find(home: Home, slot: Slot, submission_id: str) -> dict[str, Any] | None:
    """Return the ledger's line of one submission, or None while it has none."""
    return history(home, slot).find(submission_id)


def organisations_with(home: Home, feed: str, sha256: str) -> list[str]:
    """Return the organisations whose current submissions of a feed include these bytes.

    Args:
        home: the installation.
        feed: the feed.
        sha256: the hash of the file's bytes.
    """
    # Of the ledgers of all organisations hardly one names the hash: the others are not parsed.
    named = {
        path.name.split(".")[0]
        for path in home.ledger.glob(f"*.{escape(feed)}.*.jsonl")
        if sha256.encode("ascii") in path.read_bytes()
    }
    return sorted(
        organisation
        for organisation in named
        if any(
            event["sha256"] == sha256 for event in all_current(home, Slot(organisation, feed, None))
        )
    )


def known_at(event: dict[str, Any]) -> str:
    """Return when a submission came into force, as text: when received, or when released."""
    return str(event.get("known_at") or event["received_at"])


def timestamp(moment: datetime) -> str:
    """Write a moment as the ledger does: UTC, microseconds, Z; sorts as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _writer() -> str:
    """Return this machine's name as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "writer"


def exists(home: Home) -> bool:
    """Whether anything has ever been received."""
    return any(Path(home.ledger).glob("*.jsonl"))
