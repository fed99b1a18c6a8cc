"""Held submissions: validated, unusual, waiting for a person's decision.

A held submission lies in a folder of its own under ``held/``, where its claim was moved in one
rename. Nothing of it is in the lake, the ledger or the receipts, so whatever was accepted before
stays in force. The folder contains

- ``held.json``: the receipt as it stands, with the status ``held`` and why;
- ``work/``: the results of validation: rows under pseudonyms, the errors, the receipt as a page,
  and the encrypted original. The file as it was sent is removed: no identity is kept here.

A person's decision is written beside them, and the folder moves back to the claims in one rename;
receiving continues from there. So a submission is either held or claimed, whenever a process is
killed.

Which submissions wait is decided in :mod:`ingest.judgement`; what happens after a decision, in
:mod:`ingest.receiver`. This module must not know who asks the person, or how.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from common import clock
from common.files import sync_file, sync_folder, write_text
from common.formats import format_number
from common.home import Home
from ingest import ledger
from ingest.identity_codes import masked
from ingest.ledger import Order, Slot
from ingest.readers import Problem
from ingest.receipts import Held, Receipt

NOTE = "held.json"
LONGEST = 500
_DECISION = "decision.json"
_ASKED = "asked.json"
_KEPT = ("accepted.parquet", "rejected.parquet", "errors.csv", "original.age", "receipt.html")


class NotHeld(LookupError):
    """No submission of that id waits for a person; the text says why, and what to do."""


class Decision(BaseModel):
    """What became of a held submission.

    Attributes:
        is_accepted: whether it is loaded.
        decided_at: when it was decided, as the ledger writes a moment.
        decided_by: who decided; None where a newer submission did.
        reason: why, in the person's own words.
        rule: why it is refused, as a key of the messages; None where a person said why.
    """

    model_config = ConfigDict(frozen=True)

    is_accepted: bool
    decided_at: str
    decided_by: str | None = None
    reason: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, with the receipt as it was while the submission was held, and its key's id."""

    decision: Decision
    receipt: Receipt
    key_id: str


def one_line(text: str) -> str:
    """Return a person's words as one line; anything like an identity code is masked."""
    return masked(" ".join(text.split()))[:LONGEST]


def decision_of(is_accepted: bool, by: str, reason: str | None) -> Decision:
    """Return a person's decision, made now; anything like an identity code in it is masked.

    Raises:
        ValueError: no name is given, or a refusal has no reason; the text says so.
    """
    name, why = one_line(by), one_line(reason or "")
    if not name:
        raise ValueError("Say who decides.")
    if not is_accepted and not why:
        raise ValueError("Say why it is refused: the submitter reads it in the receipt.")
    return Decision(
        is_accepted=is_accepted,
        decided_at=ledger.timestamp(clock.now()),
        decided_by=name,
        reason=why or None,
    )


def replaced() -> Decision:
    """Return the decision, made now, to refuse a submission that a newer one replaces."""
    now = ledger.timestamp(clock.now())
    return Decision(is_accepted=False, decided_at=now, rule="replaced_while_held")


def refusal_of(decision: Decision, held: Held) -> Problem:
    """Return why a held submission is refused."""
    values = {
        "year": held.year,
        "before": format_number(held.rows_before, "fi"),
        "after": format_number(held.rows_after, "fi"),
    }
    return Problem(decision.rule or f"{held.subject}_not_confirmed", values)


def waiting(home: Home, slot: Slot | None = None) -> list[Receipt]:
    """Return the receipts of the submissions that wait for a person, in the order received.

    Args:
        home: the installation.
        slot: only those of this organisation, feed and period.
    """
    found: list[Receipt] = []
    for path in home.held.glob(f"*/{NOTE}"):
        with suppress(FileNotFoundError):
            found.append(_read(path)[0])
    if slot is not None:
        found = [one for one in found if Slot(one.organisation, one.feed, one.period) == slot]
    return sorted(found, key=place)


def place(receipt: Receipt) -> Order:
    """Return the place of a held submission among all others."""
    return (receipt.arrival_no or 0, receipt.received_at, receipt.submission_id)


def find(home: Home, submission_id: str) -> Receipt | None:
    """Return the receipt of one held submission, or None."""
    if not submission_id.isalnum():
        return None
    with suppress(FileNotFoundError, NotADirectoryError):
        return _read(home.held / submission_id / NOTE)[0]
    return None


def hold(home: Home, claim: Path, receipt: Receipt, key_id: str) -> None:
    """Move a validated claim to the held ones, in one rename.

    Args:
        home: the installation.
        claim: its folder, with the encrypted original among the results of validation.
        receipt: its receipt so far, with the reason why it waits.
        key_id: the key that its pseudonyms were made with.
    """
    work = claim / "work"
    for path in work.iterdir():
        if path.name in _KEPT:
            sync_file(path)
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    # The name of a file may contain an identity, too.
    place = json.loads((claim / "claim.json").read_text(encoding="ascii"))
    name = masked(os.fsdecode(bytes.fromhex(place["file"])))
    write_text(claim / "claim.json", json.dumps(place | {"file": os.fsencode(name).hex()}))
    note = receipt.model_dump(mode="json") | {"key_id": key_id}
    write_text(claim / NOTE, json.dumps(note, ensure_ascii=False, indent=2) + "\n")
    target = home.held / claim.name
    home.held.mkdir(parents=True, exist_ok=True)
    claim.rename(target)
    sync_folder(home.held)
    _remove_original(target)


def resume(home: Home, submission_id: str, decision: Decision) -> Path:
    """Move a held submission back to the claims, with what was decided.

    Args:
        home: the installation.
        submission_id: which.
        decision: what was decided; it stands once the folder has moved.

    Returns:
        The folder of the claim.

    Raises:
        NotHeld: it does not wait, or no longer.
    """
    folder = home.held / submission_id
    if find(home, submission_id) is None:
        raise not_held(home, submission_id)
    _remove_original(folder)
    write_text(folder / _DECISION, decision.model_dump_json(indent=2) + "\n")
    target = home.claims / submission_id
    # A run that removes what killed runs left must not meet a folder that is just being moved.
    with FileLock(home.locks / "claim.lock"):
        folder.rename(target)
    sync_folder(home.claims)
    return target


def decided(claim: Path) -> Decided | None:
    """Read the decision about a claim; None where there is none."""
    try:
        text = (claim / _DECISION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    receipt, key_id = _read(claim / NOTE)
    return Decided(Decision.model_validate_json(text), receipt, key_id)


def is_decided(claim: Path) -> bool:
    """Whether a claim was held and has been decided about."""
    return (claim / _DECISION).is_file()


def not_held(home: Home, submission_id: str) -> NotHeld:
    """Return the exception that says why a submission cannot be decided about."""
    shown = masked(submission_id)
    path = home.receipts / f"{submission_id}.json"
    if submission_id.isalnum() and path.is_file():
        receipt = Receipt.model_validate_json(path.read_text(encoding="utf-8"))
        by = f" by {receipt.held.decided_by}" if receipt.held and receipt.held.decided_by else ""
        state = "accepted" if receipt.is_accepted else str(receipt.status)
        return NotHeld(f"Submission {shown} has been decided already: {state}{by}.")
    return NotHeld(f"No submission {shown} waits for a person. See which do: vuosikello held")


def remove_left_over(home: Home) -> None:
    """Remove the unencrypted files that a killed run left."""
    for path in home.held.glob(f"*/{NOTE}"):
        _remove_original(path.parent)


def to_ask(home: Home, asker: str, is_asking: Callable[[str], bool], most: int) -> list[Receipt]:
    """Return the held submissions that no process asks a person about, and note that this one does.

    Args:
        home: the installation.
        asker: the process that asks from now on.
        is_asking: whether a process that noted that it asks still does.
        most: how many to return at most.
    """
    home.create()
    found: list[Receipt] = []
    with FileLock(home.locks / "ask.lock"):
        for one in waiting(home):
            note = home.held / one.submission_id / _ASKED
            other = None
            with suppress(OSError, ValueError):
                other = str(json.loads(note.read_text(encoding="utf-8"))["by"])
            if len(found) < most and (other in (None, asker) or not is_asking(str(other))):
                with suppress(FileNotFoundError):
                    write_text(note, json.dumps({"by": asker}) + "\n")
                    found.append(one)
    return found


def _read(note: Path) -> tuple[Receipt, str]:
    values = json.loads(note.read_text(encoding="utf-8"))
    return Receipt.model_validate(values), str(values["key_id"])


def _remove_original(folder: Path) -> None:
    """Remove the file as it was sent, once its encrypted copy is kept."""
    (folder / "original").unlink(missing_ok=True)
