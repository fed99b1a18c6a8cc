"""Watches the ledger and says "go and look" when a submission has been withdrawn.

A withdrawal is a command of a person, outside Airflow. What was withdrawn while nobody watched the
sweep of the warehouse finds: the trigger only makes it quick. It never changes a file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from common import clock

log = logging.getLogger(__name__)


class WithdrawalTrigger(BaseEventTrigger):
    """Emits an event when the ledger has got another withdrawal.

    Args:
        home: the installation's home folder.
        poll_seconds: how often the ledger is looked at.
    """

    def __init__(self, home: str, poll_seconds: float = 5.0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.home = home
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what Airflow needs to make the same trigger in another process."""
        return (
            "vuosikello.orchestration.withdrawal_trigger.WithdrawalTrigger",
            {"home": self.home, "poll_seconds": self.poll_seconds},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event with each look that finds new withdrawals; never ends by itself."""
        ledger = _Ledger(Path(self.home))
        await asyncio.to_thread(ledger.new_withdrawals)
        while True:
            await clock.pause(self.poll_seconds)
            if found := await asyncio.to_thread(ledger.new_withdrawals):
                yield TriggerEvent({"withdrawals": found})  # type: ignore[no-untyped-call]


class _Ledger:
    """The ledger as it was last looked at: how far each of its files had been read."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._sizes: dict[Path, int] = {}
        self._withdrawals: dict[Path, int] = {}

    def new_withdrawals(self) -> int:
        """Return how many withdrawals have come since the last look.

        Only files that have grown are read. One that cannot be read for a moment is read with the
        next look.
        """
        from common.home import Home
        from common.jsonl import whole_lines

        found = 0
        try:
            for path in Home(self._home).ledger.glob("*.jsonl"):
                size = path.stat().st_size
                if self._sizes.get(path) == size:
                    continue
                count = sum(event.get("event") == "withdrawal" for event in whole_lines(path))
                found += max(0, count - self._withdrawals.get(path, 0))
                self._sizes[path], self._withdrawals[path] = size, count
        except OSError as error:
            log.warning("the ledger cannot be read, it is tried again: %s", error.strerror)
        return found
