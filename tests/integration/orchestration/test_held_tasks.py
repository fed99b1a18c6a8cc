"""What a person is asked about a held submission, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.home import Home
from ingest import receiver
from ingest.receipts import Receipt
from tests.support.house import House, csv_text, goods
from tests.support.outlet import FEEDS, Outlet
from vuosikello.orchestration import tasks

WHOLE, PART = 1200, 300


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("VUOSIKELLO_HOME", str(tmp_path))
    return House(Home(tmp_path))


@pytest.fixture
def held(house: House) -> Receipt:
    house.receive(csv_text("outreach", goods("outreach", WHOLE)))
    return house.receive(csv_text("outreach", goods("outreach", PART)))


@pytest.fixture
def running() -> set[str]:
    """The runs that Airflow says have not ended."""
    return {"first", "second"}


@pytest.fixture(autouse=True)
def context(running: set[str]) -> Iterator[dict[str, Any]]:
    """What Airflow hands a task: its run, and how many of some runs are in some state."""
    from airflow.sdk.execution_time.context import set_current_context

    def count(dag_id: str, run_ids: list[str], states: list[str]) -> int:
        assert (dag_id, states) == ("held_submissions", ["queued", "running"])
        return len(running & set(run_ids))

    run = SimpleNamespace(
        dag_id="held_submissions", task_id="decide", map_index=0, get_dr_count=count
    )
    with set_current_context({"ti": run}) as context:  # type: ignore[typeddict-item]
        yield context  # type: ignore[misc]


def answer(option: str, reason: str = "", by: str | None = "Maija") -> dict[str, Any]:
    user = {"id": "1", "name": by} if by else None
    return {
        "chosen_options": [option],
        "params_input": {"reason": reason},
        "responded_by_user": user,
    }


def decide(held: Receipt, given: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    outlet = Outlet()
    tasks.decide(held.submission_id, given, FEEDS, outlet)
    return outlet.added


def test_the_question_says_in_plain_words_what_is_unusual(held: Receipt) -> None:
    (question,) = tasks.questions("first")
    assert question["submission_id"] == held.submission_id
    assert question["subject"] == "essote, outreach 2019: let it in?"
    reported = question["body"].replace("\N{NO-BREAK SPACE}", " ")
    for words in ("**essote**", "**outreach**", "**1 200**", "**300** (-75%)", "Accept", "Refuse"):
        assert words in reported


def test_one_run_asks_about_a_submission_until_it_has_ended(
    held: Receipt, running: set[str]
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    assert len(tasks.questions("first")) == 1
    with pytest.raises(AirflowSkipException, match="whom nobody asks yet"):
        tasks.questions("second")
    running.remove("first")
    assert len(tasks.questions("second")) == 1


def test_accepted_it_is_let_in_and_its_feed_is_announced(house: House, held: Receipt) -> None:
    reported = decide(held, answer("Accept", "A team was closed"))
    assert reported == [("feed_outreach", {"submissions": 1, "last": held.submission_id})]
    assert house.current() == held.submission_id
    kept = house.receipts()[-1]["held"]
    assert (kept["decided_by"], kept["reason"]) == ("Maija", "A team was closed")


def test_refused_it_changes_nothing_and_nothing_is_announced(house: House, held: Receipt) -> None:
    assert decide(held, answer("Refuse")) == []
    receipt = house.receipts()[-1]
    assert receipt["status"] == "refused"
    assert receipt["held"]["reason"] == "No reason was given."


@pytest.mark.parametrize("option", ["Accept", "Refuse"])
def test_decided_by_the_command_meanwhile_the_answer_changes_nothing(
    house: House, held: Receipt, option: str, context: dict[str, Any]
) -> None:
    receiver.accept_held(house.home, held.submission_id, by="Liisa")
    # The warehouse follows all the same: it may not have been notified yet.
    assert [feed for feed, _ in decide(held, answer(option))] == ["feed_outreach"]
    assert house.current() == held.submission_id
    assert context["submission"] == "essote/outreach/2019.csv: accepted (decided already)"


def test_a_task_that_is_run_again_does_the_same(house: House, held: Receipt) -> None:
    first = decide(held, answer("Accept"))
    assert decide(held, answer("Accept")) == first


def test_without_an_answer_it_goes_on_waiting(house: House, held: Receipt) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException, match="it is asked again"):
        decide(held, answer("Not yet", by=None))
    assert [one.submission_id for one in receiver.held(house.home)] == [held.submission_id]
    receiver.refuse_held(house.home, held.submission_id, by="Liisa", reason="A trial")
    with pytest.raises(AirflowSkipException, match="decided already"):
        decide(held, answer("Not yet", by=None))


def test_the_task_that_received_it_says_that_it_waits(
    house: House, held: Receipt, context: dict[str, Any]
) -> None:
    reported = tasks.receive(held.submission_id)
    assert (reported["status"], reported["is_accepted"]) == ("held", False)
    assert context["submission"] == "essote/outreach/2019.csv (held: waits for a person)"
    assert "waits for a person" in tasks.notes["held_submissions", "decide", 0]
