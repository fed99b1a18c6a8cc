"""One function for each task: it calls one function of a room and reports the outcome to Airflow.

The rooms know nothing of Airflow; here their outcomes become Airflow's states: nothing to do is a
skip, what a retry cannot mend fails at once, anything else that a room raises is retried. No room
is imported before its task runs, so that a DAG file loads in no time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from vuosikello.installation import Installation

if TYPE_CHECKING:
    from common.home import Home

log = logging.getLogger("vuosikello.dags")

# Airflow maps over at most 1,024 items; what a larger burst leaves over is claimed already, and
# the next run takes it.
MOST_AT_ONCE = 500
MOST_SHOWN = 20

# What a person may answer about a held submission; the last also stands for no answer.
ACCEPT, REFUSE, NOT_YET = "Accept", "Refuse", "Not yet"
OPTIONS = [ACCEPT, REFUSE, NOT_YET]
REASON = "Why. The submitter reads it in the receipt; write nothing about a person."

# Why a task was skipped or failed, by (DAG, task, map index): read by the main job, which runs the
# DAGs in this process and reports to a person.
notes: dict[tuple[str, str, int], str] = {}


def home() -> Path:
    """Return the installation's home folder; cheap, since it is asked while a DAG file loads."""
    return Installation().folders.root


def current_home() -> Home:
    """Return the folders of the home, in which this program can work.

    Raises:
        AirflowFailException: an older or a newer version made it; the text says what to do.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from common.home import Home
    from ingest.layout import HomeProblem, require_current

    folders = Home(home())
    try:
        require_current(folders)
    except HomeProblem as problem:
        raise AirflowFailException(str(problem)) from None
    return folders


def claim() -> list[str]:
    """Take every whole file out of the inbox; return the submissions to receive."""
    from ingest import receiver
    from vuosikello.settings import Settings

    submissions = receiver.claim(current_home(), Settings().settle_seconds)
    if not submissions:
        _skip("Nothing waits in the inbox.")
    return submissions[:MOST_AT_ONCE]


def receive(submission_id: str) -> dict[str, Any]:
    """Receive one claimed file; return which feed it was for and how it went."""
    from ingest import receiver
    from vuosikello.settings import Settings

    folders = current_home()
    _label(submission_id)
    receipt = receiver.receive_one(folders, submission_id, Settings().limits)
    _label(receipt.file)
    log.info("%s: %s, %d rows loaded", receipt.file, receipt.status, receipt.rows_loaded)
    if receipt.held is not None and receipt.status == "held":
        _label(f"{receipt.file} (held: waits for a person)")
        _note(f"Held, waits for a person. {receipt.held.message_en}")
    return {
        "submission_id": receipt.submission_id,
        "feed": receipt.feed,
        "status": str(receipt.status),
        "is_accepted": receipt.is_accepted,
    }


def announce(
    received: Iterable[Mapping[str, Any]], feeds: Mapping[str, Any], held: Any, events: Any
) -> None:
    """Emit one asset event for each feed that got accepted data, and one if something is held.

    Args:
        received: what ``receive`` returned, one for each submission that was received.
        feeds: the assets by feed.
        held: the asset of the submissions that wait for a person.
        events: the outlet events of the alias that stands for all of them.
    """
    submissions: dict[str, list[str]] = {}
    waiting = 0
    for one in received:
        waiting += one["status"] == "held"
        if one["is_accepted"]:
            submissions.setdefault(one["feed"], []).append(one["submission_id"])
    if waiting:
        events.add(held, extra={"submissions": waiting})
    for feed, ids in sorted(submissions.items()):
        events.add(feeds[feed], extra={"submissions": len(ids), "last": max(ids)})
        log.info("%s: %d submissions accepted", feed, len(ids))


def questions(run_id: str) -> list[dict[str, str]]:
    """Return what to ask a person about each held submission that no other run asks about.

    Args:
        run_id: the run that asks from now on.

    Returns:
        For each its id, and the question's subject and body.
    """
    from ingest import held as held_submissions

    waiting = held_submissions.to_ask(current_home(), run_id, _is_running, MOST_AT_ONCE)
    if not waiting:
        _skip("No submission waits for a person whom nobody asks yet.")
    return [
        {"submission_id": one.submission_id, "subject": _subject(one), "body": _body(one)}
        for one in waiting
    ]


def decide(
    submission_id: str, answer: Mapping[str, Any], feeds: Mapping[str, Any], events: Any
) -> None:
    """Do with a held submission what a person answered, and announce the feed that got data.

    Args:
        submission_id: which.
        answer: the option chosen, the reason given, and who answered.
        feeds: the assets by feed.
        events: the outlet events of the alias that stands for all of them.
    """
    from ingest import receiver
    from ingest.held import NotHeld

    folders = current_home()
    _label(submission_id)
    (chosen,) = answer["chosen_options"]
    by = (answer.get("responded_by_user") or {}).get("name") or "Airflow"
    reason = str((answer.get("params_input") or {}).get("reason") or "")
    if chosen == NOT_YET:
        receipt = receiver.receive_one(folders, submission_id)
        waits = receipt.status == "held"
        _label(
            f"{receipt.file}: {'not decided' if waits else f'{receipt.status} (decided already)'}"
        )
        _skip("Nobody has decided; it is asked again." if waits else "It was decided already.")
    try:
        if chosen == ACCEPT:
            receipt = receiver.accept_held(folders, submission_id, by=by, reason=reason)
        else:
            reason = reason if reason.strip() else "No reason was given."
            receipt = receiver.refuse_held(folders, submission_id, by=by, reason=reason)
    except NotHeld as already:
        # Decided by the command meanwhile, or by this very task before it was stopped.
        receipt = receiver.receive_one(folders, submission_id)
        log.info("%s", already)
        _note(str(already))
        _label(f"{receipt.file}: {receipt.status} (decided already)")
    else:
        _note(f"{receipt.file}: {receipt.status}, by {by}")
        _label(f"{receipt.file}: {receipt.status}")
    if receipt.is_accepted and receipt.feed:
        events.add(feeds[receipt.feed], extra={"submissions": 1, "last": submission_id})


def build(*, is_forced: bool) -> None:
    """Build the warehouse from the lake, unless it holds everything already."""
    from airflow.sdk.exceptions import AirflowFailException

    from vuosikello.warehouse import build as warehouse
    from vuosikello.warehouse import freshness

    root = current_home().root
    if not is_forced and not freshness.build_is_due(root):
        _skip("The published warehouse holds everything that has been accepted, as of today.")
    result = warehouse.build(root)
    if result.failures:
        raise AirflowFailException(_list("Nothing was published", result.failures))
    log.info("%d models built in %.0f s", result.models, result.seconds)
    for warning in result.warnings:
        log.warning("%s", warning)


def validate(suite: str) -> None:
    """Validate the published warehouse with one suite; a critical failure stops the exports."""
    from airflow.sdk.exceptions import AirflowFailException

    import expectations

    result = expectations.validate(current_home().root, suite)
    critical = [one for one in result.failures if one.severity == expectations.Severity.CRITICAL]
    if not result.success:
        raise AirflowFailException(
            _list("Expectations not met", [one.message for one in critical], str(result.docs))
        )
    for one in result.failures:
        log.warning("%s", one.message)


def export() -> None:
    """Publish the indicators of the validated warehouse."""
    import exports
    from vuosikello.settings import Settings

    settings = Settings()
    folders = current_home()
    exports.publish(
        folders.warehouse,
        folders.exports,
        year=None,
        protection=settings.protection,
        earlier=settings.publications,
    )


def explain_failure(context: Mapping[str, Any]) -> None:
    """Say in the task's log, in plain words, what failed and what to do about it."""
    task, run = context["task"], context["ti"]
    what = context.get("submission") or task.task_id
    text = f"{what} failed in {task.dag_id}: {context.get('exception')}"
    log.error("%s\n%s", text, _advice(task.doc_md or ""))
    notes[(run.dag_id, run.task_id, run.map_index)] = str(context.get("exception"))


def _advice(doc: str) -> str:
    """Return the part of a task's documentation that says what to do when it fails."""
    _, found, advice = doc.partition("If it fails:")
    return " ".join((found + advice).split())


def _list(lead: str, messages: Sequence[str], more: str = "") -> str:
    """Write a lead and a list of sentences, of which a person sees the first twenty."""
    shown = messages[:MOST_SHOWN]
    if len(messages) > MOST_SHOWN:
        shown = [*shown, f"and {len(messages) - MOST_SHOWN} more"]
    return "\n- ".join([f"{lead}:", *shown]) + (f"\nMore in {more}" if more else "")


def _label(text: str) -> None:
    """Name the mapped task in Airflow's pages."""
    from airflow.sdk import get_current_context

    get_current_context()["submission"] = text  # type: ignore[typeddict-unknown-key]


def _note(text: str) -> None:
    """Keep a message about a task, for the main job, which runs the DAGs in this process."""
    from airflow.sdk import get_current_context

    run = get_current_context()["ti"]
    map_index = -1 if run.map_index is None else run.map_index
    notes[(run.dag_id, run.task_id, map_index)] = text


def _skip(why: str) -> NoReturn:
    from airflow.sdk.exceptions import AirflowSkipException

    _note(why)
    raise AirflowSkipException(why)


def _is_running(run_id: str) -> bool:
    """Return whether a run of this DAG is queued or runs; one that was deleted does not."""
    from airflow.sdk import get_current_context

    run = get_current_context()["ti"]
    states = ["queued", "running"]
    return run.get_dr_count(dag_id=run.dag_id, run_ids=[run_id], states=states) > 0


def _number(value: int) -> str:
    """Write a number of rows with groups of digits that no language takes for decimals."""
    from common.formats import format_number

    return format_number(value, "fi")


def _subject(waiting: Any) -> str:
    """Name a held submission in a question's heading."""
    return f"{waiting.organisation}, {waiting.feed} {waiting.period}: let it in?"


def _why(found: Any) -> str:
    """Say in a sentence why a submission waits, before its figures."""
    if found.organisation:
        return f"Exactly the same bytes are in force for **{found.organisation}**."
    if found.open_spells:
        return (
            "It has nothing to report, though by earlier files spells are still open: "
            f"**{_number(found.open_spells)}**."
        )
    if found.rows_out_of_force:
        return (
            "It has nothing to report, and so many earlier rows would go out of force: "
            f"**{_number(found.rows_out_of_force)}**."
        )
    return "It would change the volume of the year more than usual:"


def _body(waiting: Any) -> str:
    """Say in plain words why a submission waits, and what an answer does."""
    found = waiting.held
    change = "" if found.change is None else f" ({found.change:+.0%})"
    lines = [
        f"**{waiting.organisation}** sent **{waiting.feed}** for **{waiting.period}** "
        f"(`{waiting.file}`, received {waiting.received_at[:16].replace('T', ' ')} UTC). "
        f"{_why(found)}",
        "",
        f"- rows of {found.year} now: **{_number(found.rows_before)}**",
        f"- rows of {found.year} with it: **{_number(found.rows_after)}**{change}",
        f"- rows of {found.year - 1}: {_number(found.rows_year_before)}",
        f"- rows of the file that would be loaded: {_number(found.rows)}",
        "",
        "Nothing of it is loaded yet, and what was accepted before is in force. "
        f"*{ACCEPT}* loads it; *{REFUSE}* sends it back with the reason, and nothing changes; "
        f"after *{NOT_YET}* this is asked again. Ask the organisation if you cannot tell. The id "
        f"is `{waiting.submission_id}`.",
    ]
    return "\n".join(lines)
