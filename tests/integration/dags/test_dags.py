"""The DAGs are scheduled as designed, explain themselves and hold no logic."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT
from vuosikello.orchestration import local_airflow

DAG_FILES = (
    "receive_submissions",
    "held_submissions",
    "refresh_warehouse",
    "export_indicators",
    "reporting_window",
)
FORBIDDEN = ("airflow", "dags", "vuosikello")
ROOMS = ("ingest", "expectations", "exports")


@pytest.fixture(scope="module")
def bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])


def awaited(dag: Any) -> set[str]:
    """The names of the assets that a DAG is scheduled on."""
    return {asset.name for asset in dag.timetable.asset_condition.objects}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_dag_file_loads_and_nothing_else_is_taken_for_one(bag: Any) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(DAG_FILES)


def test_loading_a_dag_file_imports_no_room_that_works(bag: Any) -> None:
    # Each task loads its file anew: what is heavy is imported by the task that needs it.
    code = (
        "import sys, dags.receive_submissions, dags.held_submissions; "
        "import dags.refresh_warehouse, dags.export_indicators, dags.reporting_window; "
        "print([m for m in ('duckdb', 'great_expectations', 'dbt', 'pandas') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert said.stdout.splitlines()[-1] == "[]"


def test_receiving_waits_for_the_inbox_and_sweeps_every_few_minutes(bag: Any) -> None:
    from airflow.sdk import AssetOrTimeSchedule

    from dags.assets import INBOX

    dag = bag.dags["receive_submissions"]
    assert isinstance(dag.timetable, AssetOrTimeSchedule)
    assert dag.timetable.timetable.expression == "*/5 * * * *"
    assert awaited(dag) == {"inbox"}
    assert [watcher.trigger.home for watcher in INBOX.watchers] == [os.environ["VUOSIKELLO_HOME"]]


def test_the_warehouse_follows_any_of_the_feeds_and_withdrawals_and_sweeps(bag: Any) -> None:
    from airflow.sdk import AssetAny, AssetOrTimeSchedule

    from dags.assets import WITHDRAWN
    from ingest.contracts import load_contracts

    timetable = bag.dags["refresh_warehouse"].timetable
    assert isinstance(timetable, AssetOrTimeSchedule)
    assert isinstance(timetable.asset_condition, AssetAny)
    assert timetable.timetable.expression == "*/15 * * * *"
    names = awaited(bag.dags["refresh_warehouse"])
    assert names == {f"feed_{feed}" for feed in load_contracts()} | {"withdrawn"}
    assert len(names) >= 20
    home = os.environ["VUOSIKELLO_HOME"]
    assert [watcher.trigger.home for watcher in WITHDRAWN.watchers] == [home]


def test_the_export_follows_the_validated_warehouse_only(bag: Any) -> None:
    assert awaited(bag.dags["export_indicators"]) == {"warehouse"}
    refresh = bag.dags["refresh_warehouse"]
    emitting = [task for task in refresh.tasks if task.outlets]
    assert [task.task_id for task in emitting] == ["announce"]
    assert emitting[0].upstream_task_ids == {"validate_feeds", "validate_warehouse"}
    assert emitting[0].trigger_rule == "all_success"


@pytest.mark.parametrize("dag_id", DAG_FILES)
def test_a_dag_runs_once_at_a_time_and_makes_up_for_nothing(bag: Any, dag_id: str) -> None:
    # One run at a time is what makes many events one run: the later ones wait and are merged. A run
    # that waits for a person must not hold up the next question.
    assert (bag.dags[dag_id].max_active_runs == 1) == (dag_id != "held_submissions")
    assert bag.dags[dag_id].catchup is False


def test_the_window_runs_daily_from_november_to_may_and_by_hand(bag: Any) -> None:
    dag = bag.dags["reporting_window"]
    assert dag.timetable.expression == "0 5 * 11,12,1-5 *"
    assert str(dag.timetable.timezone) == "Europe/Helsinki"
    # No asset wakes it: outside these months nothing of it starts by itself.
    assert not getattr(dag.timetable, "asset_condition", None)
    assert dag.params["year"] is None


def test_a_person_signs_before_anything_is_released(bag: Any) -> None:
    from airflow.providers.standard.operators.hitl import HITLOperator

    dag = bag.dags["reporting_window"]
    question = dag.get_task("await_sign_off")
    assert isinstance(question, HITLOperator)
    assert question.options == ["Approve", "Reject", "Not yet"]
    # What nobody answered is over before the next morning's question.
    assert question.defaults == ["Not yet"]
    assert question.response_timeout.total_seconds() < 24 * 3600
    # Of what a person fills in, the page insists on the reason only.
    schemas = {name: question.params.get_param(name).schema["type"] for name in question.params}
    assert schemas == {
        "by": ["null", "string"],
        "reason": "string",
        "override_reason": ["null", "string"],
    }
    assert question.upstream_task_ids == {"ask"}
    assert dag.get_task("sign").upstream_task_ids == {"ask", "await_sign_off"}
    assert dag.get_task("release").upstream_task_ids == {"sign"}
    assert {task.trigger_rule for task in dag.tasks} == {"all_success"}


def test_the_deadlines_are_the_ends_of_the_windows_days(bag: Any) -> None:
    from common.clock import today
    from expectations.reporting_calendar import current_window, end_of

    window = current_window(today())
    found = {alert.name: alert for alert in bag.dags["reporting_window"].deadline}
    assert found.keys() == {f"collection_due_{window.year}", f"results_due_{window.year}"}
    alert = found[f"results_due_{window.year}"]
    assert alert.reference._datetime == end_of(window.results_due)
    assert alert.callback.path == "vuosikello.orchestration.window_tasks.deadline_passed"
    assert alert.callback.kwargs == {"year": window.year, "deadline": "results_due"}


def test_each_held_submission_is_asked_about_and_decided_by_itself(bag: Any) -> None:
    from airflow.providers.standard.operators.hitl import HITLOperator

    dag = bag.dags["held_submissions"]
    assert awaited(dag) == {"held"}
    ask, decide = dag.get_task("ask"), dag.get_task("decide")
    # In one mapped group: the answer about one waits for no other's.
    assert ask.task_group is decide.task_group
    assert decide.upstream_task_ids == {"look", "ask"}
    assert isinstance(ask, HITLOperator)
    assert ask.options == ["Accept", "Refuse", "Not yet"]
    assert ask.defaults == ["Not yet"]
    assert ask.response_timeout.days == 1
    assert [outlet.name for outlet in decide.outlets] == ["received"]


def test_one_submission_is_one_mapped_task_with_a_name_and_retries(bag: Any) -> None:
    receive = bag.dags["receive_submissions"].get_task("receive")
    assert receive.is_mapped
    assert receive.map_index_template == "{{ submission }}"
    assert receive.retries >= 2
    assert receive.retry_exponential_backoff


def test_one_failed_submission_fails_the_run_but_not_the_others_announcement(bag: Any) -> None:
    dag = bag.dags["receive_submissions"]
    assert dag.get_task("announce").trigger_rule == "all_done_min_one_success"
    assert dag.get_task("all_received").trigger_rule == "all_success"
    assert {task.task_id for task in dag.leaves} == {"announce", "all_received"}


def test_only_what_builds_takes_the_one_slot_of_the_warehouse(bag: Any) -> None:
    from dags.pools import WAREHOUSE_POOL

    pools = {
        (dag.dag_id, task.task_id): task.pool for dag in bag.dags.values() for task in dag.tasks
    }
    # A release is made of a warehouse as it was known, which is built like any other.
    assert {key for key, pool in pools.items() if pool == WAREHOUSE_POOL} == {
        ("refresh_warehouse", "build"),
        ("reporting_window", "release"),
    }


def test_every_dag_and_task_says_what_it_does_and_what_to_do_when_it_fails(bag: Any) -> None:
    from vuosikello.orchestration import tasks

    for dag in bag.dags.values():
        assert dag.doc_md, dag.dag_id
        for task in dag.tasks:
            assert tasks._advice(task.doc_md or ""), f"{dag.dag_id}.{task.task_id}"
            if task.task_type != "EmptyOperator":
                assert task.retries >= 1, f"{dag.dag_id}.{task.task_id}"
            assert tasks.explain_failure in task.on_failure_callback


def test_the_runbook_knows_every_task_and_how_often_the_sweeps_run(bag: Any) -> None:
    runbook = (ROOT / "docs" / "how_to" / "runbook.md").read_text(encoding="utf-8")
    for dag in bag.dags.values():
        assert f"`{dag.dag_id}`" in runbook
        for task in dag.tasks:
            if task.task_type != "EmptyOperator":
                assert f"`{task.task_id}`" in runbook, task.task_id
        if hasattr(dag.timetable, "timetable"):
            minutes = dag.timetable.timetable.expression.split()[0].removeprefix("*/")
            assert f"every {minutes} minutes" in runbook


def test_what_the_scheduler_loads_for_its_tasks_exists_and_opens_no_database() -> None:
    # It forks after this: a database that is open by then would be shared by all tasks.
    code = (
        "import psutil, threading; from vuosikello.orchestration import local_airflow as airflow; airflow._preload(); "
        "files = [file.path for file in psutil.Process().open_files()]; "
        "import sys; print({'ingest.receiver', 'airflow.sdk', 'dags.assets'} <= sys.modules.keys()); "
        "print(threading.active_count(), any('.duckdb' in path for path in files))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert said.stdout.splitlines()[-2:] == ["True", "1 False"]
    for module in local_airflow.PRELOADED:
        assert importlib.util.find_spec(module) is not None, module


@pytest.mark.parametrize("name", DAG_FILES)
def test_a_dag_file_holds_no_logic(name: str) -> None:
    branching = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.IfExp, ast.comprehension)
    module = tree(ROOT / "dags" / f"{name}.py")
    assert not [node for node in ast.walk(module) if isinstance(node, branching)]
    (dag,) = (node for node in module.body if isinstance(node, ast.FunctionDef))
    for task in (node for node in dag.body if isinstance(node, ast.FunctionDef)):
        if "task_group" in ast.unparse(task.decorator_list[0]):
            # Which task follows which.
            continue
        body = task.body[1:] if ast.get_docstring(task) else task.body
        assert len(body) == 1, task.name
        assert isinstance(body[0], ast.Return | ast.Expr), task.name
        call = body[0].value
        assert isinstance(call, ast.Call), task.name
        assert isinstance(call.func, ast.Attribute), task.name
        assert isinstance(call.func.value, ast.Name), task.name
        assert call.func.value.id in ("tasks", "window_tasks"), task.name


@pytest.mark.parametrize("name", DAG_FILES)
def test_a_dag_file_imports_airflow_and_its_own_package_only(name: str) -> None:
    imported = {
        node.module or ""
        for node in ast.walk(tree(ROOT / "dags" / f"{name}.py"))
        if isinstance(node, ast.ImportFrom)
    }
    ours = {module for module in imported if module.split(".")[0] == "vuosikello"}
    assert ours <= {"vuosikello.orchestration"}
    packages = {module.split(".")[0] for module in imported - ours}
    assert packages <= {"__future__", "datetime", "typing", "airflow", "dags"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_knows_airflow_the_dags_or_the_command(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(tree(path)):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name.split(".")[0] not in ("airflow", "dags", "vuosikello"), (
                    f"{path}: {name}"
                )
