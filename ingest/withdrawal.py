"""Withdrawal: an accepted submission is taken back as if it had never been accepted.

A withdrawal is an event of its own in the ledger, with who and why. It undoes exactly one
submission: what stood before it is in force again, and nothing is removed. The receipt gains what
happened and loses nothing.

The line is appended first, under the lock of the slot, then the receipt is written anew. Where a
process is killed in between, the same command done again completes it, with what the line says.

This module must not know what is in force.
"""

from __future__ import annotations

from typing import Any

from filelock import FileLock

from common import clock
from common.home import Home
from ingest import held, ledger, receipts
from ingest.identity_codes import masked
from ingest.ledger import Slot
from ingest.receipts import Receipt, Status, Withdrawn


class NotWithdrawn(LookupError):
    """A submission cannot be withdrawn; the text says why, and what to do."""


def withdraw(home: Home, submission_id: str, *, by: str, reason: str) -> Receipt:
    """Take an accepted submission back.

    Args:
        home: the installation.
        submission_id: which.
        by: who takes it back.
        reason: why, in the person's words; anything like an identity code in both is masked.

    Returns:
        Its receipt, with the withdrawal.

    Raises:
        NotWithdrawn: there is no such submission, it was not accepted, or it has been withdrawn.
        ValueError: no name or no reason is given.
    """
    name, why = held.one_line(by), held.one_line(reason)
    if not name:
        raise ValueError("Say who withdraws it.")
    if not why:
        raise ValueError("Say why it is withdrawn: the submitter reads it in the receipt.")
    receipt = _published(home, submission_id)
    slot = Slot(receipt.organisation, receipt.feed, receipt.period)
    with FileLock(home.locks / f"slot.{slot.name}.lock"):
        # Somebody else may have withdrawn it while this waited for the lock.
        receipt = _published(home, submission_id)
        if receipt.withdrawn is not None:
            raise NotWithdrawn(_already(receipt))
        history = ledger.history(home, slot)
        event = history.withdrawals.get(submission_id)
        if event is None:
            if history.find(submission_id) is None:
                raise NotWithdrawn(
                    f"The ledger has no submission {submission_id}, though there is a receipt of "
                    "it. Bring the ledger back from the backup."
                )
            event = _event(submission_id, slot, name, why)
            ledger.append(home, slot, event)
        receipt.withdrawn = Withdrawn(
            at=event["known_at"], by=event["withdrawn_by"], reason=event["reason"]
        )
        receipts.rewrite(receipt, home.receipts)
    return receipt


def _published(home: Home, submission_id: str) -> Receipt:
    """Return the receipt of an accepted submission.

    Raises:
        NotWithdrawn: there is none; the text says why.
    """
    shown = masked(submission_id)
    path = home.receipts / f"{submission_id}.json"
    if not submission_id.isalnum() or not path.is_file():
        if held.find(home, submission_id) is not None:
            raise NotWithdrawn(
                f"Submission {shown} waits for a person, so nothing of it is in force. Refuse it: "
                f"vuosikello held refuse {shown}"
            )
        if submission_id.isalnum() and (home.claims / submission_id).is_dir():
            raise NotWithdrawn(
                f"Submission {shown} is still being received. Finish that first: vuosikello receive"
            )
        raise NotWithdrawn(
            f"There is no submission {shown}. Its id stands in its receipt, below {home.receipts}"
        )
    receipt = receipts.read(path)
    if receipt.status is Status.DUPLICATE:
        raise NotWithdrawn(
            f"Submission {shown} is a duplicate: nothing of it was loaded. Withdraw the submission "
            "with the same bytes that is in force."
        )
    if not receipt.is_accepted:
        raise NotWithdrawn(
            f"Submission {shown} was refused: nothing of it is in force, so there is nothing to "
            "withdraw."
        )
    return receipt


def _already(receipt: Receipt) -> str:
    assert receipt.withdrawn is not None
    day = receipts.finnish_time(receipt.withdrawn.at)["en"]
    return (
        f"Submission {receipt.submission_id} has been withdrawn already, by "
        f"{receipt.withdrawn.by} ({day})."
    )


def _event(submission_id: str, slot: Slot, by: str, reason: str) -> dict[str, Any]:
    return {
        "event": "withdrawal",
        "submission_id": submission_id,
        "organisation": slot.organisation,
        "feed": slot.feed,
        "period": slot.period,
        "withdrawn_by": by,
        "reason": reason,
        "known_at": ledger.timestamp(clock.now()),
    }
