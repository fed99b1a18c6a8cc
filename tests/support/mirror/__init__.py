"""The indicators once more, in plain Python, as indicators.md words them.

Nothing here knows how the warehouse computes: each value of each cell is counted anew over the rows
that belong to it. Slow, and easy to check by reading. It starts from the facts and spells of the
marts; what a worker or a client was on a day it finds out for itself. One file per theme.
"""

from __future__ import annotations

import duckdb

from tests.support.mirror import (
    access,
    caseload,
    outcomes,
    outreach,
    process,
    staff,
    structural,
    time,
)
from tests.support.mirror.engine import Cell, Indicator, Key, Mirror

THEMES = tuple(
    module.THEME
    for module in (caseload, time, outreach, process, outcomes, staff, structural, access)
)
INDICATORS: dict[str, Indicator] = {
    name: indicator for theme in THEMES for name, indicator in theme.indicators.items()
}


def mirrored_cells(connection: duckdb.DuckDBPyConnection) -> dict[Key, Cell]:
    """Count every cell of every indicator from the marts of a warehouse."""
    return Mirror(connection, THEMES).cells()


__all__ = ["INDICATORS", "THEMES", "Cell", "Indicator", "Key", "mirrored_cells"]
