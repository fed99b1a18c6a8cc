"""One function a task: it calls one function of a room and tells Airflow how it went.

The rooms know nothing of Airflow; here their outcomes become Airflow's words: nothing to do is a
skip, what a retry cannot mend fails at once, anything else that a room raises is retried. No room
is imported before its task runs, so that a DAG file loads in no time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

log = logging.getLogger("vuosikello.dags")

# Airflow maps over at most 1,024 items; what a larger burst leaves over is claimed already, and
# the next run takes it.
MOST_AT_ONCE = 500
MOST_SHOWN = 20

# What was skipped or failed and why, by (DAG, task, map index); for who runs the DAGs in this
# very process and wants to say it to a person.
notes: dict[tuple[str, str, int], str] = {}


def home() -> Path:
    """The installation's home folder; asked while a DAG file loads, so it imports nothing."""
    return Path(os.environ.get("VUOSIKELLO_HOME", "var")).expanduser().absolute()


def claim() -> list[str]:
    """Take every whole file out of the inbox; return the submissions to receive."""
    from ingest import receiving
    from ingest.home import Home
    from vuosikello.settings import Settings

    submissions = receiving.claim(Home(home()), Settings().settle_seconds)
    if not submissions:
        _skip("Nothing waits in the inbox.")
    return submissions[:MOST_AT_ONCE]


def receive(submission_id: str) -> dict[str, Any]:
    """Receive one claimed file; return which feed it was for and how it went."""
    from ingest import receiving
    from ingest.home import Home
    from vuosikello.settings import Settings

    _label(submission_id)
    receipt = receiving.receive_one(Home(home()), submission_id, Settings().limits)
    _label(receipt.file)
    log.info("%s: %s, %d rows loaded", receipt.file, receipt.status, receipt.rows_loaded)
    return {
        "submission_id": receipt.submission_id,
        "feed": receipt.feed,
        "status": str(receipt.status),
        "is_accepted": receipt.is_accepted,
    }


def announce(received: Iterable[Mapping[str, Any]], feeds: Mapping[str, Any], events: Any) -> None:
    """Emit one asset event for each feed that got accepted data.

    Args:
        received: what ``receive`` returned, one for each submission that was received.
        feeds: the assets by feed.
        events: the outlet events of the alias that stands for all of them.
    """
    submissions: dict[str, list[str]] = {}
    for one in received:
        if one["is_accepted"]:
            submissions.setdefault(one["feed"], []).append(one["submission_id"])
    for feed, ids in sorted(submissions.items()):
        events.add(feeds[feed], extra={"submissions": len(ids), "last": max(ids)})
        log.info("%s: %d submissions accepted", feed, len(ids))


def build(*, is_forced: bool) -> None:
    """Build the warehouse from the lake, unless it holds everything already."""
    from airflow.sdk.exceptions import AirflowFailException

    from vuosikello import due, warehouse

    if not is_forced and not due.build_is_due(home()):
        _skip("The published warehouse holds everything that has been accepted, as of today.")
    result = warehouse.build(home())
    if result.failures:
        raise AirflowFailException(_list("Nothing was published", result.failures))
    log.info("%d models built in %.0f s", result.models, result.seconds)
    for warning in result.warnings:
        log.warning("%s", warning)


def validate(suite: str) -> None:
    """Validate the published warehouse with one suite; a critical failure stops the exports."""
    from airflow.sdk.exceptions import AirflowFailException

    import expectations

    result = expectations.validate(home(), suite)
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

    exports.publish(
        home() / "warehouse.duckdb",
        home() / "exports",
        year=None,
        threshold=Settings().suppression_threshold,
    )


def explain_failure(context: Mapping[str, Any]) -> None:
    """Say in the task's log, in plain words, what failed and what to do about it."""
    task, run = context["task"], context["ti"]
    what = context.get("submission") or task.task_id
    text = f"{what} failed in {task.dag_id}: {context.get('exception')}"
    log.error("%s\n%s", text, _advice(task.doc_md or ""))
    notes[(run.dag_id, run.task_id, run.map_index)] = str(context.get("exception"))


def _advice(doc: str) -> str:
    """The part of a task's documentation that tells what to do when it fails."""
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


def _skip(why: str) -> None:
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowSkipException

    run = get_current_context()["ti"]
    notes[(run.dag_id, run.task_id, run.map_index or -1)] = why
    raise AirflowSkipException(why)
