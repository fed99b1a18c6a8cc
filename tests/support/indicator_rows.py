"""A warehouse with indicators and nothing else, written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from common.indicator_key import KEY

NO_MEASURE_RELATIONS = """
CREATE TABLE indicators.indicator_measure_relation (
    measure varchar, relation varchar, base_measure varchar, breakdown varchar,
    breakdown_value varchar, in_municipalities boolean
);
CREATE TABLE indicators.indicator_measure_bound (
    bound varchar, measure varchar, breakdown varchar, breakdown_value varchar, factor double
)
"""
"""The relations of measures of a warehouse in which none is declared of another."""


@dataclass(frozen=True)
class Value:
    """An indicator value, what it is a value of, and the people on its sides."""

    kind: str = "share"  # count, share or ratio
    personal: bool = True
    numerator: float = 20
    denominator: float | None = 40
    persons: int | None = 40
    numerator_persons: int | None = 20
    other_side_persons: int | None = 20
    period: str = "2019"
    breakdown_value: str = "all"
    # The people of the basis, where they are not the persons of the value.
    heads: int | None = None


def write_warehouse(path: Path, values: Iterable[Value]) -> Path:
    """Write a warehouse in which value number n is of the indicator ``test.<n>``."""
    with duckdb.connect(str(path)) as connection:
        # One transaction: each that is committed waits for the disk.
        connection.execute("BEGIN")
        connection.execute("CREATE SCHEMA indicators")
        connection.execute(
            "CREATE TABLE given (n integer, kind varchar, personal boolean, numerator double, "
            "denominator double, persons bigint, numerator_persons bigint, "
            "other_side_persons bigint, period varchar, breakdown_value varchar, heads bigint)"
        )
        rows = [(n, *astuple(value)) for n, value in enumerate(values)]
        if rows:
            connection.executemany(
                f"INSERT INTO given VALUES ({', '.join('?' * len(rows[0]))})", rows
            )
        connection.execute(
            """
            CREATE VIEW keyed AS
            SELECT
                format('test.{:04d}', n) AS indicator,
                -- The months of municipalities are not published.
                if(length(period) = 4, 'municipality', 'organisation') AS area_type,
                if(length(period) = 4, '205', 'kainuun-sote') AS area,
                if(length(period) = 4, 'year', 'month') AS period_type, period,
                'none' AS breakdown, *
            FROM given
            """
        )
        key = ", ".join(KEY)
        connection.execute(
            f"CREATE TABLE indicators.indicator_values AS SELECT {key}, numerator, denominator, "
            "numerator / coalesce(denominator, 1) AS value, persons, numerator::bigint AS events "
            "FROM keyed ORDER BY hash(indicator)"
        )
        connection.execute(
            f"CREATE TABLE indicators.indicator_basis AS SELECT {key}, "
            "coalesce(heads, persons) AS persons, numerator_persons, other_side_persons FROM keyed"
        )
        connection.execute(
            """
            CREATE TABLE indicators.indicator_catalogue AS
            SELECT
                indicator, kind, personal, 'test' AS base_feed, 'within' AS breakdown_rule,
                false AS parts_disjoint, indicator || '_part' AS numerator_measure,
                1 AS multiplier, 1 AS divisor,
                CASE WHEN kind <> 'count' THEN indicator || '_whole' END AS denominator_measure,
                indicator || CASE WHEN kind = 'count' THEN '_part' ELSE '_whole' END
                    AS persons_measure,
                indicator || '_events' AS events_measure
            FROM keyed
            """
        )
        connection.execute(NO_MEASURE_RELATIONS)
        connection.execute(
            "CREATE TABLE indicators.indicator_area AS SELECT DISTINCT area_type, area, "
            "'20' AS welfare_area FROM keyed"
        )
        connection.execute("DROP VIEW keyed")
        connection.execute("DROP TABLE given")
        connection.execute("COMMIT")
    return path
