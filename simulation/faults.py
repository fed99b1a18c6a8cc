"""Faults that a row can have, derived from the contract: one for each check.

A fault is a change of one or more columns that breaks one rule. The checks that every feed has
follow from the kind of a column. For a row rule that compares a column with something, the fault
follows from the text of the rule; ``_BROKEN_BY`` says how the others are broken. The tests find a
new rule that fits neither.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from common.sql import identifier
from ingest.contracts import Column, Contract, Kind, Rule, codes

# The columns of the row before, where a template names them.
PREVIOUS = "previous"
_COMPARED = re.compile(r"(\w+) (>=|<=) (.+)")
_EXACT_SUM = re.compile(r".+ = 100")
_NO_CODE = "'ei_ole'"
# Valid, but given to no person: its individual number is one of 900-999.
_IDENTITY_CODE = "'010190-900P'"

_BROKEN_BY = {
    "women_and_men_not_above_participants": {"women": "participants + 1"},
    "form_blank_only_where_form_returned": {"form_returned": "false", "form_blank": "true"},
    "decision_only_with_decided_on": {"decided_on": "NULL", "decision": "'{decision}'"},
    "effect_only_with_evaluated_on": {"evaluated_on": "NULL", "effect": "'{effect}'"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a row.

    Attributes:
        rule: the rule that it breaks, as receipts name it.
        changes: the SQL of each changed column.
        is_text: whether a change is text in a column of another type, which only a text file has.
        repeats: whether it repeats the key of the row before.
    """

    rule: str
    changes: dict[str, str]
    is_text: bool = False
    repeats: bool = False


def faults_of(contract: Contract, period_start: str, *, as_text: bool) -> list[Fault]:
    """Return the faults that a row of a feed can have, each rule once before any a second time.

    Args:
        contract: the feed's contract.
        period_start: SQL of the first day of the period that the file states.
        as_text: whether a value may be text that its column's type does not have.
    """
    by_rule: dict[str, list[Fault]] = defaultdict(list)
    found = [
        *(fault for rule in contract.rules for fault in _of_rule(contract, rule)),
        Fault("duplicate_key", {}, repeats=True),
        *_of_period(contract, period_start),
        *(fault for column in contract.columns for fault in _of_column(column)),
    ]
    for fault in found:
        if as_text or not fault.is_text:
            by_rule[fault.rule].append(fault)
    rounds = zip_longest(*by_rule.values())
    return [fault for one in rounds for fault in one if fault is not None]


def with_faults(column: Column, faults: Mapping[int, Fault], *, as_text: bool) -> str:
    """Return the SQL of a column as the file has it: changed where the row has such a fault."""
    name = identifier(column.name)
    changes = {
        number: fault.changes[column.name]
        for number, fault in faults.items()
        if column.name in fault.changes
    }
    if not changes:
        return name
    sql_type = "VARCHAR" if as_text else file_type(column)
    cases = " ".join(
        f"WHEN {number} THEN ({change})::{sql_type}" for number, change in changes.items()
    )
    return f"CASE fault {cases} ELSE {name}::{sql_type} END"


def file_type(column: Column) -> str:
    """Return a column's type in a file; a list of codes stands in one cell, as text."""
    return "VARCHAR" if column.kind is Kind.CODES else column.sql_type


def _of_rule(contract: Contract, rule: Rule) -> Iterator[Fault]:
    known = _BROKEN_BY.get(rule.id)
    if known is not None:
        listed = {
            column.name: codes(column.code_list or "")[0]
            for column in contract.columns
            if column.kind is Kind.CODE
        }
        yield Fault(rule.id, {name: sql.format(**listed) for name, sql in known.items()})
        return
    compared = _COMPARED.fullmatch(rule.holds)
    if compared and compared[1] in {column.name for column in contract.columns}:
        name, operator, limit = compared.groups()
        beyond = "- 1" if operator == ">=" else "+ 1"
        yield Fault(rule.id, {name: f"({limit}) {beyond}"})
    elif _EXACT_SUM.fullmatch(rule.holds):
        yield Fault(rule.id, {rule.column: f"CASE WHEN {rule.column} > 0 THEN 0 ELSE 10 END"})


def _of_period(contract: Contract, period_start: str) -> Iterator[Fault]:
    if contract.period_date is not None:
        yield Fault("outside_period", {contract.period_date: f"{period_start} - 40"})


def _of_column(column: Column) -> Iterator[Fault]:
    name = column.name
    if column.required:
        yield Fault("key_empty" if column.key else "required", {name: "NULL"})
    match column.kind:
        case Kind.DATE:
            yield Fault("type_date", {name: "'2025-02-30'"}, is_text=True)
            if not column.may_be_planned:
                yield Fault("date_in_future", {name: "DATE '2999-12-31'"})
            yield Fault("date_too_early", {name: "DATE '1949-12-31'"})
        case Kind.BOOLEAN:
            yield Fault("type_boolean", {name: "'ehkä'"}, is_text=True)
        case Kind.INTEGER:
            yield Fault("type_integer", {name: "'1,5'"}, is_text=True)
            yield from _out_of_range(column)
        case Kind.NUMBER:
            yield Fault("type_number", {name: "'paljon'"}, is_text=True)
            yield from _out_of_range(column)
        case Kind.CODE:
            yield Fault("code", {name: _NO_CODE})
        case Kind.CODES:
            yield Fault("codes", {name: f"concat_ws('|', {name}, {_NO_CODE})"})
        case Kind.TEXT:
            yield Fault("identity_code_in_text", {name: _IDENTITY_CODE})
        case Kind.PERSON:
            # Another check character than the right one.
            wrong = f"CASE WHEN right({name}, 1) = 'A' THEN 'B' ELSE 'A' END"
            yield Fault("identity_code_invalid", {name: f"left({name}, 10) || {wrong}"})
        case Kind.ID | Kind.WORKER:
            pass


def _out_of_range(column: Column) -> Iterator[Fault]:
    if column.maximum is not None:
        yield Fault("range", {column.name: f"{column.maximum:.0f} + 1"})
    if column.minimum is not None:
        yield Fault("range", {column.name: f"{column.minimum:.0f} - 1"})
