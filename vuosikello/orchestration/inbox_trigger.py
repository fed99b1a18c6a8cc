"""Watches the inbox and says "go and look".

The trigger is level-triggered: as long as something whole waits to be received it says so again,
so no lost event can leave a file waiting (Airflow keeps one queued event per asset and DAG, and
later ones are merged into it). It never claims, moves or opens a file: receiving does.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from common import clock

log = logging.getLogger(__name__)

LONGEST_PAUSE = 300.0
SHORTEST_PAUSE = 2.0

Look = frozenset[tuple[str, int, int]]


class InboxTrigger(BaseEventTrigger):
    """Emits an event when something whole waits in the inbox, and again while it does.

    An arrival is reported at once. What goes on waiting is reported again after
    ``repeat_seconds``, then after twice that, and so on up to five minutes: a file that cannot be
    received for a while (a full disk) neither stays forgotten nor starts a run every few seconds.

    Args:
        home: the installation's home folder.
        settle_seconds: how long a file must have been unchanged to count as whole; None is as the
            installation's settings say.
        poll_seconds: how often the inbox is looked at.
        repeat_seconds: the first pause before what still waits is reported again.
    """

    def __init__(
        self,
        home: str,
        settle_seconds: float | None = None,
        poll_seconds: float = 0.5,
        repeat_seconds: float = 12.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.home = home
        self.settle_seconds = settle_seconds
        self.poll_seconds = poll_seconds
        self.repeat_seconds = repeat_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow needs to make the same trigger in another process."""
        return (
            "vuosikello.orchestration.inbox_trigger.InboxTrigger",
            {
                "home": self.home,
                "settle_seconds": self.settle_seconds,
                "poll_seconds": self.poll_seconds,
                "repeat_seconds": self.repeat_seconds,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event whenever something should be received; never ends by itself."""
        reported: Look | None = None
        before: Look = frozenset()
        reported_at, pause = float("-inf"), self.repeat_seconds
        settle_seconds = await asyncio.to_thread(self._settle_seconds)
        while True:
            seen = await asyncio.to_thread(self._look, settle_seconds)
            since = clock.monotonic() - reported_at
            if seen is None:
                reported = None
            else:
                # What still grows between two looks is not whole; it arrives when it stands still.
                is_arrival = reported is None or bool((seen & before) - reported)
                if (is_arrival and since >= SHORTEST_PAUSE) or since >= pause:
                    pause = self.repeat_seconds if is_arrival else min(pause * 2, LONGEST_PAUSE)
                    reported, reported_at = seen, clock.monotonic()
                    yield TriggerEvent({"files": len(seen)})  # type: ignore[no-untyped-call]
            before = seen or frozenset()
            await clock.pause(self.poll_seconds)

    def _look(self, settle_seconds: float) -> Look | None:
        """Return the files in the inbox; None when there is nothing to receive.

        A folder that cannot be read for a moment is no reason to stop watching.
        """
        from common.home import Home
        from ingest.receiver import waiting

        try:
            home = Home(Path(self.home))
            if not waiting(home, settle_seconds):
                return None
            return frozenset(_files(home.inbox))
        except OSError as error:
            log.warning("the inbox cannot be looked at, it is tried again: %s", error.strerror)
            return None

    def _settle_seconds(self) -> float:
        from vuosikello.settings import Settings

        return Settings().settle_seconds if self.settle_seconds is None else self.settle_seconds


def _files(folder: Path) -> list[tuple[str, int, int]]:
    """Path, size and time of every file under a folder, those known to be half-written left out."""
    from ingest.periods import is_left_alone

    found: list[tuple[str, int, int]] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_left_alone(name)]
        for name in names:
            if is_left_alone(name):
                continue
            path = Path(parent) / name
            try:
                state = path.lstat()
            except FileNotFoundError:
                continue
            found.append((str(path), state.st_size, state.st_mtime_ns))
    return found
