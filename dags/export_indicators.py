"""The DAG export_indicators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task

from dags.assets import WAREHOUSE
from vuosikello.orchestration import tasks


@dag(
    schedule=[WAREHOUSE],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["exports"],
    default_args={"owner": "vuosikello", "on_failure_callback": [tasks.explain_failure]},
)
def export_indicators() -> None:
    """Exports the indicators of a warehouse that passed validation.

    Follows the warehouse, and writes `exports/indicators.csv` and `.parquet` with disclosure
    control applied: what may not be shown has no numbers.
    """

    @task(
        retries=2,
        retry_delay=timedelta(seconds=30),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=1),
    )
    def publish() -> None:
        """Write the published indicators.

        If it fails: the files of the last export stand untouched. Look at the disk of the home
        folder, then run this DAG by hand.
        """
        tasks.export()

    publish()


export_indicators()
