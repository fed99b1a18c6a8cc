"""Families: how the parts of wholes relate to them, as far as the numbers show it.

A family is all wholes of one kind (year of months, undivided of age group …), feed, measure and
breakdown. Its parts sum to their wholes, overlap, or are states of which the last one is the whole.
This module does not know what needs protection.
"""

from __future__ import annotations

import duckdb

from common.sql import equal
from exports.disclosure.arrays import EQUAL_WITHIN
from exports.disclosure.relations.cells import PLACE

# Parts exceed their whole by more than this share of it: they overlap, and there is no sum.
OVERLAP = 0.05

_FAMILY = "kind, base_feed, measure, family"

_WHOLES = f"""
CREATE OR REPLACE TEMP TABLE disclosure_whole AS
WITH wholes AS (
    SELECT
        {_FAMILY}, whole,
        max(whole_number) AS whole_number,
        sum(part_number) AS sum_of_parts,
        max(part_number) AS largest,
        arg_max(part, period) AS last_part,
        arg_max(part_number, period) AS last_number
    FROM disclosure_part
    GROUP BY {_FAMILY}, whole
),
families AS (
    SELECT
        {_FAMILY},
        sum(greatest(sum_of_parts - whole_number, 0)) > {OVERLAP} * sum(abs(whole_number))
            AS overlaps,
        kind = 'year of months' AND bool_and(abs(last_number - whole_number) <= {EQUAL_WITHIN})
            AS is_state,
        bool_and(largest <= whole_number + {EQUAL_WITHIN}) AS is_at_least_each,
        bool_and(sum_of_parts >= whole_number - {EQUAL_WITHIN}) AS is_at_most_all
    FROM wholes
    GROUP BY {_FAMILY}
)
SELECT
    wholes.*,
    CASE
        WHEN families.is_state THEN 'same'
        WHEN NOT families.overlaps THEN 'sum'
        WHEN families.is_at_least_each THEN 'overlap'
        ELSE 'none'
    END AS relation,
    families.is_at_most_all
FROM wholes
INNER JOIN families USING ({_FAMILY})
ORDER BY {_FAMILY}, whole
"""

SAME_MEASURES = f"""
SELECT DISTINCT one.cell AS one_cell, other.cell AS other_cell
FROM {{schema}}.indicator_measure_relation AS declared
INNER JOIN disclosure_feed_cell AS one ON declared.measure = one.measure
INNER JOIN disclosure_feed_cell AS other
    ON
        declared.base_measure = other.measure
        AND {equal("one", "other", ("publication", *PLACE, "breakdown", "breakdown_value"))}
WHERE
    declared.relation = 'same'
    AND (declared.in_municipalities OR one.area_type <> 'municipality')
    -- Other organisations may cover the period of another feed.
    AND abs(one.number - other.number) <= {EQUAL_WITHIN}
ORDER BY ALL
"""
"""The query of the pairs of cells that are declared to be one number under two names."""


def _wholes_with_parts(condition: str) -> str:
    """Return the query of relations of a whole to all of its parts, for wholes of a kind.

    ``remainder`` is what the whole has beyond the sum of its parts.

    Args:
        condition: which of the wholes.
    """
    return f"""
    SELECT
        cast(dense_rank() OVER (ORDER BY {_FAMILY}, whole) - 1 AS integer) AS relation,
        whole, part,
        wholes.whole_number - wholes.sum_of_parts AS remainder
    FROM disclosure_part AS parts
    INNER JOIN disclosure_whole AS wholes USING ({_FAMILY}, whole)
    WHERE {condition}
    ORDER BY relation, part
    """


SUMS = _wholes_with_parts("wholes.relation = 'sum'")
"""The query of the wholes that are the sum of their parts and a remainder."""

AT_MOST_ALL = _wholes_with_parts("wholes.relation = 'overlap' AND wholes.is_at_most_all")
"""The query of the wholes that are at most the sum of their parts.

For example, the people of a year are at most those of its months together.
"""

OVERLAPS = f"""
SELECT DISTINCT whole, part, whole_number - part_number AS number
FROM disclosure_part
INNER JOIN disclosure_whole USING ({_FAMILY}, whole, whole_number)
WHERE relation = 'overlap' AND whole <> part
ORDER BY whole, part
"""
"""The query of the wholes that are at least each of their parts, with what they have beyond it."""

STATES = "SELECT whole, last_part FROM disclosure_whole WHERE relation = 'same' ORDER BY ALL"
"""The query of the wholes that are the same number as their last part."""


def make_families(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table ``disclosure_whole``: one row per whole and family of parts.

    Its column ``relation`` is how the parts of the family relate to their wholes: ``sum``,
    ``overlap``, ``same`` (a state: the last part is the whole) or ``none``.

    Args:
        connection: :func:`exports.disclosure.relations.parts.make_parts` has run on it.
    """
    connection.execute(_WHOLES)
