"""Several files of one run for the same organisation, feed and period: which one counts.

Both receipts name the other and say which counts, whatever ran between them: the remark is written
again into the receipts of all of them whenever one of them has been received or decided about.

This module must not know how a submission is received.
"""

from __future__ import annotations

from pathlib import PurePath

from common.home import Home
from ingest import held, ledger, receipts
from ingest.claims import Claim, read_claim
from ingest.judgement import remark
from ingest.receipts import Finding

_RULES = ("several_for_period", "several_for_period_none", "several_for_period_held")


def tell(home: Home, claimed: Claim) -> None:
    """Write into the receipts of all files of a claim's run and slot which of them counts.

    Nothing is written while one of them is still to be received. Every step may be repeated.

    Args:
        home: the installation.
        claimed: one of them, received or held; its slot is locked.
    """
    if not claimed.same_slot:
        return
    history = ledger.history(home, claimed.slot)
    lines = [line for one in claimed.same_slot if (line := history.find(one)) is not None]
    waiting = [one for name in claimed.same_slot if (one := held.find(home, name)) is not None]
    received = {line["submission_id"] for line in lines} | {one.submission_id for one in waiting}
    others = set(claimed.same_slot) - received
    if any(read_claim(home.claims / one) is not None for one in others) or len(received) < 2:
        return
    names = {line["submission_id"]: line["file"] for line in lines}
    names |= {one.submission_id: one.file for one in waiting}
    files = ", ".join(_name(names[one]) for one in claimed.same_slot if one in names)
    of_these = [line for line in history.in_force if line["submission_id"] in names]
    if waiting:
        found = remark(_RULES[2], files=files, waits=_name(waiting[-1].file))
    elif of_these:
        found = remark(_RULES[0], files=files, counts=_name(of_these[-1]["file"]))
    else:
        found = remark(_RULES[1], files=files)
    for line in lines:
        _write(home, line["submission_id"], found)


def _write(home: Home, submission_id: str, found: Finding) -> None:
    path = home.receipts / f"{submission_id}.json"
    if not path.is_file():
        # It was killed before its receipt was published, and does this itself.
        return
    receipt = receipts.read(path)
    receipts.add_remarks(
        receipt, [found], home.receipts / f"{submission_id}.errors.csv", instead_of=_RULES
    )
    receipts.rewrite(receipt, home.receipts)


def _name(file: str) -> str:
    return PurePath(file).name
