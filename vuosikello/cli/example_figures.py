"""The ISO SOS example: the figures that its report publishes, beside those that are computed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from common.resources import resource

EXAMPLE = resource("examples/iso_sos")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published figure beside the computed one; ``computed`` is None where there is no value."""

    figure: str
    published: str
    computed: str | None
    agrees: bool
    source: str


class ExpectedValues(NamedTuple):
    """How many of the example's expected values come out exactly.

    Attributes:
        agreeing: how many agree.
        total: how many there are of indicators that the catalogue holds.
        without_indicator: how many there are of others.
    """

    agreeing: int
    total: int
    without_indicator: int


class Published(NamedTuple):
    """What releases publish of the example's expected values.

    Attributes:
        published: how many they show.
        withheld: how many they have without numbers, since few people stand behind them or behind
            what would follow from them.
        not_planned: how many are not in the publication plan.
    """

    published: int
    withheld: int
    not_planned: int


def count_expected() -> int:
    """Return how many values the example must give."""
    with (EXAMPLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def compare(warehouse: Path, published: Path = EXAMPLE / "published.csv") -> list[Comparison]:
    """Compare the figures that the ISO SOS report publishes with the computed ones.

    Args:
        warehouse: a published warehouse.
        published: figures, each over one or more years; several years are added up, numerator and
            denominator apart.
    """
    import duckdb

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            """
            SELECT p.figure, p.published, p.unit, p.source, sum(v.numerator), sum(v.denominator)
            FROM (
                SELECT *, row_number() OVER () AS nth
                FROM read_csv($published, all_varchar = true)
            ) AS p
            LEFT JOIN indicators.indicator_values AS v
                ON v.indicator = p.indicator AND v.area_type = p.area_type AND v.area = p.area
                AND v.period_type = 'year' AND list_contains(string_split(p.periods, '|'), v.period)
                AND v.breakdown = p.breakdown AND v.breakdown_value = p.breakdown_value
            GROUP BY p.nth, p.figure, p.published, p.unit, p.source ORDER BY p.nth
            """,
            {"published": str(published)},
        ).fetchall()
    return [_comparison(*row) for row in rows]


def check_expected(warehouse: Path, expected: Path = EXAMPLE / "expected.csv") -> ExpectedValues:
    """Count the example's expected values that come out exactly."""
    import duckdb

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            """
            SELECT
                count(*) FILTER (built AND v.numerator = e.numerator::DOUBLE
                    AND v.denominator IS NOT DISTINCT FROM e.denominator::DOUBLE),
                count(*) FILTER (built),
                count(*) FILTER (NOT built)
            FROM (
                SELECT *, indicator IN (SELECT indicator FROM indicators.indicator_catalogue)
                    AS built
                FROM read_csv($expected, all_varchar = true)
            ) AS e
            LEFT JOIN indicators.indicator_values AS v
                USING (indicator, area_type, area, period_type, period, breakdown, breakdown_value)
            """,
            {"expected": str(expected)},
        ).fetchone()
    assert row is not None
    return ExpectedValues(*row)


def count_published(
    released: Sequence[Path], expected: Path = EXAMPLE / "expected.csv"
) -> Published:
    """Count what releases publish of the example's expected values.

    Args:
        released: the Parquet file of values of each release.
        expected: the expected values.
    """
    import duckdb

    row = duckdb.execute(
        """
        SELECT
            count(*) FILTER (given.status = 'published'),
            count(*) FILTER (given.status = 'suppressed'),
            count(*) FILTER (given.status IS NULL)
        FROM read_csv($expected, all_varchar = true) AS e
        LEFT JOIN read_parquet($released) AS given
            USING (indicator, area_type, area, period_type, period, breakdown, breakdown_value)
        """,
        {"expected": str(expected), "released": [str(path) for path in released]},
    ).fetchone()
    assert row is not None
    return Published(*row)


def _comparison(
    figure: str,
    published: str,
    unit: str,
    source: str,
    numerator: float | None,
    denominator: float | None,
) -> Comparison:
    if numerator is None:
        return Comparison(figure, published, None, False, source)
    value = numerator / denominator if denominator else numerator
    match unit:
        case "share":
            computed = f"{value:.0%}".replace("%", " %")
        case "mean":
            computed = f"{value:.1f}".removesuffix(".0")
        case _:
            computed = f"{value:.0f}"
    low, _, high = published.partition("–")
    agrees = float(low) <= value <= float(high) if high else computed == published
    return Comparison(figure, published, computed, agrees, source)
