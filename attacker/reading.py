"""Reading publications: what they show, and what the house knows of the numbers that they withhold.

The attacker has the files, the catalogue of indicators and the list of areas, all of which are
public. To judge him, the house adds the true numbers of what is withheld: they say which families
really sum and which numbers stayed the same, so that he assumes all that is true and nothing that
is not; and how many people stand behind a number, which says what he must not find.

The schema ``indicators`` and files are all that is read here. This module must not know what
protects them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from attacker.cells import Row
from common.indicator_key import KEY
from common.sql import literal

_NUMBERS = ("numerator", "denominator", "persons", "events")
_KEY = ", ".join(KEY)


@dataclass(frozen=True, slots=True)
class Published:
    """A publication, and where the house keeps the numbers that it was made of.

    Attributes:
        name: what it is called, such as ``2019.1``.
        file: what was published: ``indicators.parquet``.
        warehouse: the warehouse that it was made of; None where only ``withheld`` is left.
        withheld: the house's file of the true numbers that it withholds, and why; None where there
            is none. Its numbers go before those of the warehouse, which may count otherwise today.
    """

    name: str
    file: Path
    warehouse: Path | None
    withheld: Path | None = None

    def __post_init__(self) -> None:
        if self.warehouse is None and self.withheld is None:
            raise ValueError(f"Nothing tells what {self.name} withholds.")


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised of every number about few people.

    Attributes:
        threshold: people; a number of at least one and fewer is about few.
        width: how wide the interval of such a number is left at least,
        share: or this share of the number, where that is more.
        homogeneous: people; below, nobody learns that nobody stands on one side of a share that
            tells something delicate.
        delicate_breakdowns, delicate_indicators: what the shares are that do so: breakdowns, and
            codes of indicators that do undivided.
    """

    threshold: int = 5
    width: float = 5.0
    share: float = 0.1
    homogeneous: int = 10
    delicate_breakdowns: tuple[str, ...] = ()
    delicate_indicators: tuple[str, ...] = ()

    def enough(self, number: float) -> float:
        """Return how wide the interval of a number must be."""
        return max(self.width, self.share * abs(number))


@dataclass
class Contents:
    """The rows of a publication.

    Attributes:
        rows: as published: the key, the numbers (None where they are withheld) and the status.
        truth: the same rows with the true numbers, and of how few people they are: ``few_persons``,
            ``few_on_numerator``, ``few_on_other_side``, ``is_homogeneous``.
        unknown: how many rows are withheld of which the house knows no numbers; they are left out.
        differing: how many published rows have other numbers in the warehouse.
    """

    rows: list[Row]
    truth: list[Row]
    unknown: int = 0
    differing: int = 0


@dataclass
class PublicLists:
    """What anybody can look up.

    Attributes:
        catalogue: by indicator, what its rows count.
        welfare_area: by kind of area and area, the welfare area that it lies in.
        signed: measures that may be negative, by their definition.
        broken: measures that are no whole numbers.
    """

    catalogue: dict[str, Row] = field(default_factory=dict)
    welfare_area: dict[tuple[str, str], str | None] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()


def read_lists(warehouse: Path) -> PublicLists:
    """Read the catalogue and the list of areas of a warehouse.

    Raises:
        duckdb.Error: the warehouse has no indicators.
    """
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(warehouse)} AS house (READ_ONLY)")
        return PublicLists(
            {
                str(row["indicator"]): row
                for row in _rows(connection, "FROM house.indicators.indicator_catalogue")
            },
            {
                (str(row["area_type"]), str(row["area"])): row["welfare_area"]
                for row in _rows(connection, "FROM house.indicators.indicator_area")
            },
            _measures_where(connection, "number < 0"),
            _measures_where(connection, "abs(number - round(number)) > 1e-6"),
        )


def _measures_where(connection: duckdb.DuckDBPyConnection, condition: str) -> frozenset[str]:
    """Return the measures of numerators of which any value, published or not, is so."""
    rows = connection.execute(
        f"""
        SELECT DISTINCT numerator_measure
        FROM (
            SELECT numerator_measure, numerator * divisor / multiplier AS number
            FROM house.indicators.indicator_values
            INNER JOIN house.indicators.indicator_catalogue USING (indicator)
        )
        WHERE {condition}
        """
    ).fetchall()
    return frozenset(measure for (measure,) in rows)


def read(published: Published, promise: Promise) -> Contents:
    """Read a publication with its true numbers.

    Args:
        published: the publication.
        promise: who few people are.

    Raises:
        duckdb.Error: a file is not what it should be.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE shown AS FROM read_parquet({literal(published.file)})")
        _make_kept(connection, published.withheld)
        _make_counted(connection, published.warehouse, promise)
        rows = _rows(connection, f"FROM shown ORDER BY {_KEY}")
        numbers = ", ".join(
            f"CASE WHEN shown.status = 'published' THEN shown.{name} WHEN kept.is_kept "
            f"THEN kept.{name} ELSE counted.{name} END AS {name}"
            for name in _NUMBERS
        )
        truth = _rows(
            connection,
            f"""
            SELECT
                {", ".join(f"shown.{name}" for name in KEY)}, shown.status, {numbers},
                coalesce(counted.few_persons OR kept.few_persons, kept.few_persons, false)
                    AS few_persons,
                coalesce(
                    counted.few_on_numerator OR kept.few_on_numerator, kept.few_on_numerator, false
                ) AS few_on_numerator,
                coalesce(
                    counted.few_on_other_side OR kept.few_on_other_side,
                    kept.few_on_other_side,
                    false
                ) AS few_on_other_side,
                coalesce(
                    counted.is_homogeneous OR kept.is_homogeneous, kept.is_homogeneous, false
                ) AS is_homogeneous,
                shown.status = 'published' OR kept.is_kept OR counted.is_counted AS is_known,
                shown.status = 'published' AND counted.is_counted AND (
                    shown.numerator IS DISTINCT FROM counted.numerator
                    OR shown.denominator IS DISTINCT FROM counted.denominator
                ) AS is_differing
            FROM shown
            LEFT JOIN kept USING ({_KEY})
            LEFT JOIN counted USING ({_KEY})
            ORDER BY {_KEY}
            """,
        )
    known = [bool(row["is_known"]) for row in truth]
    return Contents(
        [row for row, is_known in zip(rows, known, strict=True) if is_known],
        [row for row in truth if row["is_known"]],
        unknown=known.count(False),
        differing=sum(bool(row["is_differing"]) for row in truth),
    )


def _make_kept(connection: duckdb.DuckDBPyConnection, withheld: Path | None) -> None:
    """Make the table ``kept``: what the house kept of the withheld rows."""
    if withheld is None:
        connection.execute(
            f"""
            CREATE TABLE kept AS
            SELECT
                {_KEY}, {", ".join(_NUMBERS)},
                NULL::BOOLEAN AS few_persons, NULL::BOOLEAN AS few_on_numerator,
                NULL::BOOLEAN AS few_on_other_side, NULL::BOOLEAN AS is_homogeneous,
                NULL::BOOLEAN AS is_kept
            FROM shown
            WHERE FALSE
            """
        )
        return
    source = f"read_parquet({literal(withheld)})"
    # A house of an older program kept fewer reasons.
    columns = connection.sql(f"FROM {source}").columns

    def reason(name: str) -> str:
        return name if name in columns else "FALSE"

    unknown = reason("is_unknown")
    connection.execute(
        f"""
        CREATE TABLE kept AS
        SELECT
            {_KEY}, {", ".join(_NUMBERS)},
            {unknown} OR {reason("has_few_persons")} AS few_persons,
            {unknown} OR {reason("has_few_on_numerator")} AS few_on_numerator,
            {unknown} OR {reason("has_few_on_other_side")} AS few_on_other_side,
            {reason("is_homogeneous")} AS is_homogeneous,
            TRUE AS is_kept
        FROM {source}
        """
    )


def _make_counted(
    connection: duckdb.DuckDBPyConnection, warehouse: Path | None, promise: Promise
) -> None:
    """Make the table ``counted``: what the warehouse has of the rows, and of how many people."""
    if warehouse is None:
        connection.execute(
            "CREATE TABLE counted AS SELECT *, NULL::BOOLEAN AS is_counted FROM kept WHERE FALSE"
        )
        return
    connection.execute(f"ATTACH {literal(warehouse)} AS house (READ_ONLY)")

    def few(people: str, below: str = "$threshold") -> str:
        return f"personal AND coalesce(basis.{people} BETWEEN 1 AND {below} - 1, false)"

    connection.execute(
        f"""
        CREATE TABLE counted AS
        SELECT
            {", ".join(f"given.{name}" for name in (*KEY, *_NUMBERS))},
            {few("persons")} AS few_persons,
            {few("numerator_persons")} AS few_on_numerator,
            {few("other_side_persons")} AS few_on_other_side,
            {few("persons", "$homogeneous")} AND kind = 'share'
            AND (
                list_contains($breakdowns::VARCHAR[], breakdown)
                OR list_contains($indicators::VARCHAR[], given.indicator)
            )
            -- Where parts exclude each other, that there is no other part says it anyway.
            AND NOT (breakdown_rule = 'only' AND parts_disjoint)
            AND (basis.numerator_persons = 0 OR basis.other_side_persons = 0) AS is_homogeneous,
            TRUE AS is_counted
        FROM house.indicators.indicator_values AS given
        LEFT JOIN house.indicators.indicator_basis AS basis USING ({_KEY})
        INNER JOIN house.indicators.indicator_catalogue AS catalogue USING (indicator)
        SEMI JOIN shown USING ({_KEY})
        """,
        {
            "threshold": promise.threshold,
            "homogeneous": promise.homogeneous,
            "breakdowns": list(promise.delicate_breakdowns),
            "indicators": list(promise.delicate_indicators),
        },
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def lists_of(publications: Sequence[Published]) -> PublicLists:
    """Read the public lists from the newest publication whose warehouse is there.

    Raises:
        ValueError: none has one.
    """
    for published in reversed(publications):
        if published.warehouse is not None:
            return read_lists(published.warehouse)
    raise ValueError("No publication comes with a warehouse, which holds the catalogue.")
