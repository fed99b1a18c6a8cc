"""Periods and inbox paths: what a file's place in the inbox says about it.

``<organisation>/<feed>/<period>[.<anything>].<csv|xlsx|jsonl|parquet>``, where the period is an
ISO year, month or day.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

EXTENSIONS = ("csv", "xlsx", "jsonl", "parquet")
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_PARTIAL_SUFFIXES = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp")
_LEFT_BEHIND = frozenset(
    {
        *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "__macosx"),
        *("$recycle.bin", "system volume information", "@eadir", "lost+found"),
    }
)


@dataclass(frozen=True, slots=True)
class Period:
    """An ISO year, month or day, with its first and last day."""

    text: str
    first: date
    last: date


def parse_period(text: str) -> Period | None:
    """Read an ISO year, month or day; None where the text is none of them."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        last_month = int(month or 12)
        last_day = int(day) if day else calendar.monthrange(first.year, last_month)[1]
        last = date(first.year, last_month, last_day)
    except ValueError:
        return None
    return Period(text, first, last)


def derived_period(first: date, last: date) -> str:
    """Return the smallest day, month, year or span of years that contains both dates."""
    if first == last:
        return first.isoformat()
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first:%Y}" if first.year == last.year else f"{first:%Y}/{last:%Y}"


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says, or why it says nothing.

    ``problem`` is a key of the messages, with ``problem_values`` for its placeholders.
    """

    organisation: str | None
    feed: str | None
    period: Period | None
    extension: str | None
    problem: str | None = None
    problem_values: tuple[tuple[str, str], ...] = ()


def read_path(path: PurePath, organisations: frozenset[str], feeds: frozenset[str]) -> Place:
    """Read organisation, feed, period and format from a path relative to the inbox.

    Args:
        path: relative to the inbox.
        organisations: the codes of the submitters.
        feeds: the feeds that have a contract.

    Returns:
        The place; where the path does not fit, what could be read of it and the problem.
    """
    if len(path.parts) != 3:
        return Place(None, None, None, None, "path_does_not_fit")
    organisation, feed, name = path.parts
    known_organisation = organisation if organisation in organisations else None
    known_feed = feed if feed in feeds else None
    stem, _, rest = name.partition(".")
    extension = rest.rpartition(".")[2].lower()
    period = parse_period(stem)
    place = (known_organisation, known_feed, period, extension)
    if known_organisation is None:
        return Place(*place, "unknown_organisation")
    if known_feed is None:
        return Place(*place, "unknown_feed", (("allowed", ", ".join(sorted(feeds))),))
    if extension not in EXTENSIONS:
        return Place(*place, "extension_unknown", (("allowed", ", ".join(EXTENSIONS)),))
    if period is None:
        return Place(*place, "period_not_valid")
    return Place(*place)


def order_in_run(path: PurePath) -> tuple[object, ...]:
    """Return the sort key of files that are received in one run.

    By organisation, feed and first day of the period; a longer period before its parts; then by
    what stands between period and extension: nothing first, then with numbers as numbers, so that
    ``2019.9.csv`` is before ``2019.10.csv``. What does not fit comes last in its folder.

    Args:
        path: relative to the inbox.
    """
    *folders, name = path.parts
    stem, _, rest = name.partition(".")
    between, _, extension = rest.rpartition(".")
    period = parse_period(stem)
    organisation, feed = (*folders, "", "")[:2]
    if period is None:
        return (organisation, feed, 1, "", 0, _natural(name), path.parts)
    first, days = period.first.isoformat(), (period.last - period.first).days
    return (organisation, feed, 0, first, -days, _natural(between), (extension, *path.parts))


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key of a text whose digits count as numbers; nothing comes first.

    Case does not count, nor how a letter with marks is composed: systems differ in both.
    """
    parts = re.findall(r"([0-9]+)|([^0-9]+)", unicodedata.normalize("NFC", text).casefold())
    return tuple((0, int(digits), "") if digits else (1, 0, word) for digits, word in parts)


def is_left_alone(name: str) -> bool:
    """Return whether a file or folder is nobody's submission, by its name.

    Such are files that are still being written, and what operating systems and office programs
    leave behind.
    """
    if name.startswith((".", "~$")):
        return True
    small = name.casefold()
    return small in _LEFT_BEHIND or small.endswith(_PARTIAL_SUFFIXES)
