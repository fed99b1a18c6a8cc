"""An example file of a feed, made from its contract: one row that breaks no rule.

Reads contracts and code lists only; knows no home folder and no warehouse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from common.sql import identifier
from ingest.contracts import Column, Contract, Kind, Rule, codes

# What the example rows are made of. The identity code is the one that the authority that issues
# them shows in its own guidance.
EXAMPLE_PERIOD = "2025"
_EXAMPLE_ORGANISATION = "hva-20"
_EXAMPLE_DAY = "2025-03-14"
_EXAMPLE_PERSON = "131052-308T"


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a feed's file.

    Attributes:
        path: where it would lie in the inbox.
        header: its first line.
        row: a line of data that breaks no rule of the contract.
    """

    path: str
    header: str
    row: str


def example(contract: Contract) -> Example:
    """Build an example file of one row from a contract.

    Every column is filled in its own notation; where the contract's rules forbid what would stand
    there, with another value that they allow.

    Raises:
        ValueError: no row was found that breaks no rule.
    """
    cells = {column.name: _cell(column) for column in contract.columns}
    with duckdb.connect() as engine:
        for rule in contract.rules:
            cells = _with_rule_kept(engine, contract, rule, cells)
        for rule in contract.rules:
            if not _is_kept(engine, contract, rule, cells):
                raise ValueError(f"{contract.feed}: no example found that keeps {rule.id}")
    organisation = "reference" if contract.feed == "population" else _EXAMPLE_ORGANISATION
    return Example(
        path=f"{organisation}/{contract.feed}/{EXAMPLE_PERIOD}.csv",
        header=";".join(cells),
        row=";".join(cells.values()),
    )


def _cell(column: Column) -> str:
    """Return a value of the column's kind, as a file would hold it."""
    match column.kind:
        case Kind.DATE:
            return _EXAMPLE_DAY
        case Kind.BOOLEAN:
            return "1"
        case Kind.INTEGER if column.name == "year":
            return EXAMPLE_PERIOD
        case Kind.INTEGER:
            return str(round(_within(column, 3)))
        case Kind.NUMBER:
            return f"{_within(column, 0.8):g}"
        case Kind.CODE if column.code_list == "municipalities":
            return "205"
        case Kind.CODE:
            return codes(str(column.code_list))[0]
        case Kind.CODES:
            return "|".join(codes(str(column.code_list))[:2])
        case Kind.PERSON:
            return _EXAMPLE_PERSON
        case _:
            # By the name alone, so that a client is C0001 in every feed.
            return f"{column.name[0].upper()}0001"


def _within(column: Column, value: float) -> float:
    """Return the value, or the nearest limit of the column."""
    low = value if column.minimum is None else max(value, column.minimum)
    return low if column.maximum is None else min(low, column.maximum)


def _with_rule_kept(
    engine: duckdb.DuckDBPyConnection, contract: Contract, rule: Rule, cells: dict[str, str]
) -> dict[str, str]:
    """Return cells that keep a rule, or the same cells where none are found.

    First the column that the rule names is changed, then also the integers that the rule adds up.
    """
    column = contract.column(rule.column)
    summands = [
        other
        for other in contract.columns
        if other.kind is Kind.INTEGER and re.search(rf"\b{other.name}\b", rule.holds)
    ]
    smallest = {other.name: str(round(other.minimum or 0)) for other in summands}
    candidates = [cells[column.name], "10", "100", "" if not column.required else "0"]
    for start in (cells, cells | smallest):
        for candidate in candidates:
            changed = start | {column.name: candidate}
            if _is_kept(engine, contract, rule, changed):
                return changed
    return cells


def _is_kept(
    engine: duckdb.DuckDBPyConnection, contract: Contract, rule: Rule, cells: dict[str, str]
) -> bool:
    """Evaluate a rule on one row as the receiver does: NULL means that the rule is kept."""
    values = {
        column.name: f"{cells[column.name]}".split("|")
        if column.kind is Kind.CODES
        else cells[column.name] or None
        for column in contract.columns
    }
    typed = ", ".join(
        f"?::{column.sql_type} AS {identifier(column.name)}" for column in contract.columns
    )
    result = engine.execute(
        f"SELECT {rule.holds} FROM (SELECT {typed})", list(values.values())
    ).fetchone()
    return result is None or result[0] is not False
