"""Small warehouses with a whole table of people in them: areas, months, parts and a share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from tests.support.indicator_rows import NO_MEASURE_RELATIONS


class Person(NamedTuple):
    """One person who counts once: where, when, in which part, and on the share's side or not."""

    organisation: str
    municipality: str
    month: str
    part: str = "a"
    is_in: bool = True


WELFARE_AREA = {"one": "20", "two": "20", "three": "21"}

_CELLS = """
CREATE TABLE cells_of AS
WITH placed AS (
    SELECT *, left(month, 4) AS year, if(organisation = 'three', '21', '20') AS welfare_area
    FROM people
),
areas AS (
    SELECT 'country' AS area_type, 'FI' AS area, * FROM placed
    UNION ALL SELECT 'welfare_area', welfare_area, * FROM placed
    UNION ALL SELECT 'organisation', organisation, * FROM placed
    UNION ALL SELECT 'municipality', municipality, * FROM placed
),
periods AS (
    SELECT 'month' AS period_type, month AS period, * FROM areas
    UNION ALL SELECT 'year', year, * FROM areas
),
parts AS (
    SELECT 'none' AS breakdown, 'all' AS breakdown_value, * FROM periods
    UNION ALL SELECT 'part', part, * FROM periods
)
SELECT
    area_type, area, period_type, period, breakdown, breakdown_value,
    count(*)::double AS persons, (count(*) FILTER (is_in))::double AS inside
FROM parts
GROUP BY ALL
"""


def write_small(path: Path, people: Sequence[Person]) -> Path:
    """Write a warehouse with the count of the people and the share of those inside."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA indicators")
        connection.execute(
            "CREATE TABLE people (organisation varchar, municipality varchar, month varchar, "
            "part varchar, is_in boolean)"
        )
        columns = list(zip(*people, strict=True)) or [[]] * 5
        connection.execute(
            "INSERT INTO people SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5)",
            [list(column) for column in columns],
        )
        connection.execute(_CELLS)
        connection.execute(
            """
            CREATE TABLE indicators.indicator_values AS
            SELECT 'test.people' AS indicator, area_type, area, period_type, period, breakdown,
                breakdown_value, persons AS numerator, null::double AS denominator,
                persons AS value, persons::bigint AS persons, persons::bigint AS events
            FROM cells_of
            UNION ALL
            SELECT 'test.share', area_type, area, period_type, period, breakdown, breakdown_value,
                inside, persons, inside / persons, persons::bigint, persons::bigint
            FROM cells_of
            """
        )
        connection.execute(
            """
            CREATE TABLE indicators.indicator_basis AS
            SELECT 'test.people' AS indicator, area_type, area, period_type, period, breakdown,
                breakdown_value, persons::bigint AS persons, persons::bigint AS numerator_persons,
                null::bigint AS other_side_persons
            FROM cells_of
            UNION ALL
            SELECT 'test.share', area_type, area, period_type, period, breakdown, breakdown_value,
                persons::bigint, inside::bigint, (persons - inside)::bigint
            FROM cells_of
            """
        )
        connection.execute(
            """
            CREATE TABLE indicators.indicator_catalogue AS
            SELECT * FROM (VALUES
                ('test.people', 'count', true, 'feed', 'within', false, 'people', 1, 1, null,
                    'people', 'people'),
                ('test.share', 'share', true, 'feed', 'within', false, 'inside', 1, 1, 'people',
                    'people', 'people')
            ) AS listed (indicator, kind, personal, base_feed, breakdown_rule, parts_disjoint,
                numerator_measure, multiplier, divisor, denominator_measure, persons_measure,
                events_measure)
            """
        )
        connection.execute(
            """
            CREATE TABLE indicators.indicator_area AS
            SELECT DISTINCT 'municipality' AS area_type, municipality AS area,
                CASE organisation WHEN 'three' THEN '21' ELSE '20' END AS welfare_area FROM people
            UNION SELECT DISTINCT 'organisation', organisation,
                CASE organisation WHEN 'three' THEN '21' ELSE '20' END FROM people
            UNION VALUES ('welfare_area', '20', '20'), ('welfare_area', '21', '21'),
                ('country', 'FI', null)
            """
        )
        connection.execute(NO_MEASURE_RELATIONS)
        for table in ("people", "cells_of"):
            connection.execute(f"DROP TABLE {table}")
    return path
