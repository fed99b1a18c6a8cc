"""The tasks of the reporting window: one function for each, as in :mod:`.tasks`.

Each calls public functions of the rooms and turns their outcomes into Airflow's states. The days of
the window are asked for while the DAG file loads, so nothing here imports a room that works before
its task runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from vuosikello.orchestration import tasks

log = logging.getLogger("vuosikello.dags")

# What a person may answer; the last also stands for no answer.
APPROVE, REJECT, NOT_YET = "Approve", "Reject", "Not yet"
OPTIONS = [APPROVE, REJECT, NOT_YET]

YEAR = "The reporting year; empty: the one that is collected, or was collected last."
BY = "Who signs: your role or name, as it shall stand in the release. Empty: your account's name."
REASON = "Why. It is published with the release; write nothing about a person."
OVERRIDE = (
    "Only where critical checks do not hold: why the year is approved all the same. It is "
    "published with the release."
)

_SHOWN = 15
_ANSWER_AGAIN = (
    " To be asked again now, clear the task readiness of this run with what follows it; else it is "
    "asked again tomorrow."
)


def deadlines() -> list[DeadlineAlert]:
    """Return the deadlines of the window that is collected, or was collected last."""
    from common import clock
    from expectations.reporting_calendar import current_window, end_of

    window = current_window(clock.today())
    return [
        DeadlineAlert(
            name=f"{name}_{window.year}",
            reference=DeadlineReference.FIXED_DATETIME(end_of(day)),
            interval=timedelta(0),
            callback=AsyncCallback(deadline_passed, kwargs={"year": window.year, "deadline": name}),
        )
        for name, day in (("collection_due", window.due), ("results_due", window.results_due))
    ]


async def deadline_passed(year: int, deadline: str, **_context: Any) -> None:
    """Raise an alert, if what was due is not done; Airflow calls this when a deadline passed."""
    await asyncio.to_thread(_alert, year, deadline)


def _alert(year: int, deadline: str) -> None:
    from vuosikello.reporting import alerts

    # No task runs in a home of another layout, so nothing there is judged or signed.
    alerts.deadline_passed(tasks.current_home().root, year, alerts.Deadline(deadline))


def readiness(year: int | None, *, is_forced: bool) -> dict[str, Any]:
    """Judge the readiness of a year whose window runs; return what a person has to know about it.

    Args:
        year: the reporting year; None is the current one.
        is_forced: whether a person asked for it: then it is judged though it is signed already.
    """
    import expectations
    from common import clock
    from expectations.readiness_summary import readiness_summary_of
    from expectations.reporting_calendar import Stage, current_window, window_of
    from vuosikello.reporting.sign_off import latest_sign_off

    home = tasks.current_home()
    window = current_window(clock.today()) if year is None else window_of(year)
    if window.stage(clock.today()) is Stage.BEFORE:
        tasks._skip(f"The collection of {window.year} opens on {window.collection_opens}.")
    if window.stage(clock.today()) is Stage.OVERDUE and not is_forced:
        tasks._skip(
            f"The results of {window.year} were due on {window.results_due}. To sign it off all "
            "the same, start this DAG by hand."
        )
    signed = latest_sign_off(home.root, window.year)
    if signed is not None and signed.decision == "approved" and not is_forced:
        tasks._skip(f"{window.year} was signed off by {signed.by} on {signed.at:%Y-%m-%d}.")
    if not home.warehouse.is_file():
        tasks._skip("Nothing has been built yet; the warehouse follows the first submission.")
    result = expectations.validate(home.root, "readiness", window.year, on=clock.today())
    judged = result.suites["readiness"]
    summary = readiness_summary_of(judged)
    for step in summary.next_steps:
        log.info("%s", step)
    for one in summary.to_mend:
        log.warning(
            "%s: %d to mend, %d of them critical",
            one.organisation or "sender unknown",
            len(one.to_mend),
            one.critical,
        )
    return {
        "year": window.year,
        "success": judged.success,
        "failed": judged.failed,
        "warned": judged.warned,
        "days_left": window.days_left(clock.today()),
        "page": str(judged.docs / "index.html"),
    }


def remind(judged: Mapping[str, Any]) -> None:
    """Write the reminders of a judged year; say in the log whether they are to go today."""
    from vuosikello.reporting.reminders import last_readiness, write_reminders

    home = tasks.current_home().root
    written = write_reminders(home, last_readiness(home, judged["year"]))
    when = "Reminders go today" if written.goes_today else f"They go next on {written.next_day}"
    log.warning("%d reminders are ready in %s. %s.", len(written.reminders), written.folder, when)


def ask(judged: Mapping[str, Any]) -> dict[str, Any]:
    """Write the question that a person is asked; skipped until the window opens.

    Returns:
        The year, the subject and the body of the question, and what the warehouse knew that the
        person is shown.
    """
    from common import clock
    from vuosikello.reporting.reminders import last_readiness

    result = last_readiness(tasks.current_home().root, judged["year"])
    if result.window is not None and clock.today() < result.window.window_opens:
        tasks._skip(
            f"The window of {result.year} opens on {result.window.window_opens}; nobody is asked "
            "before."
        )
    assert result.knowledge is not None
    return {
        "year": result.year,
        "subject": f"May {result.year} be reported?",
        "body": _body(result),
        "seen": result.knowledge.model_dump(mode="json"),
    }


def sign(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a person decided.

    Args:
        asked: what ``ask`` returned.
        answer: the option chosen, what was filled in, by whom and when.

    Returns:
        The year, and the number of its sign-off.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from expectations.results import BuildInfo
    from vuosikello.reporting.sign_off import SigningProblem, latest_sign_off, sign_off

    home = tasks.current_home().root
    (chosen,) = answer["chosen_options"]
    if chosen == NOT_YET:
        tasks._skip("Nobody has decided; it is asked again tomorrow.")
    filled_in = answer.get("params_input") or {}
    account = str((answer.get("responded_by_user") or {}).get("name") or "Airflow")
    at = _moment(answer["responded_at"])
    last = latest_sign_off(home, asked["year"])
    if last is None or (last.at, last.through) != (at, "airflow"):
        try:
            last = sign_off(
                home,
                asked["year"],
                by=str(filled_in.get("by") or "").strip() or account,
                reason=str(filled_in.get("reason") or ""),
                decision="approved" if chosen == APPROVE else "rejected",
                override_reason=str(filled_in.get("override_reason") or "").strip() or None,
                through="airflow",
                account=account,
                seen=BuildInfo.model_validate(asked["seen"]),
                at=at,
            )
        except SigningProblem as problem:
            raise AirflowFailException(f"{problem}{_ANSWER_AGAIN}") from None
    log.info("%d: %s by %s", last.year, last.decision, last.by)
    return {"year": last.year, "number": last.number, "decision": last.decision}


def release(signed: Mapping[str, Any]) -> None:
    """Release the year that was signed off; skipped when it was rejected."""
    from airflow.sdk.exceptions import AirflowFailException

    from vuosikello.reporting import releases

    home = tasks.current_home().root
    if signed["decision"] != "approved":
        tasks._skip(f"{signed['year']} was rejected; it is asked again tomorrow.")
    try:
        released = releases.release(home, signed["year"])
    except releases.ReleaseProblem as problem:
        raise AirflowFailException(str(problem)) from None
    log.info("%s is released: %s", released.name, released.folder)
    key = released.signed_with
    if key.new_in is not None:
        log.info(
            "It is the first one that is signed with the key in %s. Keep a copy of it in a safe "
            "place, and hand out the public key: %s (fingerprint %s)",
            key.new_in,
            key.public_key,
            key.fingerprint,
        )


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _body(result: Any) -> str:
    """Say in plain words what the readiness result says, and what each answer does."""
    from expectations.readiness_summary import Kind, readiness_summary_of

    summary = readiness_summary_of(result)
    verdict = (
        f"**Ready**: no critical check fails, {result.warned} others ask to be looked at."
        if result.success
        else f"**Not ready**: {result.failed} of {result.evaluated} checks fail critically, "
        f"{result.warned} others ask to be looked at."
    )
    lines = [
        verdict,
        "",
        f"- Organisations that are missing something: **{summary.count(Kind.MISSING)}**; late: "
        f"**{summary.late}**; with something refused: **{summary.count(Kind.REFUSED)}**; "
        f"implausible: **{summary.count(Kind.IMPLAUSIBLE)}**",
        f"- Submissions in the warehouse: **{result.knowledge.submissions}**, built "
        f"{result.knowledge.built_at:%Y-%m-%d %H:%M} UTC. What it knows is frozen and released.",
        f"- All of it, with what to do: `{result.docs / 'index.html'}`",
        "",
    ]
    grave = [one for one in summary.organisations if one.critical]
    if grave:
        lines += ["Critical:", ""]
        lines += [
            f"- {one.organisation or 'sender unknown'}: {one.critical} checks, "
            f"{one.feeds_missing} feeds not submitted"
            for one in grave[:_SHOWN]
        ]
        if len(grave) > _SHOWN:
            lines.append(f"- and {len(grave) - _SHOWN} organisations more")
        lines.append("")
    lines.append(
        f"*{APPROVE}* signs the year off and releases it; where critical checks fail it needs a "
        f"reason to override them. *{REJECT}* keeps the reason and releases nothing. After "
        f"*{NOT_YET}*, and after a day without an answer, it is asked again. Reasons are published."
    )
    return "\n".join(lines)
