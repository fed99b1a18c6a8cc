"""The indicators once more, in plain Python, as indicators.md words them.

Nothing here knows how the warehouse computes: each value of each cell is counted anew over the rows
that belong to it. Slow, and easy to check by reading. It starts from the facts and spells of the
marts, or makes those too, from the files sent (:mod:`sent`); what a worker or a client was on a day
it finds out for itself. One file per theme.
"""

from __future__ import annotations

import duckdb

from tests.support.mirror import (
    access,
    caseload,
    marts,
    outcomes,
    outreach,
    process,
    staff,
    structural,
    time,
)
from tests.support.mirror.counting import Cell, Indicator, Key
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.marts import Source

THEMES = tuple(
    module.THEME
    for module in (caseload, time, outreach, process, outcomes, staff, structural, access)
)
INDICATORS: dict[str, Indicator] = {
    name: indicator for theme in THEMES for name, indicator in theme.indicators.items()
}


def mirrored_cells(
    connection: duckdb.DuckDBPyConnection,
    source: Source | None = None,
    themes: tuple[Theme, ...] = THEMES,
) -> dict[Key, Cell]:
    """Count every cell of every indicator.

    Args:
        connection: a warehouse: its code lists, organisations, municipalities and periods.
        source: what to count over; None is the marts of the warehouse.
        themes: whose indicators; a theme whose indicators are counted over another one's rows
            needs that one too.
    """
    return Mirror(connection, themes, source or marts.source_of(connection)).cells()


__all__ = ["INDICATORS", "THEMES", "Cell", "Indicator", "Key", "mirrored_cells"]
