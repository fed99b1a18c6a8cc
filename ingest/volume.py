"""Whether a submission would change a year's volume so much that a person should look first.

Only the rule: the caller says how many rows the year has without and with a submission; no file is
opened. In a feed with a period date these are the rows in force, counted exactly
(:mod:`ingest.in_force`); in the others they are estimated here. Periods are years, their months and
their days, so two of them overlap only where one contains the other.

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
from collections.abc import Callable, Iterable, Mapping
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
    """A current submission.

    Attributes:
        period: the period it is for.
        rows: how many of its rows are in force.
        received_on: the day it was received, in Finland.
    """

    period: str
    rows: int
    received_on: date


@dataclass(frozen=True, slots=True)
class Figures:
    """The rows of a year.

    Attributes:
        year: the year.
        rows_before: its rows now.
        rows_after: its rows if the submission were accepted.
        rows_year_before: the rows of the whole year before.
    """

    year: int
    rows_before: int
    rows_after: int
    rows_year_before: int

    @property
    def change(self) -> float | None:
        """By which share the year's rows would change; None where there are none yet."""
        return self.rows_after / self.rows_before - 1 if self.rows_before else None


def unusual(
    figures: Figures,
    in_force: Iterable[InForce],
    period: Period,
    received_on: date,
    thresholds: Thresholds,
    volume: Callable[[Mapping[str, int]], int],
) -> str | None:
    """Return what is unusual about a submission's volume; None where nothing is.

    Args:
        figures: the rows of its year, and of the year before.
        in_force: the organisation's current submissions of the feed and the year, one a period.
        period: the period of the new one.
        received_on: the day it was received, in Finland.
        thresholds: from where on it is unusual.
        volume: how the rows of several periods come together: :func:`total` or :func:`estimate`.

    Returns:
        ``volume_changed`` or ``volume_above_year_before``; a key of the messages.
    """
    before, after = figures.rows_before, figures.rows_after
    overlapped = [one for one in in_force if _overlap(one.period, period.text)]
    if overlapped and thresholds.change_share and before >= max(thresholds.from_rows, 1):
        gained = _gained_days(overlapped, period, received_on)
        expected = before + gained * volume({one.period: one.rows for one in overlapped})
        is_less = after < before * (1 - thresholds.change_share)
        if is_less or after > expected * (1 + thresholds.change_share):
            return "volume_changed"
    if thresholds.times_year_before and figures.rows_year_before >= max(thresholds.from_rows, 1):
        most = thresholds.times_year_before * figures.rows_year_before
        if before <= most < after:
            return "volume_above_year_before"
    return None


def total(rows: Mapping[str, int]) -> int:
    """Add up the rows in force of a year of a feed with a period date."""
    return sum(rows.values())


def estimate(rows: Mapping[str, int]) -> int:
    """Estimate the rows of a year of a feed without a period date.

    There a period and its parts tell of the same things, so the larger of the two counts.

    Args:
        rows: the rows of each current submission, by its period; all of one year.
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


def _gained_days(overlapped: list[InForce], period: Period, received_on: date) -> float:
    """Return by which share the days of a period have grown since it was last submitted."""
    last = max(overlapped, key=lambda one: one.received_on)
    stated = parse_period(last.period)
    # The longer of the two contains the days of both.
    wider = stated if stated is not None and len(stated.text) < len(period.text) else period
    return max(0.0, _days(wider, received_on) / _days(wider, last.received_on) - 1)


def _days(period: Period, today: date) -> int:
    """Return how many days of a period have begun by a day, at least one."""
    until = min(today, period.last)
    return max(1, (until - period.first + timedelta(days=1)).days)
