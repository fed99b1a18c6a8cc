"""Where a reporting year stands: who has what to mend, and what is to be done next.

Worked out from a readiness result alone, so that a page, a reminder and the command always say
the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from expectations.results import Failure, Severity, SuiteResult


class Kind(StrEnum):
    """What is the matter with something that an organisation submitted, or did not."""

    MISSING = "missing"
    REFUSED = "refused"
    IMPLAUSIBLE = "implausible"
    LATE = "late"
    BUILD = "build"


# By the first word of an expectation's id; what is no submitter's is for the data engineer.
_KINDS = {
    "submitted": Kind.MISSING,
    "covered": Kind.MISSING,
    "refused": Kind.REFUSED,
    "unplaced": Kind.REFUSED,
    "rejects": Kind.REFUSED,
    "volume": Kind.IMPLAUSIBLE,
    "references": Kind.IMPLAUSIBLE,
    "responsible_workers": Kind.IMPLAUSIBLE,
    "survey_response": Kind.IMPLAUSIBLE,
    "survey_round": Kind.IMPLAUSIBLE,
    "late": Kind.LATE,
}
_TO_MEND = (Kind.MISSING, Kind.REFUSED, Kind.IMPLAUSIBLE)


class Verdict(StrEnum):
    """Whether a year may be reported, by a readiness result."""

    READY = "ready"
    NOT_READY = "not_ready"
    COLLECTING = "collecting"
    UNKNOWN = "unknown"


def kind_of(failure: Failure) -> Kind:
    """Return what is the matter."""
    return _KINDS.get(failure.expectation.split(".")[0], Kind.BUILD)


@dataclass(frozen=True, slots=True)
class OrganisationReadiness:
    """What one organisation has to mend for a year.

    Attributes:
        organisation: its code; None for files whose sender is unknown.
        missing: feeds and months that it has not submitted.
        refused: files that were refused and rows that were rejected.
        implausible: what looks too little, too much or unconnected.
        late: what came late and asks for nothing any more.
        is_late: whether what is missing was due before the day of the result.
    """

    organisation: str | None
    missing: tuple[Failure, ...] = ()
    refused: tuple[Failure, ...] = ()
    implausible: tuple[Failure, ...] = ()
    late: tuple[Failure, ...] = ()
    is_late: bool = False

    @property
    def to_mend(self) -> tuple[Failure, ...]:
        """All that it has to mend."""
        return self.missing + self.refused + self.implausible

    @property
    def critical(self) -> int:
        """How much of that keeps the year from being reported."""
        return sum(failure.severity is Severity.CRITICAL for failure in self.to_mend)

    @property
    def feeds_missing(self) -> int:
        """How many feeds it has not submitted at all."""
        return sum(one.expectation.startswith("submitted.") for one in self.missing)


@dataclass(frozen=True, slots=True)
class ReadinessSummary:
    """How ready a year is to be reported.

    Attributes:
        year: the reporting year.
        verdict: whether it may be reported.
        days_left: days until its collection is due, from the day of the result on; below 0 when
            that has passed, None where the year has no window.
        organisations: those that have something to mend or were late, the gravest first.
        build: failures that no organisation can mend.
        next_steps: what is to be done next, in sentences.
    """

    year: int
    verdict: Verdict
    days_left: int | None
    organisations: tuple[OrganisationReadiness, ...]
    build: tuple[Failure, ...]
    next_steps: tuple[str, ...]

    @property
    def to_mend(self) -> tuple[OrganisationReadiness, ...]:
        """The organisations that have something to mend."""
        return tuple(one for one in self.organisations if one.to_mend)

    def count(self, kind: Kind) -> int:
        """How many organisations have something of a kind."""
        return sum(bool(getattr(one, kind.value)) for one in self.organisations)

    @property
    def late(self) -> int:
        """How many organisations are late, or were."""
        return sum(bool(one.late) or one.is_late for one in self.organisations)


def readiness_summary_of(result: SuiteResult) -> ReadinessSummary:
    """Summarize the readiness of a year from the result of the suite."""
    window, day = result.window, result.on
    days_left = window.days_left(day) if window is not None and day is not None else None
    organisations = _organisations(result.failures, is_due=days_left is not None and days_left < 0)
    build = tuple(one for one in result.failures if kind_of(one) is Kind.BUILD)
    verdict = _verdict(result)
    return ReadinessSummary(
        year=result.year or 0,
        verdict=verdict,
        days_left=days_left,
        organisations=organisations,
        build=build,
        next_steps=tuple(_next_steps(result, verdict, organisations, build)),
    )


def _verdict(result: SuiteResult) -> Verdict:
    if result.evaluated == 0:
        return Verdict.UNKNOWN
    if not result.is_fully_strict:
        return Verdict.COLLECTING
    return Verdict.READY if result.success else Verdict.NOT_READY


def _organisations(
    failures: Iterable[Failure], *, is_due: bool
) -> tuple[OrganisationReadiness, ...]:
    found: dict[str | None, dict[Kind, list[Failure]]] = {}
    for failure in failures:
        kind = kind_of(failure)
        if kind is not Kind.BUILD:
            found.setdefault(failure.organisation, {}).setdefault(kind, []).append(failure)
    summaries = [
        OrganisationReadiness(
            organisation=organisation,
            **{
                kind.value: tuple(sorted(kinds.get(kind, []), key=_by_feed))
                for kind in (*_TO_MEND, Kind.LATE)
            },
            is_late=is_due and Kind.MISSING in kinds,
        )
        for organisation, kinds in found.items()
    ]
    return tuple(
        sorted(
            summaries, key=lambda one: (-one.critical, -len(one.to_mend), one.organisation or "")
        )
    )


def _by_feed(failure: Failure) -> tuple[str, str, str]:
    return failure.feed or "", failure.period or "", failure.expectation


def _next_steps(
    result: SuiteResult,
    verdict: Verdict,
    organisations: tuple[OrganisationReadiness, ...],
    build: tuple[Failure, ...],
) -> Iterable[str]:
    year, window, day = result.year, result.window, result.on
    if verdict is Verdict.UNKNOWN:
        yield "Build the warehouse (vuosikello build) and judge readiness again."
        return
    if build:
        yield (
            "The data engineer mends what no submitter can: see the checks of the warehouse itself "
            "below."
        )
    waiting = [one for one in organisations if one.to_mend]
    if waiting:
        some = "1 organisation has" if len(waiting) == 1 else f"{len(waiting)} organisations have"
        yield (
            f"{some} something to mend. Send them the reminders: vuosikello remind --year {year} "
            f"writes one for each, ready to send, into reminders/{year}/.{_reminder_day(result)}"
        )
    if any(one.organisation is None for one in waiting):
        yield "Find out who sent the files whose place told nothing, and put them into its place."
    if verdict is Verdict.COLLECTING and window is not None:
        yield (
            f"Nobody need decide yet: the checks become stricter until {_day(window.due)}, and the "
            f"year may be signed off from {_day(window.window_opens)} on."
        )
    elif window is not None and day is not None and day < window.window_opens:
        yield f"The year may be signed off from {_day(window.window_opens)} on."
    elif verdict is Verdict.READY:
        yield (
            "Look through the warnings, if there are any, and sign the year off: answer the task "
            f"in Airflow, or vuosikello sign-off --year {year} --by NAME --reason TEXT."
        )
    else:
        yield (
            "When what is critical has been mended, sign the year off. What cannot be mended may "
            "be overridden with a reason, which is published: vuosikello sign-off "
            f"--year {year} --by NAME --reason TEXT --override TEXT."
        )


def _reminder_day(result: SuiteResult) -> str:
    if result.window is None or result.on is None:
        return ""
    following = result.window.next_reminder(result.on)
    if following is None:
        return ""
    return " Today they go." if following == result.on else f" They go next on {_day(following)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
