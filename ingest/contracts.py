"""Contracts as typed objects: what a feed's file must hold.

A contract is one Open Data Contract Standard v3 YAML in ``ingest/contracts/``. It is the single
source for columns, types, keys, code lists, rules, messages, identifiers, retention and texts.
This module reads it and reports what makes it unusable; it checks no data.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common.yaml_text import parsed

CONTRACTS = Path(__file__).parent / "contracts"
CODES = Path(__file__).parent / "codes"

LANGUAGES = ("fi", "sv", "en")


class ContractError(Exception):
    """A contract cannot be used; the text names the file and what to correct."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    ID = "id"
    WORKER = "worker"
    PERSON = "person"


class Severity(StrEnum):
    """What breaking a rule does to a row."""

    REJECT = "reject"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in the three languages."""

    fi: str
    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a feed.

    ``minimum`` and ``maximum`` are inclusive; ``code_list`` names a file of ``ingest/codes``;
    ``references`` is ``feed.column`` and is measured in the warehouse, never on arrival.
    ``may_be_planned`` marks the last day of a spell, which may lie after the day of receipt.
    """

    name: str
    kind: Kind
    required: bool
    key: bool
    label: Texts
    description: Texts
    code_list: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    references: str | None = None
    may_be_planned: bool = False

    @property
    def is_identifier(self) -> bool:
        """Whether the column is replaced by a pseudonym."""
        return self.kind in (Kind.ID, Kind.WORKER, Kind.PERSON)

    @property
    def sql_type(self) -> str:
        """The column's DuckDB type in the lake."""
        return _SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row rule: ``holds`` is a DuckDB boolean over typed columns; NULL means it holds."""

    id: str
    holds: str
    column: str
    severity: Severity
    message: Texts


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in a version of a contract from the version before it."""

    version: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Contract:
    """What one feed's files hold.

    ``changes`` tells the versions after the first one, oldest first.
    """

    feed: str
    version: str
    label: Texts
    grain: Texts
    purpose: Texts
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    period_date: str | None
    retention_days: int
    path: Path = field(compare=False)
    changes: tuple[Change, ...] = ()

    @property
    def key(self) -> tuple[Column, ...]:
        """The key columns, within organisation and feed.

        A key column that is not required may be empty; one empty value equals another.
        """
        return tuple(column for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: the contract has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "INTEGER",
    Kind.NUMBER: "DOUBLE",
    Kind.CODE: "VARCHAR",
    Kind.CODES: "VARCHAR[]",
    Kind.ID: "VARCHAR",
    Kind.WORKER: "VARCHAR",
    Kind.PERSON: "VARCHAR",
}
_LOGICAL_KINDS = {
    "string": Kind.TEXT,
    "date": Kind.DATE,
    "boolean": Kind.BOOLEAN,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "array": Kind.CODES,
}


@cache
def load_contracts(folder: Path = CONTRACTS) -> dict[str, Contract]:
    """Read all contracts of a folder.

    Args:
        folder: where the YAML files are; one feed each, named ``<feed>.yaml``.

    Returns:
        The contracts by feed, in alphabetical order.

    Raises:
        ContractError: a file cannot be used.
    """
    return {path.stem: load_contract(path) for path in sorted(folder.glob("*.yaml"))}


def load_contract(path: Path) -> Contract:
    """Read one contract.

    Raises:
        ContractError: the file is not a usable contract; the text says why.
    """
    try:
        document = parsed(path.read_text(encoding="utf-8"))
        return _contract(document, path)
    except (KeyError, TypeError, ValueError, IndexError, yaml.YAMLError) as error:
        raise ContractError(f"{path.name}: not a usable contract ({error!r})") from error


@cache
def codes(code_list: str, folder: Path = CODES) -> tuple[str, ...]:
    """Return the codes of a code list, in its own order.

    Raises:
        ContractError: there is no such list.
    """
    path = folder / f"{code_list}.csv"
    if not path.is_file():
        raise ContractError(f"there is no code list {code_list!r} in {folder.name}/")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class Organisation:
    """A submitter.

    Attributes:
        code: its code.
        valid_from: the first day on which it exists, as an ISO date; None is open.
        valid_to: the last one.
        label: its name.
        successor: who answers for its data once it has ceased.
    """

    code: str
    valid_from: str | None
    valid_to: str | None
    label: Texts
    successor: str | None = None

    def had_ceased_by(self, day: date) -> bool:
        """Whether it no longer existed on a day."""
        return self.valid_to is not None and self.valid_to < day.isoformat()


@cache
def organisations(folder: Path = CODES) -> dict[str, Organisation]:
    """Return the submitters by code."""
    with (folder / "organisations.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Organisation(
                row["code"],
                row["valid_from"] or None,
                row["valid_to"] or None,
                Texts(*(row[f"label_{language}"] for language in LANGUAGES)),
                row.get("successor") or None,
            )
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True, slots=True)
class CeasedMunicipality:
    """A municipality that was merged into another.

    ``last_day`` is the last day on which it existed (ISO); ``successor`` is the code of the one
    that it was merged into; the labels are ``code name``.
    """

    code: str
    last_day: str
    label: Texts
    successor: str
    successor_label: Texts


@cache
def ceased_municipalities(folder: Path = CODES) -> tuple[CeasedMunicipality, ...]:
    """Return the municipalities of the code list that have ceased, by code."""
    with (folder / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}

    def label(code: str) -> Texts:
        return Texts(*(f"{code} {rows[code][f'label_{one}'].strip()}" for one in LANGUAGES))

    return tuple(
        CeasedMunicipality(
            code, row["valid_to"], label(code), row["successor"], label(row["successor"])
        )
        for code, row in rows.items()
        if row["valid_to"]
    )


def _contract(document: dict[str, Any], path: Path) -> Contract:
    custom = _custom(document)
    table = document["schema"][0]
    if not (document["name"] == table["name"] == path.stem):
        raise ContractError(f"{path.name}: name, schema name and file name must be the same feed")
    columns = tuple(_column(item, path) for item in table["properties"])
    contract = Contract(
        feed=document["name"],
        version=document["version"],
        label=_texts(custom, "label"),
        grain=_texts(custom, "grain"),
        purpose=Texts(custom["purposeFi"], custom["purposeSv"], document["description"]["purpose"]),
        columns=columns,
        rules=tuple(_rule(item, path) for item in table.get("quality", [])),
        period_date=custom.get("periodDate"),
        retention_days=_retention(document, path),
        path=path,
        changes=tuple(
            Change(str(item["version"]), Texts(*(item[language] for language in LANGUAGES)))
            for item in custom.get("changes", [])
        ),
    )
    names = {column.name for column in columns}
    if len(names) != len(columns):
        raise ContractError(f"{path.name}: a column is declared twice")
    if not contract.key:
        raise ContractError(f"{path.name}: no column is a primaryKey")
    for rule in contract.rules:
        if rule.column not in names:
            raise ContractError(f"{path.name}: rule {rule.id} points at no column of the feed")
    if contract.period_date is not None and contract.period_date not in names:
        raise ContractError(f"{path.name}: periodDate {contract.period_date} is no column")
    if contract.changes and contract.changes[-1].version != contract.version:
        raise ContractError(f"{path.name}: the last of the changes is not that of its version")
    return contract


def _column(item: dict[str, Any], path: Path) -> Column:
    custom = _custom(item)
    options = item.get("logicalTypeOptions", {})
    kind = _LOGICAL_KINDS.get(item["logicalType"])
    if kind is None:
        raise ContractError(f"{path.name}: {item['name']}: logicalType is not one that is read")
    if "identifier" in custom:
        kind = Kind(custom["identifier"])
    elif "codeList" in custom and kind is Kind.TEXT:
        kind = Kind.CODE
    code_list = custom.get("codeList")
    if kind in (Kind.CODE, Kind.CODES):
        codes(code_list)
    return Column(
        name=item["name"],
        kind=kind,
        required=bool(item.get("required", False)),
        key=bool(item.get("primaryKey", False)),
        label=Texts(custom["labelFi"], custom["labelSv"], item["businessName"]),
        description=Texts(custom["descriptionFi"], custom["descriptionSv"], item["description"]),
        code_list=code_list,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        references=custom.get("references"),
        may_be_planned=bool(custom.get("mayBePlanned", False)),
    )


def _rule(item: dict[str, Any], path: Path) -> Rule:
    custom = _custom(item)
    implementation = item["implementation"]
    try:
        severity = Severity(item["severity"])
    except ValueError:
        raise ContractError(f"{path.name}: rule {item['id']}: severity is reject or warn") from None
    return Rule(
        id=item["id"],
        holds=implementation["holds"],
        column=implementation["column"],
        severity=severity,
        message=_texts(custom, "message"),
    )


def _retention(document: dict[str, Any], path: Path) -> int:
    for item in document.get("slaProperties", []):
        if item["property"] == "retention" and item.get("unit") == "d":
            return int(item["value"])
    raise ContractError(f"{path.name}: slaProperties has no retention in days (unit: d)")


def _custom(item: dict[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}


def _texts(custom: dict[str, Any], stem: str) -> Texts:
    return Texts(*(custom[f"{stem}{language.capitalize()}"] for language in LANGUAGES))
