"""Signing a reporting year off: who vouched for its data, when, why, and what they had before them.

A sign-off is one line that is appended to `<home>/signoffs/<year>.jsonl` and never changed. Beside
it lies the readiness result that was signed, byte for byte. It freezes a moment: what the warehouse
knew then is what is released. Nothing is signed that its signer could not have read: readiness must
have been judged in full strictness, and on the warehouse that is published.

This module must not know what is made of a sign-off, or through which door a person came.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from common import clock
from common.files import atomic_replace
from common.home import Home
from common.jsonl import append_line, whole_lines
from expectations.build_info import build_info_of
from expectations.results import BuildInfo, Failure, Severity, SuiteResult
from expectations.suite_runner import RESULTS
from ingest.identity_codes import holds_identity_code

Decision = Literal["approved", "rejected"]

_LONGEST = 2000
_SHOWN = 10


class SigningProblem(Exception):
    """A year cannot be signed off, or a sign-off cannot be read; the text says what to do."""


class SignedReadiness(BaseModel):
    """The readiness result that a sign-off rests on.

    Attributes:
        success: whether no critical expectation failed.
        evaluated, failed, warned: how many expectations were evaluated, how many critical ones and
            how many others did not hold.
        validated_at: when it was judged (UTC).
        on: the day whose strictness it had; None where the year has no window.
        sha256: of the result file that was signed.
        file: the name of its copy beside the sign-offs.
        failures: what did not hold, read from the copy.
    """

    model_config = ConfigDict(frozen=True)

    success: bool
    evaluated: int
    failed: int
    warned: int
    validated_at: AwareDatetime
    on: date | None
    sha256: str
    file: str
    failures: tuple[Failure, ...] = ()

    @property
    def critical(self) -> tuple[Failure, ...]:
        """The failures that were overridden, if it was approved."""
        return tuple(one for one in self.failures if one.severity is Severity.CRITICAL)


class SignOff(BaseModel):
    """One decision about a year.

    Attributes:
        year: the reporting year.
        number: 1 for the year's first decision, then 2 …
        decision: ``approved`` or ``rejected``.
        by: who decided, in words that may be published: a role or a name.
        account: the account with which it was done, where there is one.
        at: when (UTC).
        reason: why.
        override_reason: why failed checks were overridden; None when none had failed.
        readiness: what was signed.
        knowledge: what the warehouse knew that readiness was judged on.
        frozen_at: the moment (UTC) whose knowledge is signed: all that the warehouse knew had come
            by then.
        through: the door: ``command`` or ``airflow``.
        is_early: whether it was done before the year's window opened.
    """

    model_config = ConfigDict(frozen=True)

    year: int
    number: int
    decision: Decision
    by: str
    account: str | None = None
    at: AwareDatetime
    reason: str
    override_reason: str | None = None
    readiness: SignedReadiness
    knowledge: BuildInfo
    frozen_at: AwareDatetime
    through: str
    is_early: bool = False


def sign_off(
    home: Path,
    year: int,
    *,
    by: str,
    reason: str,
    decision: Decision = "approved",
    override_reason: str | None = None,
    early: bool = False,
    through: str = "command",
    account: str | None = None,
    seen: BuildInfo | None = None,
    at: datetime | None = None,
) -> SignOff:
    """Sign a year off, or reject it.

    Args:
        home: the installation.
        year: the reporting year.
        by: who decides; a role or a name, published with the release.
        reason: why; published with the release.
        decision: what is decided.
        override_reason: why it is approved although critical checks failed.
        early: whether it may be approved before its window opens.
        through: the door the decision came through.
        account: the account with which it was done.
        seen: what the warehouse knew that the signer was shown, where that may be another than the
            one judged last.
        at: the moment; now by default.

    Returns:
        The sign-off, as it is kept.

    Raises:
        SigningProblem: it cannot be signed; nothing is kept.
    """
    moment = (at or clock.now()).astimezone(UTC)
    who = _publishable(by, "who signs (--by)")
    why = _publishable(reason, "a reason (--reason)")
    override = _publishable(override_reason, "the reason to override") if override_reason else None
    content = _results(home, year)
    result = SuiteResult.model_validate_json(content)
    if result.year != year or result.knowledge is None:
        raise _not_judged(year, f"Readiness was judged last for {result.year}")
    is_early = result.window is not None and _day(moment) < result.window.window_opens
    if decision == "approved":
        _may_be_signed(home, year, result, seen, moment, early=early)
        _overridden(result, override)
    folder = Home(home).sign_offs
    folder.mkdir(parents=True, exist_ok=True)
    Home(home).locks.mkdir(parents=True, exist_ok=True)
    with FileLock(Home(home).locks / f"signoff.{year}.lock"):
        lines = _lines(home, year)
        number = max((line["number"] for line in lines), default=0) + 1
        if decision == "approved" and lines:
            _not_signed_yet(_read(home, max(lines, key=_number)), result.knowledge)
        copy = folder / f"{year}.{number}.readiness.json"
        signed = SignOff(
            year=year,
            number=number,
            decision=decision,
            by=who,
            account=account,
            at=moment,
            reason=why,
            override_reason=override if not result.success else None,
            readiness=SignedReadiness(
                success=result.success,
                evaluated=result.evaluated,
                failed=result.failed,
                warned=result.warned,
                validated_at=result.validated_at,
                on=result.on,
                sha256=hashlib.sha256(content).hexdigest(),
                file=copy.name,
                failures=tuple(result.failures),
            ),
            knowledge=result.knowledge,
            frozen_at=_frozen_at(result.knowledge),
            through=through,
            is_early=is_early,
        )
        # What a line refers to is there before the line is.
        with atomic_replace(copy) as draft:
            draft.write_bytes(content)
        append_line(
            folder / f"{year}.jsonl",
            signed.model_dump(mode="json", exclude={"readiness": {"failures"}}),
        )
    return signed


def latest_sign_off(home: Path, year: int) -> SignOff | None:
    """Return the last decision about a year, approved or rejected; None where there is none.

    Raises:
        SigningProblem: the readiness result that was signed is gone, or has been changed since.
    """
    lines = _lines(home, year)
    return _read(home, max(lines, key=_number)) if lines else None


def sign_offs(home: Path, year: int) -> list[SignOff]:
    """Return all decisions about a year, oldest first.

    Raises:
        SigningProblem: a readiness result that was signed is gone, or has been changed since.
    """
    return [_read(home, line) for line in sorted(_lines(home, year), key=_number)]


def _number(line: dict[str, Any]) -> int:
    return int(line["number"])


def _publishable(text: str, what: str) -> str:
    """Return a person's text on one line.

    Args:
        text: as it was given.
        what: what it is, for the message.

    Raises:
        SigningProblem: it is empty or too long, or holds what looks like a personal identity code.
    """
    line = " ".join(text.split())
    if not line:
        raise SigningProblem(f"Give {what}: it is published with the release.")
    if len(line) > _LONGEST:
        raise SigningProblem(f"Shorten {what} to at most {_LONGEST} characters.")
    if holds_identity_code(line):
        raise SigningProblem(
            f"Leave personal identity codes out of {what}: it is published with the release."
        )
    return line


def _results(home: Path, year: int) -> bytes:
    path = Home(home).validation / "readiness" / RESULTS
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _not_judged(year, "Readiness has not been judged yet") from None


def _not_judged(year: int, why: str) -> SigningProblem:
    return SigningProblem(
        f"{why}, so there is nothing of {year} to sign. Judge it with `vuosikello validate --suite "
        f"readiness --year {year}`, read docs/validation/readiness/index.html, and sign then."
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.FINLAND).date()


def _may_be_signed(
    home: Path,
    year: int,
    result: SuiteResult,
    seen: BuildInfo | None,
    moment: datetime,
    *,
    early: bool,
) -> None:
    """Refuse to approve what is too early, too mildly judged, or not what is published."""
    window = result.window
    if window is not None:
        if not early and _day(moment) < window.window_opens:
            raise SigningProblem(
                f"The window of {year} opens on {window.window_opens}; until then its data may "
                f"still come in (they are due on {window.due}). To sign it now all the same, use "
                "--early and say in the reason why."
            )
        if not result.is_fully_strict:
            raise SigningProblem(
                f"Readiness was judged as mildly as on {result.on}; a sign-off asks for full "
                f"strictness. Judge it with `vuosikello validate --suite readiness --year {year} "
                f"--on {window.due}`, read it, and sign then."
            )
    published = build_info_of(Home(home).warehouse)
    judged = result.knowledge
    if published is None or judged is None or not judged.has_same_data(published, year):
        raise _not_judged(
            year, "The published warehouse is not the one that readiness was judged on last"
        )
    if seen is not None and not seen.has_same_data(judged, year):
        raise SigningProblem(
            "What was approved is no longer what is published: the warehouse has been built from "
            "newer submissions since you were asked. Read the new readiness result, and answer "
            "when you are asked again."
        )


def _overridden(result: SuiteResult, override: str | None) -> None:
    """Refuse to approve what is not ready, unless somebody says why it is approved."""
    if result.success or override is not None:
        return
    failed = [
        one.expectation
        for one in result.expectations
        if not one.success and one.severity is Severity.CRITICAL
    ]
    more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    raise SigningProblem(
        f"{result.year} is not ready: {len(failed)} critical checks do not hold "
        f"({', '.join(failed[:_SHOWN])}{more}). Have them mended, or give a reason to override "
        "them (--override): it is published with the release."
    )


def _not_signed_yet(last: SignOff, knowledge: BuildInfo) -> None:
    """Refuse to approve the same data twice: that would release them twice."""
    if last.decision == "approved" and last.knowledge.has_same_data(knowledge, last.year):
        raise SigningProblem(
            f"{last.year} was signed off by {last.by} on {_day(last.at)}, and nothing newer has "
            "been built since. What comes later can be signed as a correction; a sign-off given in "
            "error is taken back with --reject."
        )


def _frozen_at(knowledge: BuildInfo) -> datetime:
    """Return a moment by which all that a warehouse knows had come.

    A submission may have become known while the build had begun and had not yet looked. What became
    known later is later than this moment too, however early it was received.
    """
    newest = knowledge.newest_known_at or knowledge.newest_received_at
    return max(knowledge.built_at, newest) if newest else knowledge.built_at


def _lines(home: Path, year: int) -> list[dict[str, Any]]:
    path = Home(home).sign_offs / f"{year}.jsonl"
    return [line for line in whole_lines(path) if isinstance(line.get("number"), int)]


def _read(home: Path, line: dict[str, Any]) -> SignOff:
    try:
        signed = SignOff.model_validate(line)
        content = (Home(home).sign_offs / Path(signed.readiness.file).name).read_bytes()
    except (ValidationError, OSError):
        content, signed = b"", None
    if signed is None or hashlib.sha256(content).hexdigest() != signed.readiness.sha256:
        raise SigningProblem(
            f"The readiness result of sign-off {line['number']} of {line.get('year')} is gone or "
            f"has been changed since it was signed. Bring {Home(home).sign_offs} back from the "
            "backup."
        )
    failures = tuple(SuiteResult.model_validate_json(content).failures)
    readiness = signed.readiness.model_copy(update={"failures": failures})
    return signed.model_copy(update={"readiness": readiness})
