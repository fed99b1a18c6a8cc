"""What an explanation consists of: numbers, rows, submissions, checks, model.

Types only; this module opens no warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vuosikello.lineage.diff.results import Change
from vuosikello.lineage.values import Numbers

# How many rows of each side are listed one by one.
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """A submission, and how many of the rows in question came in it."""

    submission_id: str
    organisation: str
    feed: str
    period: str
    file: str
    sha256: str
    received_at: datetime
    contract_version: str
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a value rests on.

    Attributes:
        organisation: whose it is.
        key: what identifies it there, as it is in the warehouse.
        amount: what it adds; of distinct people or units, 1.
        submissions: those that it came in; several where it is made of several rows of a feed.
    """

    organisation: str | None
    key: dict[str, Any]
    amount: float
    submissions: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one side of a value.

    Attributes:
        side: ``numerator`` or ``denominator``.
        measure: what is counted, by its name in the model.
        how: ``sum``; ``units``, distinct units of the rows; ``people``, distinct people;
            ``month_end_mean``, the sum divided by the month ends of the period.
        feed: the feed that the rows came in; None: they are computed from other rows.
        key: the columns that identify a row within its organisation.
        total: what the rows add up to.
        rows_total: how many rows there are.
        rows: the first :data:`MAX_ROWS` of them, by organisation and key.
        submissions: those that the rows came in, newest first. Of computed rows (no feed) those in
            force, of the organisations that serve the area, that the model reads for the period,
            with the number of all their rows.
        rows_without_submission: rows that no submission in force holds. They would show that a
            file of the lake was changed by hand.
    """

    side: str
    measure: str
    how: str
    feed: str | None
    key: tuple[str, ...]
    total: float
    rows_total: int
    rows: list[Row]
    submissions: list[Source]
    rows_without_submission: int


@dataclass(frozen=True, slots=True)
class Check:
    """A number that the rows give beside the one that the warehouse holds."""

    of: str
    from_rows: float | None
    in_warehouse: float | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class ModelReference:
    """The model that computed a value: its SQL, by hash, and its version."""

    name: str
    sha256: str
    code_version: str
    built_at: datetime
    feeds: list[str]


@dataclass(frozen=True, slots=True)
class OpenWaits:
    """What a number of days does not tell of: waits that have not ended.

    Attributes:
        waits: those that had begun by the last day of the period and had not ended on it.
        longest_days: the days that the longest of them had lasted on it; None: there is none.
    """

    waits: int
    longest_days: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a value is what it is.

    Attributes:
        label, definition: in the language asked for.
        formula: the definition in short.
        numbers: numerator, denominator, value, persons and events; None: there is no value now.
        missing: why there is none; None where there is one.
        multiplier, divisor: what the sum of the numerator's rows is multiplied and divided by.
        last_day: the day whose state is shown, where the period is not over.
        built_at, as_of: when the warehouse was built, and whose knowledge it shows (UTC).
        parts: the rows of the numerator and of the denominator.
        checks: what the rows give beside what the warehouse holds.
        is_exact: whether all of that agrees.
        change: what has changed since the moment asked about.
        open_waits: of quantiles of a number of days, what still waits; None: of anything else.
    """

    indicator: str
    label: str
    definition: str
    formula: str
    unit: str
    source: str | None
    area_type: str
    area: str
    area_label: str
    period_type: str
    period: str
    breakdown: str
    breakdown_value: str
    numbers: Numbers | None
    missing: str | None
    multiplier: float
    divisor: float
    last_day: date | None
    built_at: datetime
    as_of: datetime | None
    model: ModelReference
    parts: list[Part]
    checks: list[Check]
    is_exact: bool
    change: Change | None
    open_waits: OpenWaits | None
