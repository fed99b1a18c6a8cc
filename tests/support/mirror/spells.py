"""State and time, as feeds.md words it: what a key is on each day, from the photographs sent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from tests.support.mirror.received import KEYS, Received, SentRow, Submission

# The columns that are a state; all others of these feeds happened on a day, for all time.
STATES = {
    "clients": (
        "municipality",
        "team",
        "intensity",
        "special_support",
        "labour_market_status",
        "household",
    ),
    "workers": ("profession", "team", "municipality", "fte"),
    "places": ("municipality", "kind", "sector", "target_groups"),
}
Photograph = tuple[Submission, SentRow]


def spells(received: Received, feed: str) -> list[tuple[date, date, SentRow]]:
    """List the first and last day of each stretch and the row that holds on it.

    Stretches of one key have no gaps between them. Two that follow each other differ.
    """
    found = []
    for (organisation, of_feed), submissions in received.current.items():
        if of_feed != feed:
            continue
        photographs: dict[tuple[str | None, ...], list[Photograph]] = defaultdict(list)
        for submission in submissions:
            for row in submission.rows:
                photographs[tuple(row[column] for column in KEYS[feed])].append((submission, row))
        for of_key in photographs.values():
            happened = max(of_key, key=_latest_end)[1]
            for first, last, state in _stretches(of_key, STATES[feed]):
                found.append((first, last, {"organisation": organisation, **happened, **state}))
    return found


def _stretches(
    photographs: list[Photograph], columns: tuple[str, ...]
) -> list[tuple[date, date, SentRow]]:
    """Ask for the state at each day on which a period begins or has ended, and join what is alike."""
    begins = {one.first_day for one, _ in photographs}
    begins |= {one.last_day + timedelta(days=1) for one, _ in photographs}
    found: list[tuple[date, date, SentRow]] = []
    for day in [date.min, *sorted(begins)]:
        row = _photograph_of(day, photographs)[1]
        state = {column: row[column] for column in columns}
        if found and found[-1][2] == state:
            continue
        if found:
            found[-1] = (found[-1][0], day - timedelta(days=1), found[-1][2])
        found.append((day, date.max, state))
    return found


def _photograph_of(day: date, photographs: list[Photograph]) -> Photograph:
    """Find the photograph whose state holds on a day."""
    containing = [one for one in photographs if one[0].states(day)]
    if containing:
        return min(containing, key=lambda one: (one[0].last_day, -one[0].place))
    ended = [one for one in photographs if one[0].last_day < day]
    if ended:
        return max(ended, key=_latest_end)
    return min(photographs, key=lambda one: (one[0].first_day, one[0].last_day, -one[0].place))


def _latest_end(photograph: Photograph) -> tuple[date, int]:
    """Of photographs, the one of the latest stated end counts, of those the one received last."""
    return photograph[0].last_day, photograph[0].place
