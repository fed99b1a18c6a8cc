"""Receiving submissions: from a file in the inbox to the lake, the ledger and a receipt.

The steps, in their order:

1. *Claim* (:mod:`ingest.claims`). Whole files are taken out of the inbox in path order. That fixes
   a submission's id and its moment of receipt.
2. *Validate* (:mod:`ingest.validate`). The file is read, checked and pseudonymised into the claim's
   work folder.
3. *Commit* (:mod:`ingest.commit`). The files get their final names, then the ledger gets its line.
4. *Finish*. The receipt gets its final name and the claim is removed.

A submission that would change a year's volume more than usual pauses after step 2: its claim moves
to the held ones in one rename, and back when a person has decided; steps 3 and 4 follow then, under
the same id. Submissions that arrive meanwhile do not wait for it. A later submission for the same
period closes one that is held, unless the later one is itself refused.

If a run is killed before the ledger has its line, the next run validates the same claim again,
under the same id; if later, the next run finishes. Every step may be repeated. Claims of one
organisation and feed are received one after another, and of one period in the order claimed; all
others in parallel.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePath

from filelock import FileLock
from ulid import ULID

from common import clock
from common.home import Home
from common.progress import Progress
from ingest import held as held_submissions
from ingest import ledger, receipts, volume
from ingest.claims import Claim, all_claims, claim, count_waiting, place_of, read_claim, waiting
from ingest.commit import commit, encrypt_original, finish
from ingest.contracts import Contract, load_contracts
from ingest.held import Decided, Decision
from ingest.identity_codes import masked
from ingest.keys import PseudonymKey, ephemeral_key, pseudonym_key
from ingest.layout import name_layout
from ingest.ledger import Slot
from ingest.readers import Fingerprint, Problem, fingerprint
from ingest.receipts import Receipt, Status
from ingest.validate import Limits, Outcome, SubmittedFile, refusal, validate

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

TEXT_FORMATS = ("csv", "jsonl")
# Originals of at least so many bytes are encrypted while the engine reads the file.
LARGE = 1 << 24


def receive(
    home: Home,
    paths: list[Path] | None = None,
    *,
    limits: Limits | None = None,
    settle_seconds: float = 0.0,
    progress: Progress | None = None,
) -> list[Receipt]:
    """Receive these files, or all in the inbox, in path order.

    Args:
        home: the installation.
        paths: files or folders; None is the inbox.
        limits: what receiving may use.
        settle_seconds: how long a file must be unchanged to count as whole.
        progress: called before each file.

    Returns:
        The receipts, in the order received.
    """
    name_layout(home)
    ids = claim(home, settle_seconds, paths)
    received = []
    for done, submission_id in enumerate(ids):
        if progress:
            claimed = read_claim(home.claims / submission_id)
            progress(done, len(ids), claimed.file if claimed else "")
        received.append(receive_one(home, submission_id, limits))
    # A later file may have closed what was held.
    return [
        _receipt(home, one.submission_id) if one.status is Status.HELD else one for one in received
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
        )
        claimed.work.mkdir()
        receipt, outcome = _validated(claimed, path, ephemeral_key(), limits or Limits(), home)
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
    if ledger.find(home, claimed.slot, claimed.submission_id) is None:
        decided = held_submissions.decided(claimed.folder)
        if decided is not None:
            receipt, outcome = _decided_outcome(claimed, decided, home)
            key_id = decided.key_id
        else:
            shutil.rmtree(claimed.work, ignore_errors=True)
            claimed.work.mkdir()
            key = pseudonym_key(home)
            receipt, outcome = _validated(
                claimed,
                claimed.original,
                key,
                limits,
                home,
                lambda: encrypt_original(home, claimed),
            )
            key_id = key.id
            _close_earlier_held(home, claimed, receipt, limits)
            if receipt.status is Status.HELD:
                assert outcome.accepted is not None
                outcome.accepted.rename(_held_rows(claimed))
                encrypt_original(home, claimed)
                held_submissions.hold(home, claimed.folder, receipt, key_id)
                return
        commit(home, claimed, receipt, outcome, key_id)
    finish(home, claimed)


def _validated(
    claimed: Claim,
    path: Path,
    key: PseudonymKey,
    limits: Limits,
    home: Home | None,
    background: Callable[[], object] | None = None,
) -> tuple[Receipt, Outcome]:
    """Validate a file into the claim's work folder and write its receipt there.

    Args:
        claimed: the claim.
        path: the file.
        key: the key of pseudonyms.
        limits: what may be used.
        home: the installation; None in a dry run without one.
        background: another task, done while a large file is read.
    """
    place = claimed.place
    contract = load_contracts().get(place.feed or "")
    receipt = Receipt(
        submission_id=claimed.submission_id,
        organisation=place.organisation,
        feed=place.feed,
        period=place.period.text if place.period else None,
        file=claimed.file,
        sha256=None,
        received_at=ledger.timestamp(claimed.received_at),
        contract_version=contract.version if contract else None,
        status=Status.REFUSED,
    )
    if not stat.S_ISREG(path.lstat().st_mode):
        outcome = refusal([Problem("not_a_file")], claimed.work)
    else:
        read = fingerprint(path, as_text=place.extension in TEXT_FORMATS)
        receipt.sha256 = read.sha256
        before = None
        if home is not None and place.problem is None:
            before = ledger.current(home, claimed.slot, claimed.received_at)
        if place.problem is not None:
            outcome = refusal([Problem(place.problem, dict(place.problem_values))], claimed.work)
        elif before is not None and before["sha256"] == read.sha256:
            receipt.status = Status.DUPLICATE
            outcome = refusal([Problem("duplicate_submission")], claimed.work)
        elif home is not None and _is_held_already(home, claimed, read.sha256):
            receipt.status = Status.DUPLICATE
            outcome = refusal([Problem("duplicate_of_held")], claimed.work)
        else:
            file = _submitted_file(claimed, path, contract, read)
            is_large = read.size >= LARGE
            outcome = validate(file, key, claimed.work, limits, background if is_large else None)
            if not outcome.is_refused:
                receipt.supersedes = before["submission_id"] if before else None
                receipt.status = (
                    Status.ACCEPTED_WITH_REJECTS if outcome.rows_rejected else Status.ACCEPTED
                )
    _fill(receipt, outcome)
    if receipt.is_accepted and home is not None:
        _pause_if_unusual(home, claimed, receipt, limits)
    receipts.write(receipt, claimed.work)
    return receipt, outcome


def _is_held_already(home: Home, claimed: Claim, sha256: str) -> bool:
    """Whether the latest submission of the slot is held and has the same bytes."""
    earlier = [
        one
        for one in held_submissions.waiting(home, claimed.slot)
        if one.received_at < ledger.timestamp(claimed.received_at)
    ]
    return bool(earlier) and earlier[-1].sha256 == sha256


def _pause_if_unusual(home: Home, claimed: Claim, receipt: Receipt, limits: Limits) -> None:
    """Give a receipt the status ``held`` if its volume is unusual."""
    period = claimed.place.period
    assert period is not None
    in_force = [
        volume.InForce(
            event["period"],
            event["rows_loaded"],
            datetime.fromisoformat(event["received_at"]).astimezone(clock.FINLAND).date(),
        )
        for event in ledger.all_current(home, claimed.slot)
    ]
    today = claimed.received_at.astimezone(clock.FINLAND).date()
    change = volume.unusual(in_force, period, receipt.rows_loaded, today, limits.volume)
    if change is not None:
        receipt.held = held_submissions.held_for(change, receipt.rows_loaded)
        receipt.status = Status.HELD
        receipt.supersedes = None
        receipt.rows_loaded = 0


def _submitted_file(
    claimed: Claim, path: Path, contract: Contract | None, read: Fingerprint
) -> SubmittedFile:
    place = claimed.place
    assert contract and place.organisation and place.period and place.extension
    return SubmittedFile(
        path=path,
        extension=place.extension,
        contract=contract,
        organisation=place.organisation,
        period=place.period,
        submission_id=claimed.submission_id,
        received_on=claimed.received_at.astimezone(clock.FINLAND).date(),
        fingerprint=read,
    )


def _fill(receipt: Receipt, outcome: Outcome) -> None:
    receipt.rows_read = outcome.rows_read
    receipt.rows_loaded = outcome.rows_loaded
    receipt.rows_rejected = outcome.rows_rejected
    receipt.rows_warned = outcome.rows_warned
    receipt.derived_period = outcome.derived_period
    receipt.errors = outcome.findings
    receipt.errors_total = outcome.findings_total


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


def _decided_outcome(claimed: Claim, decided: Decided, home: Home) -> tuple[Receipt, Outcome]:
    """Return the outcome of a held submission after a decision; may be repeated."""
    decision, receipt = decided.decision, decided.receipt
    held = receipt.held
    assert held is not None
    receipt.held = held.model_copy(
        update=decision.model_dump(include={"decided_at", "decided_by", "reason"})
    )
    if decision.is_accepted:
        before = ledger.current(home, claimed.slot, claimed.received_at)
        receipt.supersedes = before["submission_id"] if before else None
        receipt.rows_loaded = held.rows
        receipt.status = Status.ACCEPTED_WITH_REJECTS if receipt.rows_rejected else Status.ACCEPTED
        rejected = claimed.work / "rejected.parquet" if receipt.rows_rejected else None
        outcome = Outcome(accepted=_held_rows(claimed), rejected=rejected)
    else:
        problem = Problem(str(decision.rule), held_submissions.refusal_values(held))
        outcome = refusal([problem], claimed.work)
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
    order = (receipt.received_at, receipt.submission_id)
    for one in held_submissions.waiting(home, claimed.slot):
        if (one.received_at, one.submission_id) < order:
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
