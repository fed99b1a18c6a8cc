"""The time zone of the installation, and the present day in it.

Days are Finnish days, whatever the machine's time zone is. Code that needs the present takes it
from here, so that a test can set it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

FINLAND = ZoneInfo("Europe/Helsinki")


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Finland."""
    return now().astimezone(FINLAND).date()


def monotonic() -> float:
    """Return seconds that only grow, for measuring how long something takes."""
    return time.monotonic()


async def pause(seconds: float) -> None:
    """Let other work go on for so long."""
    await asyncio.sleep(seconds)
