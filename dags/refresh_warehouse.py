"""The DAG refresh_warehouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from dags.assets import FEEDS, WAREHOUSE, WITHDRAWN
from dags.pools import WAREHOUSE_POOL
from vuosikello.orchestration import tasks


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/15 * * * *", timezone="UTC"),
        assets=AssetAny(*FEEDS.values(), WITHDRAWN),
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["warehouse"],
    default_args={"owner": "vuosikello", "on_failure_callback": [tasks.explain_failure]},
)
def refresh_warehouse() -> None:
    """Builds the warehouse when data has been accepted or withdrawn, and validates it.

    Follows the feeds: any number of drops that arrive during a build make one more build. Every
    fifteen minutes it looks whether something was missed; then, and when a day has passed, it
    builds too. Started by hand, it always builds.

    The published warehouse is replaced in one step when a build is whole; readers never wait. Only
    what passes validation is announced, and only what is announced is exported.
    """

    @task(
        retries=2,
        retry_delay=timedelta(seconds=30),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=12),
        pool=WAREHOUSE_POOL,
    )
    def build(*, dag_run: Any = None) -> None:
        """Build with dbt aside, and publish in one step. Skipped when nothing is new.

        If it fails: the published warehouse is still the last good one. The message names the
        model or test; correct it and run this DAG by hand. Without such a message it is the
        machine: look at disk and memory.
        """
        tasks.build(is_forced=dag_run.run_type == "manual")

    @task(retries=1, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(hours=6))
    def validate_feeds() -> None:
        """Hold the accepted rows to their contracts.

        If it fails: the message names organisation, feed and period; the Data Docs under
        docs/validation/ show the rows. Ask that organisation for a corrected file; dropping it
        builds and validates again. Nothing is exported until then.
        """
        tasks.validate("feeds")

    @task(retries=1, retry_delay=timedelta(seconds=30), execution_timeout=timedelta(hours=6))
    def validate_warehouse() -> None:
        """Hold the indicators to what must be true of them.

        If it fails: a number in the warehouse is wrong, and nothing is exported. The message and
        the Data Docs under docs/validation/ name it; vuosikello explain leads from an indicator
        to its submissions.
        """
        tasks.validate("warehouse")

    announce = EmptyOperator(
        task_id="announce",
        outlets=[WAREHOUSE],
        doc_md="Say that the warehouse is built and valid; the exports follow.\n\n"
        "If it fails: run export_indicators by hand.",
    )
    build() >> [validate_feeds(), validate_warehouse()] >> announce


refresh_warehouse()
