"""Row relations: what a row and the other rows of its indicator say beyond their own numbers.

The parts of a whole sum to its denominator, the two sides of a share too, and people are at most
what is counted of them. This module does not know relations between areas, periods or breakdowns
(:mod:`exports.disclosure.relations.parts`).
"""

from __future__ import annotations

import duckdb

from common.sql import equal
from exports.disclosure.arrays import EQUAL_WITHIN
from exports.disclosure.relations.cells import PLACE

_DENOMINATOR = f"publication, indicator, {', '.join(PLACE)}, breakdown"

SUMS_TO_DENOMINATOR = f"""
SELECT
    cast(dense_rank() OVER (ORDER BY {_DENOMINATOR}) - 1 AS integer) AS relation,
    denominator_cell AS whole, numerator_cell AS part, scale,
    denominator - sum(numerator) OVER (PARTITION BY {_DENOMINATOR}) AS remainder
FROM disclosure_row_cells
INNER JOIN disclosure_year USING (row_id)
WHERE
    breakdown_rule = 'only' AND parts_disjoint
    AND numerator_measure <> denominator_measure AND denominator_cell IS NOT NULL
ORDER BY relation, part
"""
"""The query of the denominators that are the sum of their parts and a remainder.

Also where the denominator is another measure: the shares of a working week sum to the number of
responses.
"""

# One row per row of disclosure_year and difference; a difference that several rows have stands
# there several times with the same difference_id.
_DIFFERENCES = f"""
CREATE OR REPLACE TEMP TABLE disclosure_difference AS
WITH cells AS (
    SELECT
        *,
        coalesce(persons, 0) AS people,
        denominator IS NULL AND persons_measure = numerator_measure AS counts_people,
        denominator IS NOT NULL AND persons_measure = denominator_measure AS is_of_people
    FROM disclosure_year
    INNER JOIN disclosure_row_cells USING (row_id)
    WHERE is_personal
),
differences AS (
    SELECT
        row_id, 'other side' AS kind_of_difference, denominator_cell AS whole,
        numerator_cell AS part, scale, denominator - numerator AS number, TRUE AS holds
    FROM cells
    WHERE
        kind = 'share' AND denominator_cell IS NOT NULL
        AND numerator <= denominator + {EQUAL_WITHIN}
    UNION ALL
    SELECT
        row_id, 'beyond people', if(counts_people, numerator_cell, denominator_cell),
        persons_cell, 1.0,
        if(counts_people, numerator / scale, denominator) - people,
        bool_and(
            people <= if(counts_people, numerator / scale, denominator) + {EQUAL_WITHIN}
        ) OVER (PARTITION BY indicator)
    FROM cells
    WHERE counts_people OR is_of_people
    UNION ALL
    SELECT
        parts.row_id, 'declared', wholes.cell, parts.cell, 1.0, wholes.number - parts.number,
        wholes.number >= parts.number - {EQUAL_WITHIN}
    FROM {{schema}}.indicator_measure_relation AS declared
    INNER JOIN disclosure_cell_role AS parts ON declared.measure = parts.measure
    INNER JOIN disclosure_feed_cell AS wholes
        ON
            declared.base_measure = wholes.measure
            AND {equal("parts", "wholes", ("publication", "base_feed", *PLACE))}
            AND {equal("parts", "wholes", ("breakdown", "breakdown_value"))}
    WHERE
        declared.relation = 'at_most'
        AND (declared.in_municipalities OR parts.area_type <> 'municipality')
)
SELECT
    cast(
        dense_rank() OVER (ORDER BY kind_of_difference, whole, part, scale) - 1 AS integer
    ) AS difference_id,
    *
FROM differences
WHERE holds AND whole <> part
"""

DIFFERENCES = """
SELECT
    any_value(whole) AS whole, any_value(part) AS part, any_value(scale) AS scale,
    max(number) AS number
FROM disclosure_difference
GROUP BY difference_id
ORDER BY difference_id
"""
"""The query of the differences, in the order of their id from 0.

Each is what its whole has beyond its part times ``scale``.
"""


_BOUND_PLACE = f"publication, base_feed, {', '.join(PLACE)}"

BOUNDS = f"""
WITH measures AS (
    SELECT bound, measure, count(*) OVER (PARTITION BY bound) AS of_bound
    FROM (SELECT DISTINCT bound, measure FROM {{schema}}.indicator_measure_bound)
),
-- Where a measure is not published at all, its parts are not none, and nothing is said.
places AS (
    SELECT bound, {_BOUND_PLACE}
    FROM measures
    INNER JOIN (SELECT DISTINCT measure, {_BOUND_PLACE} FROM disclosure_feed_cell) AS measured
        USING (measure)
    GROUP BY bound, {_BOUND_PLACE}
    HAVING count(*) = any_value(of_bound)
),
terms AS (
    SELECT
        dense_rank() OVER (ORDER BY bound, {_BOUND_PLACE}) - 1 AS relation,
        cell, factor, number
    FROM {{schema}}.indicator_measure_bound
    INNER JOIN disclosure_feed_cell USING (measure, breakdown, breakdown_value)
    INNER JOIN places USING (bound, {_BOUND_PLACE})
)
SELECT relation, cell, factor, -sum(factor * number) OVER of_bound AS slack
FROM terms
WINDOW of_bound AS (PARTITION BY relation)
QUALIFY slack >= -{EQUAL_WITHIN} AND bool_or(factor > 0) OVER of_bound
ORDER BY relation, cell
"""
"""The query of the bounds that hold: the cells of each, times their factors, sum to at most 0.

``slack`` is what they are below 0, which no row shows. A part without a cell is 0.
"""


def make_differences(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make the temp table ``disclosure_difference``.

    Its differences are the other side of a share, what is counted beyond one for each person, and
    what a measure has beyond another that is declared to be at most as large.

    Args:
        connection: :func:`exports.disclosure.relations.cells.make_cells` has run on it.
        schema: the schema ``indicators``, which says which measure is at most which other.
    """
    connection.execute(_DIFFERENCES.format(schema=schema))
