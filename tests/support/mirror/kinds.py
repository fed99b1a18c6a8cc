"""The kinds of indicators that several themes have, and how their rows are added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.support.mirror.counting import Indicator, Row, Tables


def total(rows: Iterable[Row], column: str) -> float:
    """Sum a column; an empty cell is nothing."""
    return sum(row[column] or 0 for row in rows)


def matching(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Choose the rows with these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def people(rows: Iterable[Row], column: str = "person") -> set[Any]:
    """Name everyone whose row has something of the column, or every row's person."""
    return {row["person"] for row in rows if row[column]}


def share(
    feed: str,
    table: str,
    part: Callable[[Row], bool],
    whole: Callable[[Row], bool] = lambda row: True,
    events: Callable[[Row], int] = lambda row: 1,
    breakdowns: tuple[str, ...] = (),
    each: bool = False,
) -> Indicator:
    """Count the rows of a period that fit, of those of them that are meant."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if whole(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in counted(t)),
        lambda t: sum(events(row) for row in counted(t)),
        lambda t: len(counted(t)),
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t) if part(row)},
        lambda t: {row["person"] for row in counted(t) if not part(row)},
        breakdowns=breakdowns,
        each=each,
    )


def division(feed: str, table: str, breakdown: str) -> Indicator:
    """Divide the rows of a year that have a value of the breakdown."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if row[breakdown] is not None]

    return Indicator(
        feed,
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t)},
        lambda t: {row["person"] for row in counted(t)},
        breakdowns=(breakdown,),
        only=True,
    )


def mean(
    feed: str,
    table: str,
    points: str,
    events: Callable[[list[Row]], int],
    breakdowns: tuple[str, ...],
    each: bool = False,
) -> Indicator:
    """Take the mean of a column over the rows of a year."""
    return Indicator(
        feed,
        lambda t: total(t[table], points),
        lambda t: events(t[table]),
        lambda t: len(t[table]),
        lambda t: {row["person"] for row in t[table]},
        lambda t: people(t[table], points),
        breakdowns=breakdowns,
        each=each,
    )


def count(
    feed: str, table: str, breakdowns: tuple[str, ...] = (), of: Callable[[Row], bool] | None = None
) -> Indicator:
    """Count the rows of a year."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if of is None or of(row)]

    return Indicator(
        feed,
        lambda t: len(counted(t)),
        lambda t: len(counted(t)),
        persons=lambda t: {row["person"] for row in counted(t)},
        numerator_people=lambda t: {row["person"] for row in counted(t)},
        breakdowns=breakdowns,
    )


def unnamed(
    feed: str,
    table: str,
    part: Callable[[Row], bool] = lambda row: True,
    whole: Callable[[Row], bool] | None = None,
    breakdowns: tuple[str, ...] = (),
) -> Indicator:
    """Count the rows of a year that are meant, or their share; they tell of nobody."""

    def counted(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if (whole or part)(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in counted(t)),
        lambda t: len(counted(t)),
        (lambda t: len(counted(t))) if whole else None,
        breakdowns=breakdowns,
    )


def distinct(feed: str, table: str, column: str) -> Indicator:
    """Count the distinct things that the rows of a year tell of."""
    return Indicator(
        feed,
        lambda t: len({row[column] for row in t[table]}),
        lambda t: len(t[table]),
    )


def per_10000(feed: str, table: str, column: str, *, personal: bool) -> Indicator:
    """Divide what the rows of the last day have of a column by the population."""
    return Indicator(
        feed,
        lambda t: 10_000 * total(t[table], column),
        lambda t: int(total(t[table], column)),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        (lambda t: people(t[table], column)) if personal else None,
        (lambda t: people(t[table], column)) if personal else None,
        per_inhabitants=True,
    )
