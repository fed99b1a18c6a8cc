"""Receiving submissions: from a file in the inbox to the lake, the ledger and a receipt.

The steps, in their order:

1. *Claim* (:mod:`ingest.claims`). Whole files are taken out of the inbox in their order. That fixes
   a submission's id, its moment of receipt and its place among all others.
2. *Validate* (:mod:`ingest.validate`). The file is read, checked and pseudonymised into the claim's
   work folder.
3. *Judge* (:mod:`ingest.judgement`). It is compared with what is in force.
4. *Commit* (:mod:`ingest.commit`). The files get their final names, then the ledger gets its line.
5. *Finish*. The receipt gets its final name and the claim is removed.

A submission that a person must look at first pauses after step 3: its claim moves to the held ones
in one rename, and back when a person has decided; steps 4 and 5 follow then, under the same id.
Submissions that arrive meanwhile do not wait for it. A later submission for the same
period closes one that is held, unless the later one is itself refused.

If a run is killed before the ledger has its line, the next run validates the same claim again,
under the same id; if later, the next run finishes. Every step may be repeated. Claims of one
organisation and feed are received one after another, and of one period in the order claimed; all
others in parallel.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from filelock import FileLock
from ulid import ULID

from common import clock
from common.home import Home
from common.progress import Progress
from ingest import examination, judgement, ledger, receipts, same_slot
from ingest import held as held_submissions
from ingest.claims import Claim, all_claims, claim, count_waiting, place_of, read_claim, waiting
from ingest.commit import commit, encrypt_original, finish
from ingest.held import Decided, Decision
from ingest.identity_codes import masked
from ingest.keys import ephemeral_key, pseudonym_key
from ingest.ledger import Slot
from ingest.receipts import Receipt, Status
from ingest.validate import Limits, Outcome, refusal

__all__ = [
    "accept_held",
    "check",
    "claim",
    "count_waiting",
    "held",
    "receive",
    "receive_one",
    "refuse_held",
    "waiting",
]

# The place of a file that is only looked at: after everything that was received.
LAST = 1 << 62


def receive(
    home: Home,
    paths: list[Path] | None = None,
    *,
    limits: Limits | None = None,
    settle_seconds: float = 0.0,
    progress: Progress | None = None,
) -> list[Receipt]:
    """Receive these files, or all in the inbox, in their order.

    They go by organisation, feed and period, a year before its months; of several for one period
    by the rest of the name (:func:`ingest.periods.order_in_run`).

    Args:
        home: the installation.
        paths: files or folders; None is the inbox.
        limits: what receiving may use.
        settle_seconds: how long a file must be unchanged to count as whole.
        progress: called before each file.

    Returns:
        The receipts, in the order received.

    Raises:
        HomeProblem: the home is of another layout than the program's.
    """
    ids = claim(home, settle_seconds, paths)
    received, alone = [], set()
    for done, submission_id in enumerate(ids):
        claimed = read_claim(home.claims / submission_id)
        if progress:
            progress(done, len(ids), claimed.file if claimed else "")
        receipt = receive_one(home, submission_id, limits)
        if claimed is not None and not claimed.same_slot and receipt.status is not Status.HELD:
            alone.add(submission_id)
        received.append(receipt)
    # A later file may have closed what was held, or be for the same period.
    return [
        one if one.submission_id in alone else _receipt(home, one.submission_id) for one in received
    ]


def receive_one(home: Home, submission_id: str, limits: Limits | None = None) -> Receipt:
    """Receive one claimed file; safe to repeat and safe beside others.

    Claims of the same slot that came before it are received first.

    Args:
        home: the installation.
        submission_id: as :func:`claim` returned it.
        limits: what receiving may use.

    Returns:
        The receipt; one of the status ``held``, of which no file is kept, if it waits for a person.

    Raises:
        LookupError: there is neither a claim nor a receipt of that id.
    """
    claimed = read_claim(home.claims / submission_id)
    if claimed is None:
        return _receipt(home, submission_id)
    with _slot_lock(home, claimed.slot):
        for earlier in all_claims(home):
            if earlier.slot == claimed.slot and earlier.order <= claimed.order:
                _receive(home, earlier, limits or Limits())
        return _receipt(home, submission_id)


def check(
    path: Path,
    *,
    feed: str,
    organisation: str,
    period: str,
    home: Home | None = None,
    limits: Limits | None = None,
) -> tuple[Receipt, str]:
    """Validate a file as :func:`receive` would, and keep nothing.

    Args:
        path: the file; its extension says the format.
        feed: the feed it is for.
        organisation: who would submit it.
        period: the period it would be for.
        home: the installation in which it would replace another; nothing is written there.
        limits: what may be used.

    Returns:
        The receipt, and the table of all errors as CSV text.
    """
    name = f"{period}{path.suffix}"
    with tempfile.TemporaryDirectory(prefix="vuosikello-") as folder:
        claimed = Claim(
            str(ULID()),
            Path(folder),
            masked(path.name),
            clock.now(),
            place_of(PurePath(organisation, feed, name)),
            LAST,
        )
        claimed.work.mkdir()
        limits = limits or Limits()
        history = ledger.history(home, claimed.slot) if home else ledger.History([], {})
        key = ephemeral_key()
        receipt, outcome = examination.validated(claimed, path, key, limits, home, history)
        if home is not None:
            examination.judge(home, claimed, receipt, outcome, history, key.id, limits)
        receipt.arrival_no = None
        errors = outcome.errors.read_text(encoding="utf-8") if outcome.errors else ""
    return receipt, errors


def held(home: Home) -> list[Receipt]:
    """Return the receipts of the submissions that wait for a person, in the order received."""
    return held_submissions.waiting(home)


def accept_held(home: Home, submission_id: str, *, by: str, reason: str | None = None) -> Receipt:
    """Accept a held submission, as a person decided.

    Among other submissions its place is the moment it was received. What it says is known from
    now on.

    Args:
        home: the installation.
        submission_id: which.
        by: who decided.
        reason: why, in the person's words; anything like an identity code is masked.

    Returns:
        Its receipt.

    Raises:
        NotHeld: it does not wait for a person, or no longer.
        ValueError: no name is given.
    """
    return _decide(home, submission_id, held_submissions.decision_of(True, by, reason))


def refuse_held(home: Home, submission_id: str, *, by: str, reason: str) -> Receipt:
    """Refuse a held submission, as a person decided; what was accepted before stays in force.

    Args:
        home: the installation.
        submission_id: which.
        by: who decided.
        reason: why, in the person's words; anything like an identity code is masked.

    Returns:
        Its receipt.

    Raises:
        NotHeld: it does not wait for a person, or no longer.
        ValueError: no name or no reason is given.
    """
    return _decide(home, submission_id, held_submissions.decision_of(False, by, reason))


def _receive(home: Home, claimed: Claim, limits: Limits) -> None:
    """Take one claim through all steps, or to the held ones."""
    history = ledger.history(home, claimed.slot)
    if history.find(claimed.submission_id) is None:
        decided = held_submissions.decided(claimed.folder)
        if decided is None:
            is_held = _examine(home, claimed, history, limits)
        else:
            is_held = False
            receipt, outcome = _decided_outcome(claimed, decided, home, history)
            commit(home, claimed, receipt, outcome, decided.key_id)
        if is_held:
            same_slot.tell(home, claimed)
            return
    finish(home, claimed, lambda: same_slot.tell(home, claimed))


def _examine(home: Home, claimed: Claim, history: ledger.History, limits: Limits) -> bool:
    """Validate and judge a claim, and commit it or move it to the held ones; tell whether held."""
    shutil.rmtree(claimed.work, ignore_errors=True)
    claimed.work.mkdir()
    key = pseudonym_key(home)
    receipt, outcome = examination.validated(
        claimed,
        claimed.original,
        key,
        limits,
        home,
        history,
        lambda: encrypt_original(home, claimed),
    )
    _close_earlier_held(home, claimed, receipt, limits)
    # Of two organisations that send the same bytes at the same time, one comes first.
    with FileLock(home.locks / f"bytes.{(receipt.sha256 or '')[:2]}.lock"):
        examination.judge(home, claimed, receipt, outcome, history, key.id, limits)
        receipts.write(receipt, claimed.work)
        if receipt.status is not Status.HELD:
            commit(home, claimed, receipt, outcome, key.id)
            return False
    assert outcome.accepted is not None
    outcome.accepted.rename(_held_rows(claimed))
    encrypt_original(home, claimed)
    held_submissions.hold(home, claimed.folder, receipt, key.id)
    return True


def _decide(home: Home, submission_id: str, decision: Decision) -> Receipt:
    held_receipt = held_submissions.find(home, submission_id)
    if held_receipt is None:
        if submission_id.isalnum() and held_submissions.is_decided(home.claims / submission_id):
            # Somebody else decided a moment ago: that decision is carried out first.
            receive_one(home, submission_id)
        raise held_submissions.not_held(home, submission_id)
    slot = Slot(held_receipt.organisation, held_receipt.feed, held_receipt.period)
    with _slot_lock(home, slot):
        _carry_out(home, submission_id, decision, Limits())
    return _receipt(home, submission_id)


def _carry_out(home: Home, submission_id: str, decision: Decision, limits: Limits) -> None:
    """Carry out a decision about a held submission; its slot is locked."""
    claimed = read_claim(held_submissions.resume(home, submission_id, decision))
    assert claimed is not None
    _receive(home, claimed, limits)


def _decided_outcome(
    claimed: Claim, decided: Decided, home: Home, history: ledger.History
) -> tuple[Receipt, Outcome]:
    """Return the outcome of a held submission after a decision; may be repeated."""
    decision, receipt = decided.decision, decided.receipt
    held = receipt.held
    assert held is not None
    receipt.held = held.model_copy(
        update=decision.model_dump(include={"decided_at", "decided_by", "reason"})
    )
    if decision.is_accepted:
        before = history.current(claimed.slot.period, claimed.order)
        receipt.supersedes = before["submission_id"] if before else None
        receipt.rows_loaded = held.rows
        receipt.status = Status.ACCEPTED_WITH_REJECTS if receipt.rows_rejected else Status.ACCEPTED
        rejected = claimed.work / "rejected.parquet" if receipt.rows_rejected else None
        outcome = Outcome(accepted=_held_rows(claimed), rejected=rejected)
        # Meanwhile others may have come: what goes out of force is what does so now.
        judged = examination.judged(home, claimed, receipt, outcome, history, decided.key_id)
        receipt.out_of_force = judgement.effect(judged).out_of_force
    else:
        outcome = refusal([held_submissions.refusal_of(decision, held)], claimed.work)
        receipt.status = Status.REFUSED
        receipt.rows_rejected = receipt.rows_warned = 0
        receipt.derived_period = None
        receipt.errors, receipt.errors_total = outcome.findings, outcome.findings_total
    receipts.write(receipt, claimed.work)
    return receipt, outcome


def _close_earlier_held(home: Home, claimed: Claim, receipt: Receipt, limits: Limits) -> None:
    """Refuse the held submissions of a slot that a later submission replaces.

    A refused submission replaces none, nor does a copy of the held one.
    """
    is_copy = any(finding.rule == "duplicate_of_held" for finding in receipt.errors)
    if receipt.status is Status.REFUSED or is_copy:
        return
    for one in held_submissions.waiting(home, claimed.slot):
        if held_submissions.place(one) < claimed.order:
            _carry_out(home, one.submission_id, held_submissions.replaced(), limits)


def _held_rows(claimed: Claim) -> Path:
    """Return the path of the rows of a held submission that would be accepted."""
    return claimed.work / "accepted.parquet"


def _receipt(home: Home, submission_id: str) -> Receipt:
    held_receipt = held_submissions.find(home, submission_id)
    if held_receipt is not None:
        return held_receipt
    path = home.receipts / f"{submission_id}.json"
    if not path.is_file():
        raise LookupError(f"there is no submission {submission_id} to receive and no receipt of it")
    return receipts.read(path)


@contextmanager
def _slot_lock(home: Home, slot: Slot) -> Iterator[None]:
    with FileLock(home.locks / f"slot.{slot.name}.lock"):
        yield
