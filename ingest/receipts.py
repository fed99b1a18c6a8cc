"""Receipts: what a submitter gets back, as JSON, as a page and as a table of errors.

A receipt says which row and column is wrong, what is allowed and how to correct it. It never
repeats a value of the file, since a value in the wrong column may be somebody's identity.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from pydantic import BaseModel, ConfigDict, Field

from common import clock
from common.files import atomic_replace, write_text
from common.formats import format_number
from ingest.messages import message

SHOWN = 1000
_TEMPLATES = Path(__file__).parent / "templates"


class Status(StrEnum):
    """What happened to a submission."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_REJECTS = "accepted_with_rejects"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    # Not final: the receipt that is kept says what a person decided.
    HELD = "held"


class Finding(BaseModel):
    """One fault or remark.

    ``row`` counts as a person does, the header being row 1; None is about the whole file.
    """

    model_config = ConfigDict(frozen=True)

    row: int | None
    column: str | None
    rule: str
    severity: str
    message_fi: str
    message_sv: str
    message_en: str
    allowed: str = ""


class Held(BaseModel):
    """Why a submission waited, or waits, for a person, and what was decided.

    ``rule`` is a key of the messages. ``rows`` is how many rows it would load, ``rows_before`` and
    ``rows_after`` how many the year has without and with it, ``change`` the share in between.
    ``rows_out_of_force`` is how many earlier rows it would put out of force, ``open_spells`` how
    many spells are still open (both of a file that has nothing to report), and ``organisation``
    whose current submission has the same bytes. What was decided is the receipt's status.
    """

    rule: str
    year: int
    rows: int
    rows_before: int
    rows_after: int
    rows_year_before: int
    change: float | None
    rows_out_of_force: int = 0
    open_spells: int = 0
    organisation: str | None = None
    message_fi: str
    message_sv: str
    message_en: str
    decided_at: str | None = None
    decided_by: str | None = None
    reason: str | None = None

    @property
    def subject(self) -> str:
        """What a person is asked about: ``volume``, ``nothing_to_report`` or ``bytes_of_another``.

        The messages about the decision have it as their first part.
        """
        subjects = ("nothing_to_report", "bytes_of_another")
        return next((one for one in subjects if self.rule.startswith(one)), "volume")


class OutOfForce(BaseModel):
    """How many rows of an earlier submission a later one put out of force by overlap."""

    model_config = ConfigDict(frozen=True)

    submission_id: str
    period: str
    rows: int


class Withdrawn(BaseModel):
    """That a submission was taken back: when (UTC), by whom, and why."""

    model_config = ConfigDict(frozen=True)

    at: str
    by: str
    reason: str


class Name(BaseModel):
    """What an organisation or a feed is called."""

    model_config = ConfigDict(frozen=True)

    fi: str
    sv: str
    en: str


class Receipt(BaseModel):
    """The receipt of one submission.

    ``errors`` holds the first 1 000 findings, in the order of the rows; all of them are in
    ``<submission_id>.errors.csv``. ``derived_period`` is the period of the dates
    themselves, where rows lie outside the stated one. ``arrival_no`` is its place among all
    submissions. ``supersedes`` is the submission of the same period that it replaced,
    ``out_of_force`` the rows that it put out of force in those of overlapping periods. ``held`` is
    null unless the submission waited for a person, ``withdrawn`` unless it was taken back.
    """

    submission_id: str
    arrival_no: int | None = None
    organisation: str | None
    organisation_name: Name | None = None
    feed: str | None
    feed_name: Name | None = None
    period: str | None
    file: str
    sha256: str | None
    received_at: str
    contract_version: str | None
    status: Status
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_warned: int = 0
    supersedes: str | None = None
    out_of_force: list[OutOfForce] = Field(default_factory=list)
    derived_period: str | None = None
    held: Held | None = None
    withdrawn: Withdrawn | None = None
    errors_total: int = 0
    errors: list[Finding] = Field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether the submission was accepted; it may have been withdrawn since."""
        return self.status in (Status.ACCEPTED, Status.ACCEPTED_WITH_REJECTS)

    @property
    def reports_nothing(self) -> bool:
        """Whether the file says that there is nothing to report for its period."""
        return self.rows_read == 0 and self.status in (Status.ACCEPTED, Status.HELD)

    @property
    def remarks(self) -> list[Finding]:
        """What is remarked about the whole file."""
        return [one for one in self.errors if one.row is None and one.severity == "warn"]


def read(path: Path) -> Receipt:
    """Read a receipt's JSON."""
    return Receipt.model_validate_json(path.read_text(encoding="utf-8"))


def write(receipt: Receipt, folder: Path) -> None:
    """Write a receipt's JSON and page into a folder, as ``receipt.json`` and ``receipt.html``.

    Args:
        receipt: what to write.
        folder: an existing folder; the caller moves the files to their place.
    """
    (folder / "receipt.json").write_text(_json(receipt), encoding="utf-8")
    (folder / "receipt.html").write_text(_page(receipt), encoding="utf-8")


def rewrite(receipt: Receipt, folder: Path) -> None:
    """Write a receipt that has been published in place of the former one, each file in one step.

    The JSON is written last: where a process is killed in between, it is still the former one.

    Args:
        receipt: the receipt, with what has been added to it.
        folder: where the receipts lie.
    """
    write_text(folder / f"{receipt.submission_id}.html", _page(receipt))
    write_text(folder / f"{receipt.submission_id}.json", _json(receipt))


def add_remarks(
    receipt: Receipt,
    remarks: list[Finding],
    table: Path | None,
    instead_of: Collection[str] = (),
) -> None:
    """Add remarks about the whole file to a receipt and to its table of errors.

    Args:
        receipt: gets them as its first findings.
        remarks: the remarks; one of the same rule is replaced.
        table: the CSV file with every finding; None where there is none.
        instead_of: remarks of these rules are replaced as well.
    """
    replaced = {one.rule for one in remarks} | set(instead_of)
    kept = [one for one in receipt.errors if one.row is not None or one.rule not in replaced]
    receipt.errors_total += len(remarks) - (len(receipt.errors) - len(kept))
    receipt.errors = [*remarks, *kept][:SHOWN]
    if table is None or not table.exists():
        return
    with (
        table.open(encoding="utf-8", newline="") as former,
        atomic_replace(table) as draft,
        draft.open("w", encoding="utf-8", newline="") as file,
    ):
        reader, writer = csv.reader(former), csv.writer(file, lineterminator="\n")
        names = next(reader)
        writer.writerow(names)
        for one in remarks:
            values = one.model_dump()
            writer.writerow(["" if values[name] is None else values[name] for name in names])
        rule = names.index("rule")
        # The findings about the whole file come first; the others are copied as they are.
        for line in reader:
            if line[0]:
                writer.writerow(line)
                break
            if line[rule] not in replaced:
                writer.writerow(line)
        writer.writerows(reader)


def name_of(texts: Any) -> Name:
    """Return the texts of a contract or code list as a name."""
    return Name(fi=texts.fi, sv=texts.sv, en=texts.en)


def _json(receipt: Receipt) -> str:
    values = receipt.model_dump(mode="json")
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _page(receipt: Receipt) -> str:
    values = receipt.model_dump(mode="json")
    return _template().render(
        receipt=values
        | {
            # That there is nothing to report stands above everything else already.
            "reasons": [
                error
                for error in values["errors"]
                if error["row"] is None and error["rule"] != "nothing_to_report"
            ],
            "reports_nothing": receipt.reports_nothing,
        },
        confirmed=_confirmed(receipt),
        errors_total=receipt.errors_total,
        finnish=finnish_time,
    )


def _confirmed(receipt: Receipt) -> dict[str, str] | None:
    """Return what the page says about a submission that waited and was accepted."""
    held = receipt.held
    if held is None or not receipt.is_accepted:
        return None
    before, after = (format_number(rows, "fi") for rows in (held.rows_before, held.rows_after))
    texts = message(f"{held.subject}_confirmed", year=held.year, before=before, after=after)
    return {"fi": texts.fi, "sv": texts.sv, "en": texts.en}


def finnish_time(moment: str) -> dict[str, str]:
    """Return a moment of a receipt (UTC) as day and time in Finland, in three languages."""
    at = datetime.fromisoformat(moment).astimezone(clock.FINLAND)
    day = f"{at.day}.{at.month}.{at.year}"
    return {
        "fi": f"{day} klo {at.hour}.{at:%M}",
        "sv": f"{day} kl. {at.hour}.{at:%M}",
        "en": f"{at:%Y-%m-%d} at {at:%H:%M}",
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("receipt.html.j2")
