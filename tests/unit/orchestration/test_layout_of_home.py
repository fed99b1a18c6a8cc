"""No task works in a home of another layout: its message is the one that a command gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from common.home import LAYOUT, Home
from tests.support.house import House, csv_text, goods
from vuosikello.orchestration import tasks


def window_task(name: str) -> Callable[..., Any]:
    """Return a task of the window; its module imports Airflow, so not before a test runs."""
    return getattr(import_module("vuosikello.orchestration.window_tasks"), name)


def deadline_passed() -> None:
    """Call what Airflow calls when the collection of a year was due."""
    asyncio.run(window_task("deadline_passed")(2019, "collection_due"))


ANSWER = {"chosen_options": ["Accept"], "params_input": {}, "responded_by_user": None}
STEPS: dict[str, Callable[[], Any]] = {
    "claim": tasks.claim,
    "receive": lambda: tasks.receive("01M"),
    "questions": lambda: tasks.questions("first"),
    "decide": lambda: tasks.decide("01M", ANSWER, {}, None),
    "build": lambda: tasks.build(is_forced=True),
    "build that is due": lambda: tasks.build(is_forced=False),
    "validate": lambda: tasks.validate("feeds"),
    "export": tasks.export,
    "readiness": lambda: window_task("readiness")(2019, is_forced=True),
    "remind": lambda: window_task("remind")({"year": 2019}),
    "ask": lambda: window_task("ask")({"year": 2019}),
    "sign": lambda: window_task("sign")({"year": 2019}, ANSWER),
    "deadline": deadline_passed,
    "release": lambda: window_task("release")({"year": 2019, "decision": "approved"}),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which a file waits, and that tasks work in."""
    monkeypatch.setenv("VUOSIKELLO_HOME", str(tmp_path))
    monkeypatch.setenv("VUOSIKELLO_SETTLE_SECONDS", "0")
    House(Home(tmp_path)).drop(csv_text("outreach", goods("outreach", 3)))
    return Home(tmp_path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("layout", "said"), [(LAYOUT - 1, "vuosikello upgrade"), (LAYOUT + 1, "Install the newer")]
)
def test_a_task_stops_at_a_home_of_another_layout_and_changes_nothing(
    home: Home, step: str, layout: int, said: str
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    home.version.write_text(f"{layout}\n", "ascii")
    before = sorted(home.root.rglob("*"))
    with pytest.raises(AirflowFailException, match=said):
        STEPS[step]()
    assert sorted(home.root.rglob("*")) == before


def test_the_first_claim_names_the_layout_of_a_new_home(home: Home) -> None:
    assert len(tasks.claim()) == 1
    assert home.version.read_text("ascii") == f"{LAYOUT}\n"
