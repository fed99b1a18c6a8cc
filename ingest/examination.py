"""Examining a claim: is it a duplicate, is its file right, and what does it do to what is in force.

The outcome is a receipt and the results of validation in the claim's work folder. Nothing is
published here, so that a dry run is the same.

This module must not know what becomes of a receipt.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

from common import clock
from common.home import Home
from ingest import held as held_submissions
from ingest import judgement, ledger, receipts
from ingest.claims import Claim
from ingest.contracts import Contract, load_contracts, organisations
from ingest.keys import PseudonymKey
from ingest.readers import Fingerprint, Problem, fingerprint
from ingest.receipts import Receipt, Status
from ingest.validate import Limits, Outcome, SubmittedFile, refusal, validate

TEXT_FORMATS = ("csv", "jsonl")
# Originals of at least so many bytes are encrypted while the engine reads the file.
LARGE = 1 << 24


def validated(
    claimed: Claim,
    path: Path,
    key: PseudonymKey,
    limits: Limits,
    home: Home | None,
    history: ledger.History,
    background: Callable[[], object] | None = None,
) -> tuple[Receipt, Outcome]:
    """Validate a file into the claim's work folder.

    Args:
        claimed: the claim.
        path: the file.
        key: the key of pseudonyms.
        limits: what may be used.
        home: the installation; None in a dry run without one.
        history: what the ledger tells of its organisation and feed.
        background: another task, done while a large file is read.
    """
    place = claimed.place
    contract = load_contracts().get(place.feed or "")
    organisation = organisations().get(place.organisation or "")
    receipt = Receipt(
        submission_id=claimed.submission_id,
        arrival_no=claimed.arrival_no,
        organisation=place.organisation,
        organisation_name=receipts.name_of(organisation.label) if organisation else None,
        feed=place.feed,
        feed_name=receipts.name_of(contract.label) if contract else None,
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
        if place.problem is None:
            before = history.current(claimed.slot.period, claimed.order)
        if place.problem is not None:
            outcome = refusal([Problem(place.problem, dict(place.problem_values))], claimed.work)
        # Files without rows are alike whatever they are about.
        elif before is not None and before["sha256"] == read.sha256 and before["rows_read"]:
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
    return receipt, outcome


def _is_held_already(home: Home, claimed: Claim, sha256: str) -> bool:
    """Whether the latest submission of the slot is held and has the same bytes."""
    earlier = [
        one
        for one in held_submissions.waiting(home, claimed.slot)
        if held_submissions.place(one) < claimed.order
    ]
    return bool(earlier) and earlier[-1].sha256 == sha256


def judge(
    home: Home,
    claimed: Claim,
    receipt: Receipt,
    outcome: Outcome,
    history: ledger.History,
    key_id: str,
    limits: Limits,
) -> None:
    """Add to a receipt what goes out of force, what is remarked, and whether a person looks first.

    Args:
        home: the installation.
        claimed: the claim.
        receipt: its receipt; gets all that, and the status ``held`` if it waits.
        outcome: the result of its validation.
        history: what the ledger tells of its organisation and feed.
        key_id: the key that its pseudonyms were made with.
        limits: from where on a person looks first.
    """
    period = claimed.place.period
    if receipt.status is Status.REFUSED or claimed.place.problem is not None or period is None:
        return
    remarks = judgement.succession(receipt.organisation, period)
    if receipt.is_accepted:
        submission = judged(home, claimed, receipt, outcome, history, key_id)
        found = judgement.effect(submission)
        receipt.held = judgement.reason_to_wait(submission, found, limits.volume)
        remarks += judgement.remarks(submission)
        if receipt.held is None:
            receipt.out_of_force = found.out_of_force
        else:
            receipt.status = Status.HELD
            receipt.supersedes = None
            receipt.rows_loaded = 0
    if remarks:
        receipts.add_remarks(receipt, remarks, outcome.errors)


def judged(
    home: Home,
    claimed: Claim,
    receipt: Receipt,
    outcome: Outcome,
    history: ledger.History,
    key_id: str,
) -> judgement.Judged:
    """Return a validated claim with what there is beside it, to judge it."""
    assert claimed.place.period is not None
    return judgement.Judged(
        home,
        receipt,
        claimed.place.period,
        receipt.rows_loaded,
        outcome.accepted,
        outcome.rejected,
        history,
        key_id,
    )


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
        received_on=_received_on(claimed),
        fingerprint=read,
    )


def _received_on(claimed: Claim) -> date:
    return claimed.received_at.astimezone(clock.FINLAND).date()


def _fill(receipt: Receipt, outcome: Outcome) -> None:
    receipt.rows_read = outcome.rows_read
    receipt.rows_loaded = outcome.rows_loaded
    receipt.rows_rejected = outcome.rows_rejected
    receipt.rows_warned = outcome.rows_warned
    receipt.derived_period = outcome.derived_period
    receipt.errors = outcome.findings
    receipt.errors_total = outcome.findings_total
