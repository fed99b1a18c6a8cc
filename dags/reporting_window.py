"""The DAG reporting_window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import CronTriggerTimetable, Param, dag, task

from dags.pools import WAREHOUSE_POOL
from vuosikello.orchestration import tasks, window_tasks

AWAIT_SIGN_OFF = """Ask a person whether the year may be reported. Answer under *Required Actions*.

Without an answer it ends after 23 hours as *Not yet*, and is asked again the next morning.

If it fails: the question could not be put, or nobody's answer was understood. Clear this task, or
sign by command: vuosikello sign-off.
"""


@dag(
    schedule=CronTriggerTimetable("0 5 * 11,12,1-5 *", timezone="Europe/Helsinki"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["window"],
    params={"year": Param(None, type=["null", "integer"], description=window_tasks.YEAR)},
    deadline=window_tasks.deadlines(),
    default_args={"owner": "vuosikello", "on_failure_callback": [tasks.explain_failure]},
)
def reporting_window() -> None:
    """Leads a year from its collection to its release, every morning from November to May.

    While the year is collected it judges readiness, stricter week by week, and writes a reminder
    for each submitter that has something to mend. When the window has opened it asks a person to
    sign the year off, every day until somebody has, and then releases it. Nothing is frozen without
    that. When the collection or the results were due and are not there, Airflow's deadlines raise
    an alert. Started by hand it does the same for the year that is named, signed or not.
    """

    @task(
        # Quickly at first: right after a start the API may not answer yet.
        retries=5,
        retry_delay=timedelta(seconds=10),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=6),
    )
    def readiness(*, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        """Judge the year. Skipped when it is not collected yet, or signed off.

        A year that is not ready is no failure: the log and the result page say who has what to
        mend.

        If it fails: the machine or the set-up, never the data. The message says what; readiness is
        judged again tomorrow, or with vuosikello validate --suite readiness.
        """
        return window_tasks.readiness(params["year"], is_forced=dag_run.run_type == "manual")

    @task(retries=3, retry_delay=timedelta(seconds=10))
    def remind(judged: Any) -> None:
        """Write the reminders, ready to send, into reminders/.

        If it fails: the home folder cannot be written, or another year was judged meanwhile. Write
        them with vuosikello remind.
        """
        window_tasks.remind(judged)

    @task(retries=3, retry_delay=timedelta(seconds=10))
    def ask(judged: Any) -> dict[str, Any]:
        """Word the question to whoever signs. Skipped until the window opens.

        If it fails: another year was judged meanwhile. Clear the task readiness of this run.
        """
        return window_tasks.ask(judged)

    @task(retries=2, retry_delay=timedelta(seconds=30))
    def sign(asked: Any, answer: Any) -> dict[str, Any]:
        """Keep what was decided, with the readiness result. Skipped when nobody has decided.

        If it fails: nothing is signed, and the message says why: no reason was given, critical
        checks fail and were not overridden, or newer data came meanwhile. Clear readiness, with
        what follows it, to be asked again now, or wait until tomorrow.
        """
        return window_tasks.sign(asked, answer)

    @task(
        retries=2,
        retry_delay=timedelta(minutes=1),
        execution_timeout=timedelta(hours=12),
        pool=WAREHOUSE_POOL,
    )
    def release(signed: Any) -> None:
        """Build what was known at the moment that was signed, and release it.

        If it fails: the sign-off stands and nothing half-made is released. Mend what the message
        names and clear this task, or release with vuosikello release.
        """
        window_tasks.release(signed)

    judged = readiness()
    remind(judged)
    asked = ask(judged)
    await_sign_off = HITLOperator(
        task_id="await_sign_off",
        subject="{{ ti.xcom_pull(task_ids='ask')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='ask')['body'] }}",
        options=window_tasks.OPTIONS,
        defaults=window_tasks.NOT_YET,
        params={
            # Airflow's page lets nobody answer before a field that may not be null is filled in.
            "by": Param(
                None, type=["null", "string"], title="Who signs", description=window_tasks.BY
            ),
            "reason": Param("", type="string", title="Reason", description=window_tasks.REASON),
            "override_reason": Param(
                None,
                type=["null", "string"],
                title="Reason to override",
                description=window_tasks.OVERRIDE,
            ),
        },
        response_timeout=timedelta(hours=23),
        retries=3,
        retry_delay=timedelta(seconds=10),
        doc_md=AWAIT_SIGN_OFF,
    )
    asked >> await_sign_off
    release(sign(asked, await_sign_off.output))


reporting_window()
