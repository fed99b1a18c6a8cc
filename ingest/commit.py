"""Committing a validated submission: lake, ledger, receipt.

Files get their final names first; they are not read yet, since readers take only files that the
ledger names. Then one line is appended to the ledger, and the submission is accepted. Finally the
receipt gets its final name and the claim is removed. Every step may be repeated.

This module must not know why a submission is accepted or refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyrage

from common import clock
from common.files import atomic_replace, publish
from common.home import Home
from ingest import ledger
from ingest.claims import Claim
from ingest.keys import originals_recipient
from ingest.receipts import Receipt
from ingest.validate import Outcome

# What is no fact of the submission, and what an event of its own tells.
_NOT_IN_LEDGER = {"errors", "errors_total", "organisation_name", "feed_name", "withdrawn"}


def commit(home: Home, claimed: Claim, receipt: Receipt, outcome: Outcome, key_id: str) -> None:
    """Store the files of a submission and append its line to the ledger.

    Args:
        home: the installation.
        claimed: the claim; it stays.
        receipt: what happened to the submission.
        outcome: the rows, in the claim's work folder.
        key_id: the key that its pseudonyms were made with.
    """
    lake_path = _store(home, claimed, receipt, outcome)
    ledger.append(home, claimed.slot, _event(claimed, receipt, lake_path, key_id))


def finish(home: Home, claimed: Claim, before_removal: Callable[[], object]) -> None:
    """Publish the receipt and remove the claim; a step that is done already is left out.

    Args:
        home: the installation.
        claimed: a claim whose line is in the ledger.
        before_removal: what else is done once the receipt is there; it may be called again.
    """
    for suffix in ("errors.csv", "html", "json"):
        source = claimed.work / (suffix if suffix == "errors.csv" else f"receipt.{suffix}")
        if source.exists():
            publish(source, home.receipts / f"{claimed.submission_id}.{suffix}")
    before_removal()
    # Renamed first, so that a half-removed claim does not look like one that waits.
    done = home.claims / f".done-{claimed.submission_id}"
    with suppress(FileNotFoundError):
        claimed.folder.rename(done)
    shutil.rmtree(done, ignore_errors=True)


def encrypt_original(home: Home, claimed: Claim) -> Path:
    """Encrypt the original into the claim's work folder, unless that is done already.

    Returns:
        The encrypted file.
    """
    encrypted = claimed.work / "original.age"
    if not encrypted.exists():
        with atomic_replace(encrypted, durable=False) as draft:
            pyrage.encrypt_file(str(claimed.original), str(draft), [originals_recipient(home)])
    return encrypted


def _store(home: Home, claimed: Claim, receipt: Receipt, outcome: Outcome) -> str | None:
    """Give rows and original their final names, and return the path of the accepted rows."""
    name = f"{claimed.submission_id}.parquet"
    lake_path = None
    if receipt.is_accepted and outcome.accepted is not None:
        target = home.accepted / str(receipt.feed) / str(receipt.organisation) / name
        _publish_once(outcome.accepted, target)
        lake_path = target.relative_to(home.root).as_posix()
    if outcome.rejected is not None:
        _publish_once(
            outcome.rejected,
            home.rejected / str(receipt.feed) / str(receipt.organisation) / name,
        )
    if receipt.sha256 is not None:
        kept = home.originals / f"{claimed.submission_id}.age"
        if (claimed.work / "original.age").exists() or not kept.exists():
            publish(encrypt_original(home, claimed), kept)
    return lake_path


def _publish_once(source: Path, target: Path) -> None:
    """Publish a file of the work folder, unless a killed run has done so.

    A file that is validated again is written again; that of a held submission is not.
    """
    if source.exists() or not target.exists():
        publish(source, target)


def _event(claimed: Claim, receipt: Receipt, lake_path: str | None, key_id: str) -> dict[str, Any]:
    """Return the ledger's line of a submission."""
    period = claimed.place.period
    event = receipt.model_dump(mode="json", exclude=_NOT_IN_LEDGER)
    if receipt.held is not None:
        event["held"] = {
            name: value for name, value in event["held"].items() if not name.startswith("message_")
        }
    return {
        "event": "submission",
        **event,
        "period_start": period.first.isoformat() if period else None,
        "period_end": period.last.isoformat() if period else None,
        "lake_path": lake_path,
        "key_id": key_id,
        # Later than received_at, by days where a person had to decide: what was known at a
        # moment must never change afterwards.
        "known_at": ledger.timestamp(clock.now()),
    }
