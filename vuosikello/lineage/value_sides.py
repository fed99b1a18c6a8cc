"""The rows of numerator and denominator: added up as the model does, compared, and written.

This module adds rows up and writes them to a file; it does not find them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from common.sql import literal
from vuosikello.lineage import value_rows, working_tables
from vuosikello.lineage.compiled_sql import Declaration, ValueKey
from vuosikello.lineage.explanation import Check
from vuosikello.lineage.values import NUMBERS, number
from vuosikello.lineage.working_tables import Rows
from vuosikello.warehouse.indicator_models import Grain


def sides(declaration: Declaration, rows: Sequence[Rows]) -> list[tuple[str, str, Rows]]:
    """Return side, measure and rows of everything that makes numerator and denominator."""
    measures = declaration.measures()
    return [
        (side, measures[side], one)
        for side in ("numerator", "denominator")
        if side in measures
        for one in rows
        if one.grain.counted_as(measures[side]) is not None
    ]


def checks(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    value_key: ValueKey,
    rows: Sequence[Rows],
    numbers: Mapping[str, float | None],
) -> list[Check]:
    """Add the rows up as the model does, and hold what comes out beside the warehouse's numbers."""
    found: dict[str, float | None] = dict.fromkeys(NUMBERS)
    for role, measure in declaration.measures().items():
        totals = [
            f"(select cast({value_rows.total(one.grain, counted, role, value_key)} as double) "
            f"from {one.table})"
            for one in rows
            if (counted := one.grain.counted_as(measure)) is not None
        ]
        factor = f" * {declaration.multiplier} / {declaration.divisor}"
        (total,) = _one(
            connection,
            f"select ({' + '.join(totals) or '0'}){factor if role == 'numerator' else ''}",
        )
        found[role] = number(total)
    # No known person is an empty cell in the warehouse.
    found["persons"] = found["persons"] or None
    numerator, denominator = found["numerator"], found["denominator"]
    if value_key.period_type == "rolling_year":
        # Sums of months: people are not counted over them.
        found["persons"] = None
    if declaration.kind in ("count", "quantile"):
        found["value"] = numerator
    elif numerator is not None and denominator:
        found["value"] = number(numerator / denominator)
    return [
        Check(name, found[name], numbers[name], _agree(found[name], numbers[name]))
        for name in NUMBERS
    ]


def _agree(one: float | None, other: float | None) -> bool:
    """Whether two numbers are the same: whole ones are, others but for the order of a sum."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-12)


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    rows: Sequence[Rows],
    path: Path,
) -> None:
    """Write every row of either side, with the file it came in."""
    nowhere = "(select cast(null as bigint) as row_no, cast(null as varchar) as submission_id)"
    selects = [
        f"""
        select
            '{side}' as side,
            {literal(one.grain.feed or "")} as feed,
            counted.organisation,
            {_key_as_text(one.grain)} as key,
            cast(counted.{side} as double) as amount,
            links.submission_id,
            submissions.file,
            submissions.sha256,
            submissions.received_at
        from {one.table} as counted
        left join {one.links or nowhere} as links on counted.row_no = links.row_no
        left join staging.stg_submissions as submissions
            on links.submission_id = submissions.submission_id
        where counted.{side} <> 0
        """
        for side, _, one in sides(declaration, rows)
    ]
    query = " union all ".join(selects) + " order by side desc, organisation, key"
    working_tables.write(connection, query, path)


def _key_as_text(grain: Grain) -> str:
    named = [f"{literal(name + '=')} || cast(counted.{name} as varchar)" for name in grain.key]
    return " || ', ' || ".join(named) or "cast(null as varchar)"


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    return connection.execute(sql, list(values)).fetchone()
