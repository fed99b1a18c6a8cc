"""Cells: the numbers that rows show, each once, however many rows show it.

A cell is a measure in an area, a period and a part of a breakdown. The tables that are made here
say which row shows which cell, and where each cell lies. This module does not know how cells are
related to each other.
"""

from __future__ import annotations

import duckdb

PLACE = ("area_type", "area", "period_type", "period")
"""The area and period of a cell."""

POSITION = (*PLACE, "breakdown", "breakdown_value")
"""The columns that distinguish the cells of one measure."""

_CELL = ", ".join(("measure", *POSITION, "rounded"))

# One row per row of disclosure_year and number that it shows.
_SHOWN_NUMBERS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_shown_number AS
WITH personal_measures AS (
    SELECT numerator_measure AS measure FROM disclosure_year WHERE is_personal
    UNION SELECT denominator_measure FROM disclosure_year WHERE is_personal
    UNION SELECT events_measure FROM disclosure_year WHERE is_personal
),
wholes AS (
    SELECT
        * REPLACE (if(publication = 0, base_feed, base_feed || '@' || publication) AS base_feed),
        CASE WHEN breakdown_rule = 'only' THEN 'none' ELSE breakdown END AS whole_breakdown,
        CASE WHEN breakdown_rule = 'only' THEN 'all' ELSE breakdown_value END AS whole_value,
        -- People who are counted and not identified are told nowhere: they limit no number.
        bool_or(persons IS NOT NULL) OVER (PARTITION BY indicator) AS tells_persons
    FROM disclosure_year
),
shown AS (
    SELECT
        row_id, publication, 'numerator' AS role, base_feed, numerator_measure AS measure,
        {", ".join(POSITION)},
        numerator / scale AS number
    FROM wholes
    UNION ALL
    SELECT
        row_id, publication, 'denominator', base_feed, denominator_measure, {", ".join(PLACE)},
        whole_breakdown, whole_value, denominator
    FROM wholes
    -- The population of a place is public.
    WHERE denominator IS NOT NULL AND denominator_measure <> 'population'
    UNION ALL
    SELECT
        row_id, publication, 'persons', base_feed, persons_measure || '_people', {", ".join(PLACE)},
        whole_breakdown, whole_value, coalesce(persons, 0)
    FROM wholes
    WHERE is_personal AND tells_persons
    UNION ALL
    SELECT
        row_id, publication, 'events', base_feed, events_measure, {", ".join(PLACE)},
        whole_breakdown, whole_value, events
    FROM wholes
    WHERE events IS NOT NULL
)
SELECT shown.*, round(number, 6) AS rounded
FROM shown
-- A numerator that counts people (distinct themes) belongs to no personal indicator.
WHERE measure IN (SELECT measure FROM personal_measures) OR role = 'persons'
"""

# One row per cell. The same measure of the same place with the same number is one cell, whichever
# feed and publication it comes from.
_CELLS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_cell AS
SELECT cast(row_number() OVER (ORDER BY {_CELL}) - 1 AS integer) AS cell, *
FROM (SELECT DISTINCT {_CELL} FROM disclosure_shown_number)
"""

# One row per row of disclosure_year and cell that it shows.
_CELL_ROLES = f"""
CREATE OR REPLACE TEMP TABLE disclosure_cell_role AS
SELECT shown.*, cells.cell
FROM disclosure_shown_number AS shown
INNER JOIN disclosure_cell AS cells USING ({_CELL})
"""

# One row per row of disclosure_year.
_ROW_CELLS = """
CREATE OR REPLACE TEMP TABLE disclosure_row_cells AS
SELECT
    row_id,
    max(cell) FILTER (WHERE role = 'numerator') AS numerator_cell,
    max(cell) FILTER (WHERE role = 'denominator') AS denominator_cell,
    max(cell) FILTER (WHERE role = 'persons') AS persons_cell
FROM disclosure_cell_role
GROUP BY row_id
"""

# One row per publication, feed and cell.
_FEED_CELLS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_feed_cell AS
SELECT DISTINCT
    publication, base_feed, cell, measure, {", ".join(POSITION)}, rounded AS number
FROM disclosure_cell_role
"""

# The same with the welfare area that the cell's area is or lies in.
_LOCATED_CELLS = """
CREATE OR REPLACE TEMP TABLE disclosure_located_cell AS
SELECT cells.*, areas.welfare_area
FROM disclosure_feed_cell AS cells
LEFT JOIN {schema}.indicator_area AS areas
    ON cells.area_type = areas.area_type AND cells.area = areas.area
"""

CELLS = """
SELECT rounded AS number, min(rounded) OVER (PARTITION BY measure) < 0 AS is_signed
FROM disclosure_cell
ORDER BY cell
"""
"""The query of the number of every cell, and whether its measure can be negative."""


def make_cells(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Make the temp tables of the cells from ``disclosure_year``.

    They are ``disclosure_cell``, ``disclosure_cell_role``, ``disclosure_row_cells``,
    ``disclosure_feed_cell`` and ``disclosure_located_cell``.

    Args:
        connection: holds ``disclosure_year``.
        schema: the schema ``indicators``, which says in which welfare area an area lies.
    """
    for statement in (
        _SHOWN_NUMBERS,
        _CELLS,
        _CELL_ROLES,
        _ROW_CELLS,
        _FEED_CELLS,
        _LOCATED_CELLS.format(schema=schema),
    ):
        connection.execute(statement)
