"""Judging a validated submission: what goes out of force by it, and whether a person looks first.

Each judgement compares a submission that passed every check with the current submissions of its
organisation and feed. The outcome is what its receipt says: the rows that go out of force, remarks,
and the reason why it waits. It waits if

1. another organisation has the same bytes in force for the feed;
2. it has nothing to report, and rows would go out of force or spells are still open;
3. it would change the volume of its year more than usual (:mod:`ingest.volume`).

This module must not know how a submission is received, or what a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from common import clock
from common.formats import format_number
from common.home import Home
from ingest import ledger, volume
from ingest.contracts import Contract, Kind, load_contracts, organisations
from ingest.in_force import RowsByDay, rows_in_force
from ingest.ledger import History
from ingest.messages import message
from ingest.open_spells import count_open, has_spells
from ingest.periods import Period
from ingest.receipts import Finding, Held, OutOfForce, Receipt
from ingest.volume import Figures, InForce, Thresholds


@dataclass(frozen=True, slots=True)
class Judged:
    """A validated submission and what there is beside it.

    Attributes:
        home: the installation.
        receipt: its receipt so far; accepted, unless a person looks first.
        period: its stated period.
        rows: how many rows it would load.
        accepted: the file of these rows; None where there is none.
        rejected: the same of the rejected ones.
        history: what the ledger tells of its organisation and feed.
        key_id: the key that its pseudonyms were made with.
    """

    home: Home
    receipt: Receipt
    period: Period
    rows: int
    accepted: Path | None
    rejected: Path | None
    history: History
    key_id: str

    @property
    def contract(self) -> Contract:
        """The contract of its feed."""
        return load_contracts()[str(self.receipt.feed)]

    @property
    def received_on(self) -> date:
        """The day it was received, in Finland."""
        return _day(self.receipt.received_at)

    @property
    def others(self) -> list[dict[str, Any]]:
        """The current submissions of the other periods, in the order received."""
        return [one for one in self.history.all_current() if one["period"] != self.period.text]

    @property
    def line(self) -> dict[str, Any]:
        """What its line in the ledger says of its rows, if it is accepted."""
        return {
            "submission_id": self.receipt.submission_id,
            "arrival_no": self.receipt.arrival_no,
            "received_at": self.receipt.received_at,
            "period": self.period.text,
            "period_start": self.period.first.isoformat(),
            "period_end": self.period.last.isoformat(),
            "rows_loaded": self.rows,
            "derived_period": self.receipt.derived_period,
            "lake_path": str(self.accepted),
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """What a submission does to the rows in force.

    Attributes:
        figures: the rows of its year, and of the year before.
        in_force: the current submissions of its year, with their rows in force before it.
        out_of_force: the rows of other periods that it puts out of force.
        replaced: how many rows in force had the submission of the same period.
    """

    figures: Figures
    in_force: list[InForce]
    out_of_force: list[OutOfForce]
    replaced: int


def effect(judged: Judged) -> Effect:
    """Return what a submission does to the rows in force."""
    year, period = judged.period.first.year, judged.period.text
    current = judged.history.all_current()
    now = [one for one in current if one["period"][:4] == f"{year:04}"]
    year_before = [one for one in current if one["period"][:4] == f"{year - 1:04}"]
    # A submission that waited for a person has its place where it was received.
    after = sorted(
        [*(one for one in now if one["period"] != period), judged.line], key=ledger.order
    )
    rows_now, rows_after = _rows(judged, now), _rows(judged, after)
    add_up = _volume(judged.contract)
    return Effect(
        Figures(year, add_up(rows_now), add_up(rows_after), add_up(_rows(judged, year_before))),
        [InForce(one["period"], rows_now[one["period"]], _day(one["received_at"])) for one in now],
        [
            OutOfForce(submission_id=one["submission_id"], period=one["period"], rows=gone)
            for one in now
            if one["period"] != period
            and (gone := rows_now[one["period"]] - rows_after[one["period"]]) > 0
        ],
        rows_now.get(period, 0),
    )


def reason_to_wait(judged: Judged, found: Effect, thresholds: Thresholds) -> Held | None:
    """Return why a person looks at a submission before it is accepted; None where nobody need.

    Args:
        judged: the submission.
        found: what it does to the rows in force.
        thresholds: from where on a change of volume is unusual.
    """
    receipt = judged.receipt
    if receipt.rows_read == 0:
        return _nothing_to_report(judged, found)
    for other in _others_with_its_bytes(judged):
        if other != receipt.organisation:
            name = organisations()[other].label if other in organisations() else other
            return _held("bytes_of_another", judged, found, organisation=other, name=name)
    unusual = volume.unusual(
        found.figures,
        found.in_force,
        judged.period,
        judged.received_on,
        thresholds,
        _volume(judged.contract),
    )
    return _held(unusual, judged, found) if unusual else None


def _others_with_its_bytes(judged: Judged) -> list[str]:
    """Return the organisations that have the same bytes in force, where that is surprising.

    A feed whose key is a number only (a year) has files that are alike by chance: twenty answers
    were asked for here, and there.
    """
    if all(column.kind is Kind.INTEGER for column in judged.contract.key):
        return []
    receipt = judged.receipt
    return ledger.organisations_with(judged.home, str(receipt.feed), str(receipt.sha256))


def remarks(judged: Judged) -> list[Finding]:
    """Return what is remarked about an accepted submission beside what is in force."""
    found = []
    if judged.receipt.feed == "clients" and judged.receipt.rows_read:
        without = [path for path in (judged.accepted, judged.rejected) if path is not None]
        earlier = [
            one
            for one in judged.others
            if one["period_end"] < judged.period.last.isoformat()
            # Under another key the same client has another pseudonym.
            and one.get("key_id") == judged.key_id
        ]
        count = count_open(
            judged.home.root, judged.contract, earlier, _last_day(judged), without=without
        )
        if count:
            values = {"period": judged.period.text, "count": format_number(count, "fi")}
            found.append(remark("clients_left_out", **values))
    return found


def succession(organisation: str | None, period: Period) -> list[Finding]:
    """Return the remark that an organisation had ceased before a period, and who took over.

    A file about the time when it existed needs no remark, however late it comes.
    """
    one = organisations().get(organisation or "")
    if one is None or not one.had_ceased_by(period.first):
        return []
    successor = organisations().get(one.successor or "")
    if successor is None:
        return []
    return [remark("organisation_succeeded", organisation=one.label, successor=successor.label)]


def remark(rule: str, **values: object) -> Finding:
    """Return a remark about a whole file.

    Args:
        rule: a key of the messages.
        values: what the placeholders of its message stand for.
    """
    texts = message(rule, **values)
    return Finding(
        row=None,
        column=None,
        rule=rule,
        severity="warn",
        message_fi=texts.fi,
        message_sv=texts.sv,
        message_en=texts.en,
    )


def _nothing_to_report(judged: Judged, found: Effect) -> Held | None:
    """Return why a file that has nothing to report waits, if it does."""
    gone = found.replaced + sum(one.rows for one in found.out_of_force)
    if gone:
        return _held("nothing_to_report_takes_rows", judged, found, rows_out_of_force=gone)
    if not has_spells(judged.contract):
        return None
    still_open = count_open(judged.home.root, judged.contract, judged.others, _last_day(judged))
    if not still_open:
        return None
    return _held("nothing_to_report_open_spells", judged, found, open_spells=still_open)


def _held(
    rule: str,
    judged: Judged,
    found: Effect,
    *,
    rows_out_of_force: int = 0,
    open_spells: int = 0,
    organisation: str | None = None,
    name: object = None,
) -> Held:
    figures = found.figures
    texts = message(
        rule,
        period=judged.period.text,
        year=figures.year,
        before=format_number(figures.rows_before, "fi"),
        after=format_number(figures.rows_after, "fi"),
        year_before=format_number(figures.rows_year_before, "fi"),
        rows=format_number(rows_out_of_force, "fi"),
        open=format_number(open_spells, "fi"),
        organisation=name,
    )
    return Held(
        rule=rule,
        year=figures.year,
        rows=judged.rows,
        rows_before=figures.rows_before,
        rows_after=figures.rows_after,
        rows_year_before=figures.rows_year_before,
        change=None if figures.change is None else round(figures.change, 4),
        rows_out_of_force=rows_out_of_force,
        open_spells=open_spells,
        organisation=organisation,
        message_fi=texts.fi,
        message_sv=texts.sv,
        message_en=texts.en,
    )


def _volume(contract: Contract) -> Callable[[Mapping[str, int]], int]:
    """Return how the rows of several periods come together."""
    return volume.estimate if contract.period_date is None else volume.total


def _rows(judged: Judged, current: list[dict[str, Any]]) -> dict[str, int]:
    """Return the rows in force by period; of a feed without a period date, all of them."""
    column = judged.contract.period_date
    if column is None:
        return {one["period"]: one["rows_loaded"] for one in current}
    in_force = rows_in_force(current, column, _rows_by_day(judged.home.root))
    return {one["period"]: in_force[one["submission_id"]] for one in current}


@cache
def _rows_by_day(root: Path) -> RowsByDay:
    return RowsByDay(root)


def _last_day(judged: Judged) -> date:
    """Return the last day of the stated period, or the day of receipt where that comes first."""
    return min(judged.period.last, judged.received_on)


def _day(received_at: str) -> date:
    """Return the Finnish day of a moment of the ledger."""
    return datetime.fromisoformat(received_at).astimezone(clock.FINLAND).date()
