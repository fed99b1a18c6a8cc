"""The same rows sent in other ways: in other files, in another order, more than once.

A split keeps what the organisation states to cover. A period is covered if any current submission
states one that overlaps it, so a file may only be split into itself and files of parts of its own
period, and months may only be put together to a year if all twelve are there. Any other split would
state something else, and rightly give another warehouse.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ingest.contracts import load_contracts
from ingest.periods import parse_period

MONTHS = [f"{month:02}" for month in range(1, 13)]


@dataclass(frozen=True, slots=True)
class Sent:
    """One file to send: its place, and its text as a header and lines."""

    organisation: str
    feed: str
    period: str
    header: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The file's text."""
        return "\n".join((self.header, *self.lines)) + "\n"

    def drop(self, folder: Path, name: str = "") -> Path:
        """Write the file below a folder, with a word behind its period; return its path."""
        stem = f"{self.period}.{name}" if name else self.period
        path = folder / self.organisation / self.feed / f"{stem}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text, encoding="utf-8")
        return path


def read(folder: Path) -> list[Sent]:
    """Read the files below a folder; none of them has a line break within a value."""
    found = []
    for path in sorted(folder.rglob("*.csv")):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        organisation, feed, name = path.parts[-3:]
        found.append(Sent(organisation, feed, name.split(".")[0], header, tuple(lines)))
    return found


def put_together(files: list[Sent], *feeds: str) -> list[Sent]:
    """Put twelve months of an organisation's feed together to one file of the year.

    Args:
        files: what is to be sent.
        feeds: only these; none is all of them.
    """
    years: dict[tuple[str, str, str], list[Sent]] = defaultdict(list)
    kept = []
    for file in files:
        year, _, month = file.period.partition("-")
        if month and (not feeds or file.feed in feeds):
            years[file.organisation, file.feed, year].append(file)
        else:
            kept.append(file)
    for (organisation, feed, year), months in years.items():
        if [file.period[5:] for file in months] == MONTHS:
            lines = tuple(line for file in months for line in file.lines)
            kept.append(Sent(organisation, feed, year, months[0].header, lines))
        else:
            kept += months
    return kept


def parts_of(period: str) -> list[str]:
    """Return some periods within a period: months and days of a year, days of a month."""
    read_period = parse_period(period)
    assert read_period is not None
    year = f"{read_period.first:%Y}"
    if len(period) == 4:
        return [*(f"{year}-{month}" for month in MONTHS), f"{year}-02-28", f"{year}-12-31"]
    return [f"{period}-{day:02}" for day in range(1, 29)]


def dated_in(file: Sent, period: str) -> Sent:
    """Return the part of a file whose rows are dated in a period, as a file for that period."""
    names = file.header.split(",")
    place = names.index(str(load_contracts()[file.feed].period_date))
    lines = tuple(line for line in file.lines if next(csv.reader([line]))[place].startswith(period))
    return Sent(file.organisation, file.feed, period, file.header, lines)


def split(file: Sent, chance: random.Random) -> list[Sent]:
    """Send a file as itself and one or two files of parts of its period.

    Where rows have a date, a submission tells everything about its period: the file keeps all its
    rows, and each part has those dated in it. Where they have none, the rows are spread over the
    files, and some stand in two of them, as they do where a system sends a month once more with
    the year.
    """
    if len(file.lines) < 3:
        return [file]
    periods = [file.period, *chance.sample(parts_of(file.period), chance.randint(1, 2))]
    if load_contracts()[file.feed].period_date is not None:
        parts = [dated_in(file, period) for period in periods[1:]]
        return [file, *(part for part in parts if part.lines)]
    shares: dict[str, list[str]] = {period: [] for period in periods}
    for line in file.lines:
        for period in chance.sample(periods, 2 if chance.random() < 0.1 else 1):
            shares[period].append(line)
    if not shares[file.period]:
        shares[file.period].append(file.lines[0])
    return [
        Sent(file.organisation, file.feed, period, file.header, tuple(lines))
        for period, lines in shares.items()
        if lines
    ]
