"""Parts: which cell is a part of which, over areas, periods, breakdowns and measures.

A whole and its part are cells of the same feed and measure that differ in one respect: where they
lie (area), when (period), or what they are divided by (breakdown). Or the whole is a measure that
is declared as the sum of another over some parts of a breakdown. This module does not know whether
the parts sum to their whole.
"""

from __future__ import annotations

from typing import Literal

import duckdb

from common.sql import equal
from exports.disclosure.relations.cells import PLACE

_RESPECTS = {
    "area": ("area_type", "area"),
    "period": ("period_type", "period"),
    "breakdown": ("breakdown", "breakdown_value"),
}
_Respect = Literal["area", "period", "breakdown"]

# The columns of every pair. Families, by whose numbers it is decided how they sum, are kept apart
# by kind, base_feed, measure and family.
_PAIR = """
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period"""


def _same_but(respect: _Respect, one: str, other: str) -> str:
    """Return the condition that two cells are alike in all but one respect.

    Args:
        respect: what they may differ in.
        one: the alias of one table of cells.
        other: the alias of the other.
    """
    shared = [column for name, pair in _RESPECTS.items() if name != respect for column in pair]
    return equal(one, other, ("base_feed", "measure", *shared))


def _pairs(respect: _Respect, kind: str, condition: str, *, cells: str) -> str:
    """Return the query of the wholes and parts that differ in one respect.

    Args:
        respect: what they differ in.
        kind: an SQL expression, the name of the relation.
        condition: what makes ``wholes`` the whole of ``parts``.
        cells: the table of the cells.
    """
    return f"""
    SELECT
        {kind} AS kind,{_PAIR}
    FROM {cells} AS parts
    INNER JOIN {cells} AS wholes
        ON {_same_but(respect, "parts", "wholes")} AND {condition}"""


# 'kykyviisari:1' of instrument_wave is a part of instrument 'kykyviisari' and of wave '1'.
_IS_MARGIN = """(
            (
                starts_with(parts.breakdown, wholes.breakdown || '_')
                AND starts_with(parts.breakdown_value, wholes.breakdown_value || ':')
            )
            OR (
                ends_with(parts.breakdown, '_' || wholes.breakdown)
                AND ends_with(parts.breakdown_value, ':' || wholes.breakdown_value)
            )
        )"""

# The country with each of its welfare areas, organisations and municipalities. is_orphan: the part
# does not lie in a welfare area that has a number of its own.
_OF_COUNTRY = f"""
    SELECT
        wholes.area_type || ' of ' || parts.area_type AS kind,{_PAIR},
        parts.area_type AS part_type,
        inner_wholes.cell IS NULL AS is_orphan
    FROM disclosure_located_cell AS parts
    INNER JOIN disclosure_located_cell AS wholes
        ON {_same_but("area", "parts", "wholes")} AND wholes.area_type = 'country'
    LEFT JOIN disclosure_located_cell AS inner_wholes
        ON {_same_but("area", "parts", "inner_wholes")}
        AND inner_wholes.area_type = 'welfare_area'
        AND parts.welfare_area = inner_wholes.area
    WHERE parts.area_type IN ('welfare_area', 'organisation', 'municipality')"""

_OF_WELFARE_AREA = _pairs(
    "area",
    "'welfare_area of ' || parts.area_type",
    "wholes.area_type = 'welfare_area' AND parts.welfare_area = wholes.area "
    "AND parts.area_type IN ('organisation', 'municipality')",
    cells="disclosure_located_cell",
)
_OF_YEAR = _pairs(
    "period",
    "'year of months'",
    "parts.period_type = 'month' AND wholes.period_type = 'year' "
    "AND left(parts.period, 4) = wholes.period",
    cells="disclosure_feed_cell",
)
_OF_UNDIVIDED = _pairs(
    "breakdown",
    "'undivided of ' || parts.breakdown",
    "parts.breakdown <> 'none' AND wholes.breakdown = 'none'",
    cells="disclosure_feed_cell",
)
_OF_MARGIN = _pairs(
    "breakdown",
    "wholes.breakdown || ' of ' || parts.breakdown",
    _IS_MARGIN,
    cells="disclosure_feed_cell",
)

# Contacts outside the office are those on some channels: indicators.indicator_measure_relation.
_OF_MEASURE = f"""
    SELECT
        'declared of ' || declared.breakdown AS kind,
        wholes.base_feed, wholes.measure, declared.base_measure AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period
    FROM {{schema}}.indicator_measure_relation AS declared
    INNER JOIN disclosure_feed_cell AS wholes
        ON declared.measure = wholes.measure AND wholes.breakdown = 'none'
    INNER JOIN disclosure_feed_cell AS parts
        ON
            declared.base_measure = parts.measure
            AND declared.breakdown = parts.breakdown
            AND declared.breakdown_value = parts.breakdown_value
            AND {equal("wholes", "parts", ("base_feed", *PLACE))}
    WHERE
        declared.relation = 'sum'
        AND (declared.in_municipalities OR wholes.area_type <> 'municipality')"""

# The sum of a welfare area's places says nothing where places of another welfare area belong to the
# same sum; then only the country is the sum of all places.
_PARTS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_part AS
WITH of_country AS ({_OF_COUNTRY}
),
with_orphans AS (
    SELECT
        *,
        bool_or(is_orphan AND part_type = 'municipality') OVER (PARTITION BY whole, base_feed)
            AS has_orphan_municipalities,
        bool_or(is_orphan AND part_type = 'organisation') OVER (PARTITION BY whole, base_feed)
            AS has_orphan_organisations
    FROM of_country
)
SELECT kind, base_feed, measure, family, whole, whole_number, part, part_number, period
FROM with_orphans
WHERE
    (part_type = 'welfare_area' AND NOT has_orphan_organisations)
    OR (part_type = 'organisation' AND has_orphan_organisations)
    OR (part_type = 'municipality' AND has_orphan_municipalities)
UNION ALL {_OF_WELFARE_AREA}
UNION ALL {_OF_YEAR}
UNION ALL {_OF_UNDIVIDED}
UNION ALL {_OF_MARGIN}
UNION ALL {_OF_MEASURE}
"""


def make_parts(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make the temp table ``disclosure_part``: one row per whole and part of it.

    Args:
        connection: :func:`exports.disclosure.relations.cells.make_cells` has run on it.
        schema: the schema ``indicators``, which says of which others a measure is the sum.
    """
    connection.execute(_PARTS.format(schema=schema))
