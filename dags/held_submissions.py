"""The DAG held_submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, task, task_group

from dags.assets import FEEDS, HELD, RECEIVED
from vuosikello.orchestration import tasks

ASK = """Ask a person whether a held submission is let in. Answer under *Required Actions*.

Nothing waits for the answer but this submission. After a day without one it is asked again.

If it fails: the question could not be put, or nobody's answer was understood. The submission still
waits; it is asked about again within ten minutes. vuosikello held decides without Airflow.
"""

DECIDE = """Do what was decided, and say which feed got accepted data; the warehouse follows.

If it fails: the message is about this machine: a full disk, a missing permission. Mend it and clear
this task; the answer is kept with it. Else the submission is asked about again within ten minutes.
"""


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[HELD]
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    # A run lasts until a person has answered; what is held meanwhile gets a run of its own.
    max_active_runs=64,
    tags=["lake"],
    default_args={"owner": "vuosikello", "on_failure_callback": [tasks.explain_failure]},
)
def held_submissions() -> None:
    """Asks a person about each submission that would change a year's volume more than usual.

    Such a submission is neither accepted nor refused; what was accepted before stays in force, and
    everything else goes on. Starts when a submission is held, and every ten minutes in any case.
    Each held submission is asked about by one run at a time. Whoever decides with
    `vuosikello held` instead is not asked anything: the question then ends by itself.
    """

    @task(retries=3, retry_delay=timedelta(seconds=10))
    def look(*, dag_run: Any = None) -> list[dict[str, str]]:
        """List the held submissions that nobody is asked about. Skipped when there is none.

        If it fails: the home folder cannot be read or written. Look at its disk and permissions.
        """
        return tasks.questions(dag_run.run_id)

    @task(
        retries=3,
        retry_delay=timedelta(seconds=10),
        outlets=[RECEIVED],
        map_index_template="{{ submission }}",
        doc_md=DECIDE,
    )
    def decide(submission_id: str, answer: Any, *, outlet_events: Any = None) -> None:
        tasks.decide(submission_id, answer, FEEDS, outlet_events[RECEIVED])

    @task_group(prefix_group_id=False)
    def question(submission_id: str, subject: str, body: str) -> None:
        ask = HITLOperator(
            task_id="ask",
            subject=subject,
            body=body,
            options=tasks.OPTIONS,
            defaults=tasks.NOT_YET,
            # Airflow's page lets nobody answer before a field that may not be null is filled in.
            params={
                "reason": Param(
                    None, type=["null", "string"], title="Reason", description=tasks.REASON
                )
            },
            response_timeout=timedelta(days=1),
            retries=3,
            retry_delay=timedelta(seconds=10),
            map_index_template="{{ task.subject }}",
            doc_md=ASK,
        )
        decide(submission_id, ask.output)

    question.expand_kwargs(look())


held_submissions()
