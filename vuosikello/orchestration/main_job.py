"""The main job through Airflow in one process: the DAGs one after another, no component running.

This runs in a process of its own that has the environment of
:mod:`vuosikello.orchestration.airflow_environment` set, since Airflow reads its settings once, when
it is first imported. ``local_airflow.run_main_job`` starts it and reads what it writes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from common import clock
from vuosikello.orchestration.pools import WAREHOUSE_POOL, WAREHOUSE_POOL_TEXT

FAILED = ("failed", "upstream_failed")
MAIN_JOB = ("receive_submissions", "refresh_warehouse", "export_indicators")


@dataclass(frozen=True, slots=True)
class Ran:
    """One task that the main job ran.

    Args:
        dag: the DAG's id.
        task: the task's id.
        label: what it worked on, where the task is mapped (a submission); else empty.
        state: Airflow's word for how it ended (success, skipped, failed, upstream_failed).
        seconds: how long it took; None if it never started.
        message: why it failed or was skipped, in plain words; empty otherwise.
    """

    dag: str
    task: str
    label: str
    state: str
    seconds: float | None
    message: str


def prepare() -> None:
    """Create or upgrade Airflow's metadata, and the pool of the warehouse's writers.

    Safe to repeat. To be called in a process that has ``environment`` set.
    """
    from airflow.models.pool import Pool
    from airflow.utils import db
    from airflow.utils.session import create_session

    db.initdb()
    with create_session() as session:
        Pool.create_or_update_pool(
            name=WAREHOUSE_POOL,
            slots=1,
            description=WAREHOUSE_POOL_TEXT,
            include_deferred=False,
            session=session,
        )


def run() -> None:
    """Run the DAGs of the main job in this process; write one JSON line for each task to stdout.

    Whatever else is printed, by Airflow or by the rooms, goes to stderr.
    """
    report = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    prepare()

    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    if bag.import_errors:
        raise RuntimeError("\n".join(bag.import_errors.values()))
    for dag_id in MAIN_JOB:
        ran = _run_dag(bag.dags[dag_id], lambda one: _write(report, one))
        # Without its announcement the next DAG has nothing to follow.
        if any(one.task == "announce" and one.state in FAILED for one in ran):
            break


def _write(report: TextIO, ran: Ran) -> None:
    report.write(json.dumps(dataclasses.asdict(ran)) + "\n")


def _run_dag(dag: Any, report: Callable[[Ran], None]) -> list[Ran]:
    """Run one DAG and report each task as soon as it has ended."""
    from vuosikello.orchestration import tasks

    ended_tasks: list[Ran] = []

    def add(task: Any, label: str, state: str, seconds: float | None) -> None:
        message = tasks.notes.get((task.dag_id, task.task_id, task.map_index), "")
        ended_tasks.append(Ran(task.dag_id, task.task_id, label, state, seconds, message))
        report(ended_tasks[-1])

    def callback(state: str) -> Callable[[Any], None]:
        def ended(context: Any) -> None:
            task = context["ti"]
            seconds = (clock.now() - task.start_date).total_seconds()
            add(task, context.get("submission", ""), state, seconds)
            reported.add((task.task_id, task.map_index))

        return ended

    reported: set[tuple[str, int]] = set()
    for task in dag.tasks:
        task.on_success_callback = [callback("success")]
        task.on_skipped_callback = [callback("skipped")]
        task.on_failure_callback = [tasks.explain_failure, callback("failed")]
        # A person waits for the outcome: a failure is reported at once, without a retry.
        if task.is_mapped:
            task.partial_kwargs["retries"] = 0
        else:
            task.retries = 0
    run = dag.test()
    # Tasks that never began had no callback: what they wait for was skipped or failed.
    for task in run.get_task_instances():
        if (task.task_id, task.map_index) not in reported:
            add(task, task.rendered_map_index or "", str(task.state), task.duration)
    return ended_tasks


if __name__ == "__main__":
    if sys.argv[1:] == ["prepare"]:
        prepare()
    else:
        run()
