"""The DAG receive_submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow.task.trigger_rule import TriggerRule

from dags.assets import FEEDS, HELD, INBOX, RECEIVED
from vuosikello.orchestration import tasks

# A mapped task does not take its documentation from its function.
RECEIVE = """Read, check, pseudonymise and keep one submission, and write its receipt.

If it fails: the message is about this machine, not about the submitter's file: a full disk, a
missing key, too little memory. Mend it. The submission lies safe under claims/ and is taken up
again by itself within five minutes; to see it at once, run this DAG by hand.
"""


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"), assets=[INBOX]
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["lake"],
    default_args={"owner": "vuosikello", "on_failure_callback": [tasks.explain_failure]},
)
def receive_submissions() -> None:
    """Receives what organisations drop into the inbox.

    Starts within seconds of a drop, and every five minutes in any case. One run takes everything
    that waits; while it works, what arrives later waits for the next run.

    Each submission ends with a receipt under `receipts/`: accepted, accepted with rejected rows,
    refused or duplicate; or it is held, and `held_submissions` asks a person about it. None of
    these is a failure of this DAG. A failure here is a fault of the machine or the set-up; nothing
    sent is lost by it, and the next run takes it up again.
    """

    @task(retries=3, retry_delay=timedelta(seconds=10))
    def claim() -> list[str]:
        """Take every whole file out of the inbox. Skipped when nothing waits.

        If it fails: the home folder cannot be read or written. Look at its disk and its
        permissions; files stay where they are, and the next run takes them.
        """
        return tasks.claim()

    @task(
        # Few and quick: other submissions wait for this run, and the inbox trigger comes back to
        # what it could not receive.
        retries=2,
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=6),
        map_index_template="{{ submission }}",
        doc_md=RECEIVE,
    )
    def receive(submission_id: str) -> dict[str, Any]:
        return tasks.receive(submission_id)

    @task(
        retries=3,
        retry_delay=timedelta(seconds=10),
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        outlets=[RECEIVED],
    )
    def announce(received: Any, *, outlet_events: Any = None) -> None:
        """Say which feeds got accepted data, so that the warehouse follows, and what is held.

        If it fails: nothing is lost. The warehouse is built all the same within fifteen minutes.
        """
        tasks.announce(received, FEEDS, HELD, outlet_events[RECEIVED])

    received = receive.expand(submission_id=claim())
    announce(received)
    # A run in which one submission could not be received is a failed run, though the others'
    # feeds have been announced.
    received >> EmptyOperator(
        task_id="all_received",
        doc_md="Reached when every submission has its receipt. If it fails: one has none; see it.",
    )


receive_submissions()
