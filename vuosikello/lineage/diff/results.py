"""What a difference consists of: changed rows, changed values, and the submissions responsible.

Types only; this module opens no warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from vuosikello.lineage.values import Numbers

# How many rows and values a result lists one by one; all values go to a file.
MAX_ROWS = 10_000
MAX_VALUES = 100_000


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that was added, removed or counts differently.

    Attributes:
        change: ``added``, ``removed`` or ``changed``.
        feed: the feed the row comes in; None: it is computed.
        organisation: whose row it is.
        key: its key.
        before: what it added to numerator and denominator; None: it was not there.
        now: the same now.
        why: ``own``, the row itself came in these submissions; ``replaced``, they replaced the one
            it was in; ``withdrawn``, it was in one that was withdrawn, or is in force again by
            that; ``displaced``, it is dated on days that they tell about and that another one told
            about before; ``other``, the row is the same and counts differently by rows of other
            feeds; ``none``, no submission is responsible.
        submissions: those responsible.
    """

    change: str
    feed: str | None
    organisation: str | None
    key: dict[str, Any]
    before: Numbers | None
    now: Numbers | None
    why: str
    submissions: list[str]


@dataclass(frozen=True, slots=True)
class DisplacedDays:
    """Days of which a submission's rows went out of force, since a later one tells about them.

    Attributes:
        submission_id, file: the earlier one's.
        first_day, last_day: the days that both tell about.
    """

    submission_id: str
    file: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ResponsibleSubmission:
    """A submission that has come or was withdrawn since, and what that did.

    Attributes:
        supersedes: the submission of the same organisation, feed and period that was in force
            before; None: there was none.
        superseded_file: that one's file.
        changes: how many rows (of one value) or values (of all) it changed.
        why: as in :class:`RowChange`, the most telling of them; ``withdrawn`` wherever it was;
            ``coverage``: by it the organisation covers the period.
        withdrawn_at, withdrawn_by: when (UTC) and by whom it was withdrawn; None: it was not.
        displaced: the days of other submissions that went out of force by it.
        in_force_again: the files of which all or some rows are in force again by its withdrawal.
    """

    submission_id: str
    organisation: str
    feed: str
    period: str
    file: str
    sha256: str
    received_at: datetime
    supersedes: str | None
    superseded_file: str | None
    changes: int
    why: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    displaced: list[DisplacedDays] = field(default_factory=list)
    in_force_again: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed in one value.

    Attributes:
        since: the moment (UTC).
        before: the numbers of the value then; None: there was none.
        rows_added, rows_removed, rows_changed: how many rows.
        rows: the first of them.
        submissions: those responsible, newest first.
        remarks: what else is different or cannot be seen, in sentences.
        published: the numbers that were published then by another definition; None: by the same
            one, or there was no value.
    """

    since: datetime
    before: Numbers | None
    rows_added: int
    rows_removed: int
    rows_changed: int
    rows: list[RowChange]
    submissions: list[ResponsibleSubmission]
    remarks: list[str]
    published: Numbers | None = None


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that has changed.

    Attributes:
        change: ``changed``, ``appeared`` or ``disappeared``.
        before, now: its numbers; None: there was or is no value.
        why: as in :class:`ResponsibleSubmission`; ``time``: the period was under way before;
            ``definition``: its definition has changed; ``unknown``: none of these.
        submissions: those responsible.
        is_redefined: whether its definition of now gives another value than was published then,
            for the same submissions; it may have changed by submissions too.
    """

    indicator: str
    area_type: str
    area: str
    period_type: str
    period: str
    breakdown: str
    breakdown_value: str
    change: str
    before: Numbers | None
    now: Numbers | None
    why: str
    submissions: list[str]
    is_redefined: bool = False


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """An indicator whose definition is another one than at the earlier moment.

    Attributes:
        version_before, version_now: of its definition, as the catalogue numbers them; None: the
            catalogue had no such indicator, or numbered none.
        valid_from: since when the definition of now is valid.
        values: how many of the changed values it changes, for the same submissions.
    """

    indicator: str
    version_before: int | None
    version_now: int | None
    valid_from: date | None
    values: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed in all values.

    Attributes:
        before, now: the moments whose knowledge is compared (UTC).
        counts: how many values have ``changed``, ``appeared`` and ``disappeared``, by indicator.
        values: the first of them; all of them go to a file.
        submissions: those responsible, newest first.
        without_effect: files received in between that changed no value.
        remarks: what else is different or cannot be seen, in sentences.
        is_published: whether the values before are those that were published then by other
            definitions; else they are computed by the definitions of now.
        definitions: the definitions that have changed; seen only where ``is_published``.
    """

    before: datetime
    now: datetime
    counts: dict[str, dict[str, int]]
    values: list[ValueChange]
    submissions: list[ResponsibleSubmission]
    without_effect: list[str]
    remarks: list[str] = field(default_factory=list)
    is_published: bool = False
    definitions: list[DefinitionChange] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many values are not what they were."""
        return sum(sum(kinds.values()) for kinds in self.counts.values())
