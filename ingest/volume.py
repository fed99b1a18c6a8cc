"""Whether a submission would change a year's volume so much that a person should look first.

Only the rule: the caller says which submissions are in force and how many rows a new one has; no
file is opened. Periods are years, their months and their days, so two of them overlap only where
one contains the other. A year's volume is estimated from the rows of the submissions in force:
where a period and parts of it were both submitted, they are about the same events, and the larger
of the two counts.

A submission is unusual if

1. it is for a period that is covered already, wholly or in part, and the year's rows would change
   by more than a share. A period that had not ended when it was last submitted is expected to have
   grown since, with its days;
2. or it brings the year's rows above so many times the rows of the whole year before. Only the
   submission that crosses that line is unusual; those after it are not.

Neither applies where the volume that is compared with is small: it may have been a trial, and few
rows are corrected quickly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.periods import Period, parse_period

CHANGE_SHARE = 0.5
FROM_ROWS = 1000
TIMES_YEAR_BEFORE = 3.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits above which a change of a year's volume waits for a person.

    Attributes:
        change_share: by which share the rows of a year may change; None or 0 is any.
        from_rows: how many rows the volume compared with must have.
        times_year_before: how many times the rows of the year before a year may have; None or 0
            is any.
    """

    change_share: float | None = CHANGE_SHARE
    from_rows: int = FROM_ROWS
    times_year_before: float | None = TIMES_YEAR_BEFORE


@dataclass(frozen=True, slots=True)
class InForce:
    """An accepted submission that nothing has replaced.

    Attributes:
        period: the period it is for.
        rows: how many of its rows were loaded.
        received_on: the day it was received, in Finland.
    """

    period: str
    rows: int
    received_on: date


@dataclass(frozen=True, slots=True)
class Unusual:
    """What is unusual about a year's volume.

    Attributes:
        rule: ``volume_changed`` or ``volume_above_year_before``; a key of the messages.
        year: the year.
        rows_before: its rows now.
        rows_after: its rows if the submission were accepted.
        rows_year_before: the rows of the whole year before.
    """

    rule: str
    year: int
    rows_before: int
    rows_after: int
    rows_year_before: int

    @property
    def change(self) -> float | None:
        """By which share the year's rows would change; None where there are none yet."""
        return self.rows_after / self.rows_before - 1 if self.rows_before else None


def unusual(
    in_force: Iterable[InForce],
    period: Period,
    rows: int,
    received_on: date,
    thresholds: Thresholds,
) -> Unusual | None:
    """Return what is unusual about a submission's volume; None where nothing is.

    Args:
        in_force: the organisation's submissions of the feed that are in force, one a period.
        period: the period of the new one.
        rows: how many rows it would load.
        received_on: the day it was received, in Finland.
        thresholds: from where on it is unusual.
    """
    year = period.first.year
    of_year: dict[str, InForce] = {}
    of_year_before: dict[str, int] = {}
    for one in in_force:
        if one.period[:4] == f"{year:04}":
            of_year[one.period] = one
        elif one.period[:4] == f"{year - 1:04}":
            of_year_before[one.period] = one.rows
    now = {one.period: one.rows for one in of_year.values()}
    before, after = volume(now), volume(now | {period.text: rows})
    year_before = volume(of_year_before)
    figures = (year, before, after, year_before)
    overlapped = [one for one in of_year.values() if _overlap(one.period, period.text)]
    if overlapped and thresholds.change_share and before >= max(thresholds.from_rows, 1):
        expected = before + _growth(overlapped, period, received_on)
        is_less = after < before * (1 - thresholds.change_share)
        if is_less or after > expected * (1 + thresholds.change_share):
            return Unusual("volume_changed", *figures)
    if thresholds.times_year_before and year_before >= max(thresholds.from_rows, 1):
        most = thresholds.times_year_before * year_before
        if before <= most < after:
            return Unusual("volume_above_year_before", *figures)
    return None


def volume(rows: Mapping[str, int]) -> int:
    """Estimate the rows of a year from the submissions in force.

    Args:
        rows: the rows of each submission, by its period; all of one year.
    """
    of_days: dict[str, int] = defaultdict(int)
    for period, count in rows.items():
        if len(period) > len("2019-03"):
            of_days[period[:7]] += count
    months = of_days.keys() | {period for period in rows if len(period) == len("2019-03")}
    of_months = sum(max(rows.get(month, 0), of_days.get(month, 0)) for month in months)
    whole = sum(count for period, count in rows.items() if len(period) == len("2019"))
    return max(whole, of_months)


def _overlap(one: str, other: str) -> bool:
    """Whether two ISO periods have a day in common: then one is part of the other."""
    return one.startswith(other) or other.startswith(one)


def _growth(overlapped: list[InForce], period: Period, received_on: date) -> float:
    """Return how many rows a period is expected to have gained since it was last submitted."""
    last = max(overlapped, key=lambda one: one.received_on)
    stated = parse_period(last.period)
    # The longer of the two contains the days of both.
    wider = stated if stated is not None and len(stated.text) < len(period.text) else period
    days = _days(wider, received_on) / _days(wider, last.received_on) - 1
    return max(0.0, days) * volume({one.period: one.rows for one in overlapped})


def _days(period: Period, today: date) -> int:
    """Return how many days of a period have begun by a day, at least one."""
    until = min(today, period.last)
    return max(1, (until - period.first + timedelta(days=1)).days)
