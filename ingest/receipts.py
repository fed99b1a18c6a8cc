"""Receipts: what a submitter gets back, as JSON, as a page and as a table of errors.

A receipt says which row and column is wrong, what is allowed and how to correct it. It never
repeats a value of the file, since a value in the wrong column may be somebody's identity.
"""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from pydantic import BaseModel, ConfigDict, Field

from ingest.contracts import load_contracts

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

    ``rows`` is how many rows it would load, ``rows_before`` and ``rows_after`` how many the year
    has without and with it, ``change`` the share in between. What was decided is the receipt's
    status.
    """

    rule: str
    year: int
    rows: int
    rows_before: int
    rows_after: int
    rows_year_before: int
    change: float | None
    message_fi: str
    message_sv: str
    message_en: str
    decided_at: str | None = None
    decided_by: str | None = None
    reason: str | None = None


class Receipt(BaseModel):
    """The receipt of one submission.

    ``errors`` holds the first 1 000 findings, in the order of the rows; all of them are in
    ``<submission_id>.errors.csv``. ``derived_period`` is the period of the dates
    themselves, where rows lie outside the stated one. ``held`` is there only if the submission
    waited for a person.
    """

    submission_id: str
    organisation: str | None
    feed: str | None
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
    derived_period: str | None = None
    held: Held | None = Field(default=None, exclude_if=lambda held: held is None)
    errors_total: int = 0
    errors: list[Finding] = Field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether rows of the submission were loaded."""
        return self.status in (Status.ACCEPTED, Status.ACCEPTED_WITH_REJECTS)


def read(path: Path) -> Receipt:
    """Read a receipt's JSON."""
    return Receipt.model_validate_json(path.read_text(encoding="utf-8"))


def write(receipt: Receipt, folder: Path) -> None:
    """Write a receipt's JSON and page into a folder, as ``receipt.json`` and ``receipt.html``.

    Args:
        receipt: what to write.
        folder: an existing folder; the caller moves the files to their place.
    """
    values = receipt.model_dump(mode="json")
    (folder / "receipt.json").write_text(
        json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    contract = load_contracts().get(receipt.feed or "")
    page = _template().render(
        receipt=values
        | {
            "held": values.get("held"),
            "reasons": [error for error in values["errors"] if error["row"] is None],
        },
        feed_labels=_labels(contract),
        errors_total=receipt.errors_total,
    )
    (folder / "receipt.html").write_text(page, encoding="utf-8")


def _labels(contract: Any) -> dict[str, str] | None:
    if contract is None:
        return None
    return {"fi": contract.label.fi, "sv": contract.label.sv, "en": contract.label.en}


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
