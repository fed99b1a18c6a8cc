"""Plain values for what no template makes: a new column, or a whole new feed.

So a contract can be extended without a change here, and its files still have rows that the contract
accepts. They are not realistic: the values of two columns are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.sql import identifier
from ingest.contracts import Column, Contract, Kind, Severity
from simulation.draws import pick, several

_ROWS = 40
_MOST = 100
_SALTS = 40
_FIRST_SALT = 2000


@dataclass(frozen=True, slots=True)
class _Row:
    """The SQL of what plain values are made of: draws, the first day of the year, a number."""

    e: str
    first_day: str
    number: str


def plain_feed(contract: Contract, entity: str) -> str:
    """Return the SQL of plain rows of a feed that has no template.

    Every simulated year has some rows. Dates follow each other in the order of the columns, so
    that few rows break a rule about the order of dates; a row that breaks a rule is left out.

    Args:
        contract: the feed's contract.
        entity: the SQL that rows are drawn from, over their ``row_no``.
    """
    row = _Row("e", "first_day", "row_no")
    columns = ",\n    ".join(
        f"{_plain(contract, column, row)} AS {identifier(column.name)}"
        for column in contract.columns
    )
    rules = "\n    AND ".join(
        f"({rule.holds}) IS NOT FALSE"
        for rule in contract.rules
        if rule.severity is Severity.REJECT
    )
    numbered = (
        "SELECT *, year * 100000 + number AS row_no "
        f"FROM years CROSS JOIN range({_ROWS}) AS numbers(number)"
    )
    rows = f"SELECT period,\n    {columns}\nFROM (SELECT *, {entity} AS e FROM ({numbered}))"
    return f"SELECT * FROM ({rows})\nWHERE {rules}" if rules else rows


def plain_column(contract: Contract, column: Column) -> str:
    """Return the SQL of a plain value for a column that the feed's template does not make.

    The template's rows are given as ``made``, with their period, a year or a month.
    """
    e = f"hash(xor(hash(made), hash('{column.name}')))"
    first_day = "make_date(left(made.period, 4)::INTEGER, 1, 1)"
    return _plain(contract, column, _Row(e, first_day, "0"))


def _plain(contract: Contract, column: Column, row: _Row) -> str:
    salt = _FIRST_SALT + _SALTS * [one.name for one in contract.columns].index(column.name)
    value = _value(contract, column, row, salt)
    if column.required or column.name == contract.period_date:
        return value
    return f"CASE WHEN draw({row.e}, {salt + _SALTS - 1}) < 0.8 THEN {value} END"


def _value(contract: Contract, column: Column, row: _Row, salt: int) -> str:
    e = row.e
    low = int(column.minimum if column.minimum is not None else 0)
    high = int(column.maximum if column.maximum is not None else low + _MOST)
    match column.kind:
        case Kind.DATE:
            nth = [one.name for one in contract.columns if one.kind is Kind.DATE].index(column.name)
            return f"{row.first_day} + drawn({e}, {salt}, {nth * 30}, {nth * 30 + 29})"
        case Kind.BOOLEAN:
            return f"draw({e}, {salt}) < 0.5"
        case Kind.INTEGER:
            return f"drawn({e}, {salt}, {low}, {high})"
        case Kind.NUMBER:
            return f"round({low} + {high - low} * draw({e}, {salt}), 2)"
        case Kind.CODE:
            return pick(column.code_list or "", salt, e)
        case Kind.CODES:
            return several(column.code_list or "", salt, e)
        case Kind.WORKER:
            seat = f"drawn({e}, {salt}, 0, carrying_seats() - 1)"
            return f"worker_name(holder({seat}, {row.first_day}))"
        case Kind.PERSON:
            return f"person_code(drawn({e}, {salt}, 0, 9))"
        case Kind.TEXT | Kind.ID if column.references == "clients.client_id":
            clients = "(SELECT list(client_id ORDER BY client_no) FROM relationships)"
            return f"{clients}[drawn({e}, {salt}, 1, client_count())]"
        case Kind.TEXT | Kind.ID if column.key:
            return f"'X' || ({row.number})::VARCHAR"
        case Kind.TEXT | Kind.ID:
            return f"'X' || drawn({e}, {salt}, 0, {_MOST})::VARCHAR"
