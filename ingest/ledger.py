"""The append-only history of everything received.

One JSON object a line; one file for each organisation, feed and writer, so that any number of
machines may append without sharing a file, and a look-up for one slot reads only the history of
its organisation and feed. Nothing here is ever rewritten. Which submission is current is computed,
never stored. A line torn by a power cut is left where it is and skipped by every reader.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any

from filelock import FileLock

from common.home import Home
from common.jsonl import append_line, whole_lines

ACCEPTED = ("accepted", "accepted_with_rejects")


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


def submissions(home: Home, slot: Slot | None = None) -> list[dict[str, Any]]:
    """Return the submission events, in the order received.

    Args:
        home: the installation.
        slot: only those of this organisation and feed (and period, unless it is None).
    """
    found = [event for event in events(home, slot) if event.get("event") == "submission"]
    if slot is not None and slot.period is not None:
        found = [event for event in found if event["period"] == slot.period]
    return sorted(found, key=lambda event: (event["received_at"], event["submission_id"]))


def current(home: Home, slot: Slot, before: datetime | None = None) -> dict[str, Any] | None:
    """Return the last accepted submission of a slot, or None.

    Args:
        home: the installation.
        slot: organisation, feed and period.
        before: only what was received before this moment.
    """
    limit = timestamp(before) if before else None
    accepted = [
        event
        for event in submissions(home, slot)
        if event["status"] in ACCEPTED and (limit is None or event["received_at"] < limit)
    ]
    return accepted[-1] if accepted else None


def all_current(home: Home, slot: Slot) -> list[dict[str, Any]]:
    """Return the last accepted submission of every period of a slot's organisation and feed."""
    found = submissions(home, Slot(slot.organisation, slot.feed, None))
    return list({one["period"]: one for one in found if one["status"] in ACCEPTED}.values())


def find(home: Home, slot: Slot, submission_id: str) -> dict[str, Any] | None:
    """Return the ledger's line of one submission, or None while it has none."""
    for event in submissions(home, slot):
        if event["submission_id"] == submission_id:
            return event
    return None


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
