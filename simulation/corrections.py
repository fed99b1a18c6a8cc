"""What comes beside a file of a year, or in its place: corrections, mistakes, months one by one.

A correction is a file of a month, or of a day, that comes after the file that it lies in.
It tells its stated period anew: some rows are left out, some changed, some added. A file of spells
is a photograph of its month and tells the states of that month. Who corrects what is drawn from the
names of organisation, feed and year, so that it needs no rows.

A file sent by mistake lies beside the right one and tells the same period wrongly; whoever receives
it withdraws it afterwards.

Where a feed comes by months, each month has a file: one in which nothing happened has no rows.
"""

from __future__ import annotations

from common.sql import identifier
from ingest.contracts import Contract, Kind
from simulation import draws
from simulation.request import Member, Month, Request

# The feeds whose files hold what was in force in their period.
PHOTOGRAPHS = ("assignments", "clients", "groups", "places", "workers")
CORRECTED = 0.4
BY_MONTH = 0.25
MISTAKEN = 0.12
# What a file that was sent by mistake has behind its period.
MISTAKE = ".2-mistake"
_LEFT_OUT, _CHANGED, _ADDED = 0.12, 0.25, 0.12
_NAMES = (Kind.TEXT, Kind.ID, Kind.WORKER)


def corrected_month(
    request: Request, member: Member, contract: Contract, year: int
) -> Month | None:
    """Return the month of a year that an organisation corrects afterwards; None if it does not."""
    if not _is_told_of_a_month(request, contract):
        return None
    number = request.base(member.code, contract.feed, "correction", str(year))
    return Month(year, number % 12 + 1) if number / 2**64 < CORRECTED else None


def mistaken(request: Request, member: Member, contract: Contract, year: int) -> Month | int | None:
    """Return the month or the year of which an organisation sends a file by mistake, if it does."""
    if not _is_told_of_a_month(request, contract):
        return None
    number = request.base(member.code, contract.feed, "mistake", str(year))
    if number / 2**64 >= MISTAKEN:
        return None
    return year if number % 2 else Month(year, number // 2 % 12 + 1)


def _is_told_of_a_month(request: Request, contract: Contract) -> bool:
    return request.changes and bool(contract.period_date or contract.feed in PHOTOGRAPHS)


def is_sent_by_month(request: Request, member: Member, contract: Contract, year: int) -> bool:
    """Tell whether an organisation sends every month of a year of a feed, the empty ones too."""
    if not request.changes or contract.period_date is None:
        return False
    if draws.exists(f"feeds/{contract.feed}.stems.sql"):
        return True
    return request.base(member.code, contract.feed, "by month", str(year)) / 2**64 < BY_MONTH


def months_of(year: int) -> list[str]:
    """Return the periods of the months of a year."""
    return [Month(year, month).period for month in range(1, 13)]


def corrected_rows(
    request: Request, member: Member, contract: Contract, name_of_file: str, rows: str
) -> str:
    """Return the SQL of the rows of a period as its correction tells them, in the order of the key.

    A changed row has its key and otherwise tells what the next row told, so that what stands in one
    row still fits together.

    Args:
        request: what is asked.
        member: the organisation.
        contract: the feed's contract.
        name_of_file: the period that is corrected, with what stands behind it; another one is
            corrected otherwise.
        rows: SQL of the rows as they were sent before.
    """
    key = [column.name for column in contract.key]
    order = ", ".join(identifier(name) for name in key)
    e = draws.entity(request, member.code, f"correction {contract.feed} {name_of_file}", "place")
    # Where a day is part of the key, the other days of the row must fit it.
    may_change = all(column.kind is not Kind.DATE for column in contract.key)
    name = next((column.name for column in contract.key if column.kind in _NAMES), None)
    told = ", ".join(
        f"CASE WHEN is_changed THEN following.{column} ELSE drawn_rows.{column} END AS {column}"
        if one.name not in key and may_change
        else column
        for one in contract.columns
        for column in (identifier(one.name),)
    )
    added = ", ".join(
        f"{column} || 'X' AS {column}" if one.name == name else column
        for one in contract.columns
        for column in (identifier(one.name),)
    )
    more = f" UNION ALL SELECT {added} FROM drawn_rows WHERE is_added" if name else ""
    return (
        f"WITH numbered AS (SELECT *, row_number() OVER (ORDER BY {order}) AS place, "
        f"lead(row_before) OVER (ORDER BY {order}) AS following FROM ({rows}) AS row_before), "
        "drawn_rows AS (SELECT *, "
        f"draw({e}, 1) < {_LEFT_OUT} AND place > 1 AS is_left_out, "
        f"draw({e}, 2) < {_CHANGED} AND following IS NOT NULL AS is_changed, "
        f"draw({e}, 3) < {_ADDED} OR place = 1 AS is_added FROM numbered) "
        f"SELECT -1 AS fault, * FROM (SELECT {told} FROM drawn_rows WHERE NOT is_left_out{more}) "
        f"ORDER BY {order}"
    )
