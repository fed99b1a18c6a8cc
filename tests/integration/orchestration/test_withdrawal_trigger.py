"""The trigger that watches for withdrawals: what it tells, and when."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from common import clock
from common.home import Home
from ingest import ledger
from ingest.ledger import Slot

SLOT = Slot("essote", "outreach", "2019")


class EndOfWatch(Exception):
    """There is nothing more to look at."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def add(home: Home, event: str, submission_id: str, slot: Slot = SLOT) -> None:
    ledger.append(home, slot, {"event": event, "submission_id": submission_id})


def told(
    monkeypatch: pytest.MonkeyPatch, home: Home, *between_looks: Callable[[], object]
) -> list[int]:
    """Return how many withdrawals each event tells of; one deed is done before each look."""
    from vuosikello.orchestration.withdrawal_trigger import WithdrawalTrigger

    deeds = list(between_looks)

    async def pause(_seconds: float) -> None:
        if not deeds:
            raise EndOfWatch
        deeds.pop(0)()

    monkeypatch.setattr(clock, "pause", pause)
    events: list[int] = []

    async def listen() -> None:
        with contextlib.suppress(EndOfWatch):
            async for event in WithdrawalTrigger(str(home.root)).run():
                events.append(event.payload["withdrawals"])

    asyncio.run(listen())
    return events


def nothing() -> None:
    """Nobody does anything."""


def test_a_withdrawal_is_told_once(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    add(home, "submission", "S1")
    assert told(monkeypatch, home, nothing, lambda: add(home, "withdrawal", "S1"), nothing) == [1]


def test_what_is_received_is_not_told(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    assert told(monkeypatch, home, lambda: add(home, "submission", "S1"), nothing) == []


def test_what_was_withdrawn_before_the_watch_is_for_the_sweep(
    monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    add(home, "withdrawal", "S1")
    assert told(monkeypatch, home, nothing, lambda: add(home, "withdrawal", "S2")) == [1]


def test_withdrawals_between_two_looks_are_one_event(
    monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    def withdraw_two() -> None:
        add(home, "withdrawal", "S1")
        add(home, "withdrawal", "S2", Slot("sosteri", "contacts", "2019"))

    assert told(monkeypatch, home, withdraw_two, nothing) == [2]


def test_a_file_that_cannot_be_read_for_a_moment_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, home: Home
) -> None:
    read = Path.read_text
    failures = [OSError(5, "Input/output error")]

    def flaky(path: Path, *arguments: Any, **options: Any) -> str:
        if path.suffix == ".jsonl" and failures:
            raise failures.pop()
        return read(path, *arguments, **options)

    def withdraw() -> None:
        add(home, "withdrawal", "S1")
        monkeypatch.setattr(Path, "read_text", flaky)

    assert told(monkeypatch, home, withdraw, nothing, nothing) == [1]
    assert failures == []


def test_airflow_can_make_it_again_in_another_process(home: Home) -> None:
    from vuosikello.orchestration.withdrawal_trigger import WithdrawalTrigger

    path, arguments = WithdrawalTrigger(str(home.root), poll_seconds=7.0).serialize()
    module, _, name = path.rpartition(".")
    again = getattr(import_module(module), name)(**arguments)
    assert again.serialize() == (path, arguments)
