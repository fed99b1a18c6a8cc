"""The running Airflow asks a person about a held submission, and does what the person answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from common.home import Home
from ingest import ledger, receiver
from ingest.ledger import Slot
from tests.scenarios.airflow.conftest import ORGANISATIONS, WHOLE
from tests.support.airflow_house import Api, drop, receipts, visits, wait_for
from vuosikello.orchestration import airflow_environment

pytestmark = pytest.mark.slow

PART = 300
DAG = "held_submissions"


def part_of(*organisations: str) -> list[tuple[str, bytes]]:
    return [(f"{one}/outreach/2019.csv", visits(PART, one)) for one in organisations]


def questions(api: Api) -> dict[str, dict[str, Any]]:
    """What a person is asked and has not answered, by organisation."""
    path = f"/api/v2/dags/{DAG}/dagRuns/~/hitlDetails?response_received=false&limit=100"
    waiting = [
        one
        for one in api.get(path)["hitl_details"]
        if one["task_instance"]["state"] == "awaiting_input"
    ]
    found = {one["subject"].split(",")[0]: one for one in waiting}
    assert len(found) == len(waiting), "one submission is asked about twice"
    return found


def answer(api: Api, question: dict[str, Any], option: str, reason: str = "") -> None:
    task = question["task_instance"]
    run = quote(task["dag_run_id"], safe="")
    api.patch(
        f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/ask/{task['map_index']}/hitlDetails",
        {"chosen_options": [option], "params_input": {"reason": reason}},
    )


def in_force(home: Home, organisation: str) -> int:
    current = ledger.current(home, Slot(organisation, "outreach", "2019"))
    assert current is not None
    return int(current["rows_loaded"])


def test_a_person_is_asked_about_each_and_everything_else_goes_on(home: Home, running: Api) -> None:
    drop(home, part_of(*ORGANISATIONS))
    asked = wait_for(
        "question about each", lambda: len(questions(running)) == 3 and questions(running), 240
    )
    body = asked["essote"]["body"]
    assert "1\N{NO-BREAK SPACE}200" in body and "300" in body and "75%" in body
    assert asked["essote"]["options"] == ["Accept", "Refuse", "Not yet"]
    assert {in_force(home, one) for one in ORGANISATIONS} == {WHOLE}
    # To be held is no failure.
    received = running.tasks("receive_submissions", "receive")
    assert not [one for one in received if one["state"] == "failed"]
    labels = {one["rendered_map_index"] for one in received if one["state"] == "success"}
    assert {label for label in labels if label.startswith(ORGANISATIONS)} == {
        f"{one}/outreach/2019.csv (held: waits for a person)" for one in ORGANISATIONS
    }
    # Other files wait for nobody's answer.
    before = len(receipts(home))
    drop(home, [("essote/outreach/2018.csv", visits(WHOLE, "essote").replace(b"2019-", b"2018-"))])
    wait_for("receipt of another file", lambda: len(receipts(home)) == before + 1, 240)


def test_no_submission_is_asked_about_twice(home: Home, running: Api) -> None:
    asked = questions(running)
    run = running.post(f"/api/v2/dags/{DAG}/dagRuns", {"logical_date": None})["dag_run_id"]
    looks = wait_for(
        "end of another run",
        lambda: [
            one
            for one in running.tasks(DAG, "look")
            if one["dag_run_id"] == run and one["state"] in ("success", "skipped", "failed")
        ],
        240,
    )
    assert [one["state"] for one in looks] == ["skipped"]
    assert questions(running).keys() == asked.keys() == set(ORGANISATIONS)


def test_the_answers_are_done_each_by_itself(home: Home, running: Api) -> None:
    asked = questions(running)
    answer(running, asked["essote"], "Accept", "A team was closed")
    wait_for("new rows in force", lambda: in_force(home, "essote") == PART, 240)
    answer(running, asked["sosteri"], "Refuse", "The first quarter only")
    # Decided by the command meanwhile.
    (left,) = [one for one in receiver.held(home) if one.organisation == "pieksamaki"]
    receiver.refuse_held(home, left.submission_id, by="data controller", reason="A trial")
    answer(running, asked["pieksamaki"], "Accept")
    wait_for(
        "end of the run",
        lambda: all(run["state"] == "success" for run in running.runs(DAG)),
        240,
    )
    assert receiver.held(home) == []
    reported = {
        one["organisation"]: (one["status"], one["held"]["decided_by"], one["held"]["reason"])
        for one in receipts(home)
        if one["held"]
    }
    assert reported == {
        "essote": ("accepted", airflow_environment.USER, "A team was closed"),
        "sosteri": ("refused", airflow_environment.USER, "The first quarter only"),
        "pieksamaki": ("refused", "data controller", "A trial"),
    }
    assert {in_force(home, "sosteri"), in_force(home, "pieksamaki")} == {WHOLE}
    decided = {one["rendered_map_index"] for one in running.tasks(DAG, "decide")}
    assert "pieksamaki/outreach/2019.csv: refused (decided already)" in decided
    # The warehouse follows what was let in, and nothing else.
    path = f"/api/v2/assets/events?source_dag_id={DAG}&limit=100"
    events = running.get(path)["asset_events"]
    assert [(one["uri"], one["extra"]["submissions"]) for one in events] == [
        ("vuosikello://lake/outreach", 1)
    ]
