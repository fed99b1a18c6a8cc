"""The inbox trigger: what it tells, when, and what it leaves alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from common import clock
from common.home import Home

POLL = 0.05


def trigger(home: Home, *, settle: float = 0.0, repeat: float = 30.0):  # type: ignore[no-untyped-def]
    from vuosikello.orchestration.inbox_trigger import InboxTrigger

    return InboxTrigger(
        str(home.root), settle_seconds=settle, poll_seconds=POLL, repeat_seconds=repeat
    )


class VirtualTime:
    """A clock that moves when somebody pauses: hours of watching cost no time.

    Attributes:
        moment: seconds since the watch began.
    """

    EPOCH = datetime(2026, 1, 15, 8, tzinfo=UTC)

    def __init__(self) -> None:
        self.moment = 0.0
        self.until = 0.0
        self.deeds: list[tuple[float, Callable[[], object]]] = []

    def now(self) -> datetime:
        return self.EPOCH + timedelta(seconds=self.moment)

    def monotonic(self) -> float:
        return self.moment

    async def pause(self, seconds: float) -> None:
        """Move on, and do every deed whose second has come, each at its own."""
        after = round(self.moment + seconds, 6)
        while self.deeds and self.deeds[0][0] <= after:
            self.moment, deed = self.deeds.pop(0)
            deed()
        self.moment = after
        if self.moment >= self.until:
            raise EndOfWatch


class EndOfWatch(Exception):
    """The time that a test watches is over."""


@pytest.fixture(autouse=True)
def virtual_time(monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    virtual = VirtualTime()
    for name in ("now", "monotonic", "pause"):
        monkeypatch.setattr(clock, name, getattr(virtual, name))
    return virtual


def drop(home: Home, name: str = "2019.csv", text: str = "visit_id\nv1\n") -> Path:
    """Write a file at the present moment of the virtual time."""
    path = home.inbox / "essote" / "outreach" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    written = clock.now().timestamp()
    os.utime(path, (written, written))
    return path


def watch(watched, seconds: float, *deeds: tuple[float, Callable[[], object]]) -> list[float]:  # type: ignore[no-untyped-def]
    """Run a trigger for so long; do each deed at its second; return when events came."""
    virtual = clock.now.__self__  # type: ignore[attr-defined]
    virtual.deeds, virtual.until = sorted(deeds, key=lambda deed: deed[0]), seconds
    events: list[float] = []

    async def listen() -> None:
        with contextlib.suppress(EndOfWatch):
            async for _event in watched.run():
                events.append(clock.monotonic())

    asyncio.run(listen())
    return events


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def test_an_empty_inbox_is_silent(home: Home) -> None:
    assert watch(trigger(home, repeat=0.1), 1.0) == []


def test_a_drop_is_told_at_once_and_once(home: Home) -> None:
    # A tenth of a second on an idle machine; the bound leaves room for a busy one.
    (reported,) = watch(trigger(home), 3.5, (0.5, lambda: drop(home)))
    assert 0.5 <= reported < 3.0


def test_what_goes_on_waiting_is_told_again_ever_more_rarely(home: Home) -> None:
    drop(home)
    reported = watch(trigger(home, repeat=0.3), 3.5)
    pauses = [later - earlier for earlier, later in pairwise(reported)]
    assert len(pauses) >= 2
    # A busy machine makes a pause longer, never shorter: each is at least the double of the last.
    assert all(pause > 0.29 * 2**nth for nth, pause in enumerate(pauses))


def test_a_new_drop_is_told_though_another_file_waits_long_since(home: Home) -> None:
    drop(home)
    reported = watch(trigger(home), 4.5, (2.5, lambda: drop(home, "2018.csv")))
    assert len(reported) == 2
    assert reported[1] >= 2.5


def test_a_burst_is_one_event(home: Home) -> None:
    def burst() -> None:
        for number in range(50):
            drop(home, f"2019.{number}.csv")

    # Well before what came after the first look may be reported on its own.
    reported = watch(trigger(home), 1.5, (0.1, burst))
    assert len(reported) == 1


@pytest.mark.parametrize("name", ["2019.csv.part", "2019.tmp", ".2019.csv", "~$2019.xlsx"])
def test_a_file_that_says_it_is_half_written_is_left_until_it_is_renamed(
    home: Home, name: str
) -> None:
    half = drop(home, name)
    whole = half.with_name("2019.csv")
    reported = watch(trigger(home, repeat=0.1), 2.5, (0.7, lambda: half.rename(whole)))
    assert reported
    assert reported[0] >= 0.7


def test_a_file_that_grows_is_told_once_it_has_settled(home: Home) -> None:
    growing = [(nth / 10, partial(drop, home, text="x" * (nth + 1))) for nth in range(8)]
    reported = watch(trigger(home, settle=0.6), 2.5, *growing)
    assert reported
    assert reported[0] >= 0.7 + 0.6


def test_an_unfinished_claim_is_told_without_any_drop(home: Home) -> None:
    from ingest.receiver import claim

    drop(home)
    claim(home)
    assert len(watch(trigger(home), 1.5)) == 1


def test_it_moves_and_opens_nothing(home: Home) -> None:
    path = drop(home)
    before = path.stat()
    watch(trigger(home), 0.5)
    after = path.stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert not list(home.claims.iterdir())


def test_a_folder_that_vanishes_for_a_moment_does_not_end_the_watch(home: Home) -> None:
    aside = home.root / "aside"
    reported = watch(
        trigger(home),
        2.0,
        (0.2, lambda: home.inbox.rename(aside)),
        (0.6, lambda: aside.rename(home.inbox)),
        (1.0, lambda: drop(home)),
    )
    assert len(reported) == 1


def test_airflow_can_make_the_same_trigger_in_another_process(home: Home) -> None:
    original = trigger(home, settle=3.0)
    classpath, arguments = original.serialize()
    module, _, name = classpath.rpartition(".")
    again = getattr(import_module(module), name)(**arguments)
    assert again.serialize() == original.serialize()


def test_without_a_settle_time_of_its_own_it_takes_the_installation_s(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vuosikello.orchestration.inbox_trigger import InboxTrigger

    monkeypatch.setenv("VUOSIKELLO_SETTLE_SECONDS", "7.5")
    assert InboxTrigger(str(home.root))._settle_seconds() == 7.5
