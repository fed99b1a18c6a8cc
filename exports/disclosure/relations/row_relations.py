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


def make_differences(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make the temp table ``disclosure_difference``.

    Its differences are the other side of a share, what is counted beyond one for each person, and
    what a measure has beyond another that is declared to be at most as large.

    Args:
        connection: :func:`exports.disclosure.relations.cells.make_cells` has run on it.
        schema: the schema ``indicators``, which says which measure is at most which other.
    """
    connection.execute(_DIFFERENCES.format(schema=schema))
