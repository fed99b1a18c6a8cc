"""Retention: originals are destroyed when their time has run out.

An original is kept, encrypted, for as long as its feed's contract says, so that it can be received
again; then it is destroyed. The ledger gets a line before that: if a run is killed between the two,
the next one destroys the original.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from ulid import ULID

from common import clock
from common.home import Home
from ingest import ledger
from ingest.contracts import load_contracts
from ingest.identity_codes import masked
from ingest.ledger import Slot

log = logging.getLogger(__name__)


def destroy_expired(home: Home, now: datetime | None = None) -> list[str]:
    """Destroy the originals whose retention has run out.

    Args:
        home: the installation.
        now: the moment that retention is compared with; by default the present one.

    Returns:
        The ids of the submissions whose originals were destroyed. The original of a file that
        belonged to no feed is kept as long as the longest contract says.
    """
    now = now or clock.now()
    days = {contract.feed: contract.retention_days for contract in load_contracts().values()}
    oldest = now - timedelta(days=min(days.values()))
    aged = {}
    for original in home.originals.glob("*.age"):
        received_at = _received_at(original)
        if received_at is not None and received_at < oldest:
            aged[original.stem] = original
    if not aged:
        return []
    events = list(ledger.events(home))
    recorded = {e["submission_id"] for e in events if e.get("event") == "original_destroyed"}
    destroyed = []
    for event in events:
        path = aged.get(event.get("submission_id", ""))
        if event.get("event") != "submission" or path is None:
            continue
        kept_for = timedelta(days=days.get(event["feed"] or "", max(days.values())))
        if datetime.fromisoformat(event["received_at"]) + kept_for > now:
            continue
        if event["submission_id"] not in recorded:
            slot = Slot(event["organisation"], event["feed"], event["period"])
            ledger.append(home, slot, _event(event["submission_id"], slot, now))
        path.unlink(missing_ok=True)
        destroyed.append(event["submission_id"])
    return destroyed


def _received_at(original: Path) -> datetime | None:
    """Return when an original was received; None where its name is no submission's id."""
    try:
        return ULID.from_str(original.stem).datetime
    except (ValueError, OverflowError, OSError):
        log.warning("%s among the originals is not a submission; ignored", masked(original.name))
        return None


def _event(submission_id: str, slot: Slot, now: datetime) -> dict[str, str | None]:
    return {
        "event": "original_destroyed",
        "submission_id": submission_id,
        "organisation": slot.organisation,
        "feed": slot.feed,
        "period": slot.period,
        "destroyed_at": ledger.timestamp(now),
    }
