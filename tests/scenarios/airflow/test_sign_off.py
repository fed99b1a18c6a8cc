"""The running Airflow leads a year through its window: alerts, reminders, a question, a sign-off.

A rehearsal: the year 2019, of which Kainuu has sent everything, has a window that has just opened.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from common.clock import today
from common.home import Home
from tests.scenarios.airflow.conftest import WINDOW_DAG, YEAR
from tests.support.airflow_house import Api, Found, wait_for
from vuosikello.orchestration import airflow_api, airflow_environment
from vuosikello.reporting.alerts import Deadline, alerts
from vuosikello.reporting.sign_off import latest_sign_off
from vuosikello.warehouse.freshness import build_is_due

pytestmark = pytest.mark.slow

DAG = WINDOW_DAG
BY = "knowledge manager"
READING_SECONDS = 5


@pytest.fixture(scope="module", autouse=True)
def window(home: Home, running: Api) -> None:
    """From here on only the window runs: a build would change what is to be signed."""
    wait_for("warehouse that holds everything", patiently(lambda: is_at_rest(home, running)), 300)
    running.pause("refresh_warehouse", is_paused=True)
    running.pause(DAG, is_paused=False)


def is_at_rest(home: Home, api: Api) -> bool:
    """Whether everything is built, and no build goes on."""
    ended = {run["state"] for run in api.runs("refresh_warehouse")} <= {"success", "failed"}
    return ended and not build_is_due(home.root)


def patiently(look: Callable[[], Found]) -> Callable[[], Found | None]:
    """Look again later where a busy machine has not answered in time."""

    def looked() -> Found | None:
        with contextlib.suppress(OSError, ValueError):
            return look()
        return None

    return looked


def post(api: Api, path: str, content: dict[str, Any]) -> dict[str, Any]:
    return airflow_api.request(
        airflow_environment.HOST,
        api.service.port,
        f"/api/v2/dags/{DAG}/{path}",
        content=content,
        token=api.token,
    )


def question(api: Api) -> dict[str, Any] | None:
    """What a person is asked now."""
    path = f"/api/v2/dags/{DAG}/dagRuns/~/hitlDetails?response_received=false&limit=100"
    waiting = [
        one
        for one in api.get(path)["hitl_details"]
        if one["task_instance"]["state"] == "awaiting_input"
    ]
    assert len(waiting) <= 1
    return waiting[0] if waiting else None


def answered(
    api: Api, option: str, what: str, done: Callable[[], Found], **filled_in: str
) -> Found:
    """Answer, and again if it is asked again, until something has come of it.

    An answer that comes before Airflow has noted that it asked is lost to it: it asks again. A
    person reads first; the scheduler of a busy machine may need longer than that.
    """

    def look() -> Found:
        if (asked := question(api)) is not None:
            time.sleep(READING_SECONDS)
            run = quote(asked["task_instance"]["dag_run_id"], safe="")
            api.patch(
                f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/await_sign_off/-1/hitlDetails",
                {
                    "chosen_options": [option],
                    "params_input": {"by": None, "reason": "", "override_reason": None} | filled_in,
                },
            )
        return done()

    return wait_for(what, patiently(look), 300)


def state(api: Api, task: str) -> str | None:
    (found,) = api.tasks(DAG, task)
    return found["state"]


def test_a_person_is_asked_with_the_readiness_result_before_them(home: Home, running: Api) -> None:
    # Airflow makes up for the last morning's run when the DAG is first seen.
    asked = wait_for("question", patiently(lambda: question(running)), 300)
    assert asked["subject"] == "May 2019 be reported?"
    assert asked["options"] == ["Approve", "Reject", "Not yet"]
    assert "**Not ready**" in asked["body"]
    assert "aanekoski: 19 checks, 19 feeds not submitted" in asked["body"]
    assert str(home.root / "docs" / "validation" / "readiness" / "index.html") in asked["body"]
    text = wait_for(
        "reminder",
        lambda: [*(home.root / "reminders" / str(YEAR)).glob("kainuun-sote.sv.txt")],
        30,
    )[0].read_text(encoding="utf-8")
    assert "Klientkontakter (contacts): månaderna 2019-01 – 2019-09 saknas" in text


def test_data_that_did_not_come_in_time_are_alerted_of(home: Home, running: Api) -> None:
    (alert,) = wait_for("alert", lambda: alerts(home.root, YEAR), 120)
    assert alert.deadline is Deadline.COLLECTION
    assert alert.text.startswith(f"The collection of {YEAR} was due on {today() - timedelta(2)}")


def test_without_a_reason_to_override_nothing_is_signed(home: Home, running: Api) -> None:
    answered(
        running,
        "Approve",
        "failed sign-off",
        lambda: state(running, "sign") == "failed",
        reason="Looked through.",
    )
    assert latest_sign_off(home.root, YEAR) is None
    assert [*(home.root / "signoffs").glob("*")] == []


def test_answered_again_with_a_reason_the_year_is_signed(home: Home, running: Api) -> None:
    ended = patiently(lambda: [one for one in running.runs(DAG) if one["state"] == "failed"])
    (failed,) = wait_for("end of the run", ended, 120)
    post(
        running,
        "clearTaskInstances",
        {
            "dry_run": False,
            "dag_run_id": failed["dag_run_id"],
            "task_ids": ["readiness"],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        },
    )
    wait_for("second question", patiently(lambda: question(running)), 300)
    signed = answered(
        running,
        "Approve",
        "sign-off",
        lambda: latest_sign_off(home.root, YEAR),
        by=BY,
        reason="Looked through.",
        override_reason="Only the project's organisations take part in 2019.",
    )
    assert (signed.decision, signed.through, signed.by) == ("approved", "airflow", BY)
    assert signed.account == airflow_environment.USER
    assert signed.override_reason == "Only the project's organisations take part in 2019."
    assert signed.reason == "Looked through."
    assert not signed.readiness.success
    assert signed.readiness.critical
    wait_for("end of the sign-off", patiently(lambda: state(running, "sign") == "success"), 120)
    # The release begins by itself; its own tests tell what comes of it.
    wait_for(
        "release", patiently(lambda: state(running, "release") not in (None, "scheduled")), 120
    )
