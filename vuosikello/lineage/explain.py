"""Why a number is what it is: from an indicator value to its rows, its submissions and its SQL.

:func:`explain` opens the published warehouse read-only, takes the rows of the value from the SQL
that made it (:mod:`vuosikello.lineage.compiled_sql`), adds them up, and says whether they give the
value. Given an earlier warehouse, it names what has changed since (:mod:`vuosikello.lineage.diff`).

Only pseudonyms are in the warehouse, and keys are told as they stand there. Rows are counted and
joined by the engine; Python sees those that are shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from vuosikello.lineage import compiled_sql, diff, lookup
from vuosikello.lineage.compiled_sql import (
    Cell,
    Declaration,
    Grain,
    Model,
    NotExplained,
    Rows,
    text,
)
from vuosikello.lineage.diff import NUMBERS, Change, Numbers, number, plain

# How many rows of each side are told one by one.
ROWS_TOLD = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """A submission, and how many of the rows in question came in it."""

    submission_id: str
    organisation: str
    feed: str
    period: str
    file: str
    sha256: str
    received_at: datetime
    contract_version: str
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a value rests on.

    Attributes:
        organisation: whose it is.
        key: what tells it apart there, as it stands in the warehouse.
        amount: what it adds; of distinct people or units, 1.
        submissions: those that it came in; several where it is made of several rows of a feed.
    """

    organisation: str | None
    key: dict[str, Any]
    amount: float
    submissions: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one side of a value.

    Attributes:
        side: ``numerator`` or ``denominator``.
        measure: what is counted, by its name in the model.
        how: ``sum``; ``units``, distinct units of the rows; ``people``, distinct people;
            ``month_end_mean``, the sum divided by the month ends of the period.
        feed: the feed that the rows came in; None: they are computed from other rows.
        key: the columns that tell a row apart within its organisation.
        total: what the rows add up to.
        rows_total: how many rows there are.
        rows: the first :data:`ROWS_TOLD` of them, by organisation and key.
        submissions: those that the rows came in, newest first. Of computed rows (no feed) those in
            force, of the organisations that serve the area, that the model reads for the period,
            with the number of all their rows.
        rows_without_submission: rows that no submission in force holds. They would show that a
            file of the lake was changed by hand.
    """

    side: str
    measure: str
    how: str
    feed: str | None
    key: tuple[str, ...]
    total: float
    rows_total: int
    rows: list[Row]
    submissions: list[Source]
    rows_without_submission: int


@dataclass(frozen=True, slots=True)
class Check:
    """A number that the rows give beside the one that the warehouse holds."""

    of: str
    from_rows: float | None
    in_warehouse: float | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class ModelNamed:
    """The model that computed a value: its SQL, by hash, and its version."""

    name: str
    sha256: str
    code_version: str
    built_at: datetime
    feeds: list[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a value is what it is.

    Attributes:
        label, definition: in the language asked for.
        formula: the definition in short.
        numbers: numerator, denominator, value, persons and events; None: there is no value now.
        missing: why there is none; None where there is one.
        multiplier, divisor: what the sum of the numerator's rows is multiplied and divided by.
        last_day: the day whose state is told, where the period is not over.
        built_at, as_of: when the warehouse was built, and whose knowledge it shows (UTC).
        parts: the rows of the numerator and of the denominator.
        checks: what the rows give beside what the warehouse holds.
        is_exact: whether all of that agrees.
        change: what has changed since the moment asked about.
    """

    indicator: str
    label: str
    definition: str
    formula: str
    unit: str
    source: str | None
    area_type: str
    area: str
    area_label: str
    period_type: str
    period: str
    breakdown: str
    breakdown_value: str
    numbers: Numbers | None
    missing: str | None
    multiplier: float
    divisor: float
    last_day: date | None
    built_at: datetime
    as_of: datetime | None
    model: ModelNamed
    parts: list[Part]
    checks: list[Check]
    is_exact: bool
    change: Change | None


def explain(
    warehouse: Path,
    indicator: str,
    *,
    area: str,
    period: str,
    area_type: str | None = None,
    breakdown: str | None = None,
    earlier: Path | None = None,
    language: str = "en",
    rows_to: Path | None = None,
) -> Explanation:
    """Explain one indicator value down to its rows and submissions.

    Args:
        warehouse: the warehouse that holds the value.
        indicator: its code.
        area: the code of a municipality, organisation or welfare area, or FI.
        period: YYYY or YYYY-MM.
        area_type: which of them, where the code is that of several.
        breakdown: ``name=value``; None: the undivided value.
        earlier: a warehouse as of an earlier moment, to tell what has changed since.
        language: of label and definition: fi, sv or en.
        rows_to: a file for all rows, as CSV, or as Parquet by its ending.

    Returns:
        The explanation. With ``earlier`` it may be that of a value which is no more.

    Raises:
        NotExplained: there is no such value; the text says why.
    """
    with compiled_sql.opened(warehouse, earlier) as connection:
        return explain_in(
            connection,
            indicator,
            area=area,
            period=period,
            area_type=area_type,
            breakdown=breakdown,
            has_earlier=earlier is not None,
            language=language,
            rows_to=rows_to,
        )


def explain_in(
    connection: duckdb.DuckDBPyConnection,
    indicator: str,
    *,
    area: str,
    period: str,
    area_type: str | None = None,
    breakdown: str | None = None,
    has_earlier: bool = False,
    language: str = "en",
    rows_to: Path | None = None,
) -> Explanation:
    """Do the same in warehouses that :func:`vuosikello.lineage.compiled_sql.opened` has opened.

    ``has_earlier`` tells whether an earlier one was opened too.
    """
    declaration = lookup.declaration_of(connection, indicator, language)
    cell = lookup.cell_of(
        connection,
        declaration,
        area=area,
        period=period,
        area_type=area_type,
        breakdown=breakdown,
        language=language,
    )
    numbers = _numbers(connection, "now", indicator, cell)
    before = _numbers(connection, "before", indicator, cell) if has_earlier else None
    missing = None if numbers else lookup.why_missing(connection, declaration, cell)
    if missing and before is None:
        raise NotExplained(missing)
    model = lookup.model_of(connection, indicator)
    rows = _rows(connection, "now", indicator, cell)
    checks = _checks(connection, declaration, cell, rows, numbers) if numbers else []
    parts = _without_idle(
        [
            _part(connection, model, cell, one, side, measure)
            for side, measure, one in _sides(declaration, rows)
        ]
    )
    if rows_to is not None:
        _write_rows(connection, declaration, rows, rows_to)
    change = None
    if has_earlier:
        rows_before = _rows(connection, "before", indicator, cell)
        connection.execute("use now")
        change = diff.change_of_value(
            connection, declaration, cell, model, rows, rows_before, before
        )
    label, definition, formula, unit, source = _one(
        connection,
        f"select label_{language}, definition_{language}, formula, unit, source "
        "from indicators.indicator_catalogue where indicator = ?",
        indicator,
    )
    built_at, as_of, built_on = _one(
        connection, "select built_at, as_of, built_on from staging.build_info"
    )
    (last_day,) = _one(
        connection,
        "select max(last_day) from marts.dim_period where period_type = ? and period = ?",
        cell.period_type,
        cell.period,
    )
    return Explanation(
        indicator=indicator,
        label=label,
        definition=definition,
        formula=formula,
        unit=unit,
        source=source or None,
        area_type=cell.area_type,
        area=cell.area,
        area_label=lookup.area_labels(connection, language)[cell.area_type, cell.area],
        period_type=cell.period_type,
        period=cell.period,
        breakdown=cell.breakdown,
        breakdown_value=cell.breakdown_value,
        numbers=numbers,
        missing=missing,
        multiplier=declaration.multiplier,
        divisor=declaration.divisor,
        last_day=last_day if last_day == built_on else None,
        built_at=built_at,
        as_of=as_of,
        model=ModelNamed(
            model.name, model.sha256, model.code_version, model.built_at, list(model.feeds)
        ),
        parts=parts,
        checks=checks,
        is_exact=all(check.agrees for check in checks),
        change=change,
    )


def _numbers(
    connection: duckdb.DuckDBPyConnection, catalog: str, indicator: str, cell: Cell
) -> Numbers | None:
    row = connection.execute(
        f"select {', '.join(NUMBERS)} from {catalog}.indicators.indicator_values where "
        "indicator = ? and area_type = ? and area = ? and period_type = ? and period = ? "
        "and breakdown = ? and breakdown_value = ?",
        [
            indicator,
            cell.area_type,
            cell.area,
            cell.period_type,
            cell.period,
            cell.breakdown,
            cell.breakdown_value,
        ],
    ).fetchone()
    if row is None:
        return None
    return {name: number(value) for name, value in zip(NUMBERS, row, strict=True)}


def _rows(
    connection: duckdb.DuckDBPyConnection, catalog: str, indicator: str, cell: Cell
) -> list[Rows]:
    """Put down the rows of a value as one of the warehouses knows them, a table for each grain."""
    connection.execute(f"use {catalog}")
    declaration = compiled_sql.declarations_of(connection).get(indicator)
    if declaration is None:
        return []
    day = connection.execute(
        "select last_day from marts.dim_period where period_type = ? and period = ?",
        [cell.period_type, cell.period],
    ).fetchone()
    if day is None:
        return []
    model = lookup.model_of(connection, indicator)
    queries = [
        (grain, sql)
        for grain in model.grains
        if (sql := compiled_sql.rows_of_cell(model, grain, declaration, cell, day[0])) is not None
    ]
    if declaration.denominator == compiled_sql.POPULATION:
        queries.append((compiled_sql.POPULATION_GRAIN, compiled_sql.population_of_cell(cell)))
    return [
        compiled_sql.put_down(connection, f"{grain.name}_{catalog}", grain, sql)
        for grain, sql in queries
    ]


def _sides(declaration: Declaration, rows: Sequence[Rows]) -> list[tuple[str, str, Rows]]:
    """Side, measure and rows of everything that makes numerator and denominator."""
    measures = declaration.measures()
    return [
        (side, measures[side], one)
        for side in ("numerator", "denominator")
        if side in measures
        for one in rows
        if one.grain.counts(measures[side]) is not None
    ]


def _part(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    cell: Cell,
    rows: Rows,
    side: str,
    measure: str,
) -> Part:
    grain = rows.grain
    counted = grain.counts(measure)
    assert counted is not None
    total, rows_total = _one(
        connection,
        f"select cast({grain.total(counted, side, cell)} as double), "
        f"count(*) filter (where {side} <> 0) from {rows.table}",
    )
    came_in = (
        f"(select list(submission_id order by submission_id) from {rows.links} as links "
        "where links.row_no = counted.row_no)"
        if rows.links
        else "null"
    )
    keys = "".join(f", counted.{name}" for name in grain.key)
    shown = connection.execute(
        f"select counted.organisation, counted.{side}, {came_in}{keys} "
        f"from {rows.table} as counted where counted.{side} <> 0 "
        f"order by counted.organisation{keys} limit {ROWS_TOLD}"
    ).fetchall()
    (without,) = (
        _one(
            connection,
            f"select count(*) from {rows.table} as counted where counted.{side} <> 0 "
            f"and not exists (from {rows.links} as links where links.row_no = counted.row_no)",
        )
        if rows.links
        else (0,)
    )
    return Part(
        side=side,
        measure=measure,
        how=counted.how,
        feed=grain.feed,
        key=grain.key,
        total=number(total) or 0,
        rows_total=rows_total,
        rows=[
            Row(organisation, _key(grain, key), number(amount) or 0, submissions or [])
            for organisation, amount, submissions, *key in shown
        ],
        submissions=_sources(connection, rows, side)
        if rows.links
        else _read_by(connection, model, cell),
        rows_without_submission=without,
    )


def _without_idle(parts: Sequence[Part]) -> list[Part]:
    """Leave out the grains that add nothing to a side: one serves the whole, another the parts."""
    kept: list[Part] = []
    for side in ("numerator", "denominator"):
        own = [part for part in parts if part.side == side]
        kept.extend([part for part in own if part.rows_total] or own[:1])
    return kept


def _key(grain: Grain, values: Sequence[Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in zip(grain.key, values, strict=True)}


def _sources(connection: duckdb.DuckDBPyConnection, rows: Rows, side: str) -> list[Source]:
    found = connection.execute(
        f"""
        select
            submissions.submission_id, submissions.organisation, submissions.feed,
            submissions.period, submissions.file, submissions.sha256, submissions.received_at,
            submissions.contract_version, count(*)
        from {rows.links} as links
        inner join {rows.table} as counted on links.row_no = counted.row_no
        inner join staging.stg_submissions as submissions
            on links.submission_id = submissions.submission_id
        where counted.{side} <> 0
        group by all
        order by submissions.received_at desc, submissions.submission_id
        """
    ).fetchall()
    return [Source(*row) for row in found]


def _read_by(connection: duckdb.DuckDBPyConnection, model: Model, cell: Cell) -> list[Source]:
    """What a model reads for a cell: the submissions behind rows that it has computed."""
    found = connection.execute(
        f"""
        select
            submission_id, organisation, feed, period, file, sha256, received_at,
            contract_version, rows_loaded
        from staging.stg_current_submissions
        where
            list_contains(?, feed)
            and organisation in (
                select organisation from marts.dim_organisation where {lookup.serving(cell)}
            )
            and ? between
                left(cast(period_start as varchar), {len(cell.period)})
                and left(cast(period_end as varchar), {len(cell.period)})
        order by received_at desc, submission_id
        """,
        [list(model.feeds), cell.period],
    ).fetchall()
    return [Source(*row) for row in found]


def _checks(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    cell: Cell,
    rows: Sequence[Rows],
    numbers: Mapping[str, float | None],
) -> list[Check]:
    """Add the rows up as the model does, and hold what comes out beside the warehouse's numbers."""
    found: dict[str, float | None] = dict.fromkeys(NUMBERS)
    for role, measure in declaration.measures().items():
        totals = [
            f"(select cast({one.grain.total(counted, role, cell)} as double) from {one.table})"
            for one in rows
            if (counted := one.grain.counts(measure)) is not None
        ]
        factor = f" * {declaration.multiplier} / {declaration.divisor}"
        (total,) = _one(
            connection,
            f"select ({' + '.join(totals) or '0'}){factor if role == 'numerator' else ''}",
        )
        found[role] = number(total)
    # Nobody known is told as empty: the value rests on no person.
    found["persons"] = found["persons"] or None
    numerator, denominator = found["numerator"], found["denominator"]
    if declaration.kind == "count":
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


def _write_rows(
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
            {text(one.grain.feed or "")} as feed,
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
        for side, _, one in _sides(declaration, rows)
    ]
    query = " union all ".join(selects) + " order by side desc, organisation, key"
    compiled_sql.write(connection, query, path)


def _key_as_text(grain: Grain) -> str:
    named = [f"{text(name + '=')} || cast(counted.{name} as varchar)" for name in grain.key]
    return " || ', ' || ".join(named) or "cast(null as varchar)"


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    return connection.execute(sql, list(values)).fetchone()
