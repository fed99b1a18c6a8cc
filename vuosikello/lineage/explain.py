"""Why a number is what it is: from an indicator value to its rows, its submissions and its SQL.

:func:`explain` opens the published warehouse read-only, takes the rows of the value from the SQL
that made it (:mod:`vuosikello.lineage.compiled_sql`), adds them up, and says whether they give the
value. Given an earlier warehouse, it names what has changed since (:mod:`vuosikello.lineage.diff`).

Only pseudonyms are in the warehouse, and keys are shown as they are there. Rows are counted and
joined by the engine; Python sees those that are shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from vuosikello.lineage import compiled_sql, diff, lookup, value_rows, value_sides, working_tables
from vuosikello.lineage.compiled_sql import Model, NotExplained, ValueKey
from vuosikello.lineage.explanation import (
    MAX_ROWS,
    Explanation,
    ModelReference,
    OpenWaits,
    Part,
    Row,
    Source,
)
from vuosikello.lineage.values import NUMBERS, Numbers, number, plain
from vuosikello.lineage.working_tables import Rows
from vuosikello.warehouse.indicator_models import POPULATION, Grain


def explain(
    warehouse: Path,
    indicator: str,
    *,
    area: str,
    period: str,
    is_rolling_year: bool = False,
    area_type: str | None = None,
    breakdown: str | None = None,
    earlier: Path | None = None,
    published: Path | None = None,
    remarks: Sequence[str] = (),
    language: str = "en",
    rows_to: Path | None = None,
) -> Explanation:
    """Explain one indicator value down to its rows and submissions.

    Args:
        warehouse: the warehouse that holds the value.
        indicator: its code.
        area: the code of a municipality, organisation or welfare area, or FI.
        period: YYYY, YYYY-MM or YYYY-Q1.
        is_rolling_year: whether the month is the last of the twelve that are meant.
        area_type: which of them, where the code is that of several.
        breakdown: ``name=value``; None: the undivided value.
        earlier: a warehouse as of an earlier moment, to say what has changed since.
        published: the values that were published then by other definitions.
        remarks: what cannot be seen of the earlier moment, in sentences.
        language: of label and definition: fi, sv or en.
        rows_to: a file for all rows, as CSV, or as Parquet by its ending.

    Returns:
        The explanation. With ``earlier`` it may be that of a value which is no more.

    Raises:
        NotExplained: there is no such value; the text says why.
    """
    with working_tables.opened(warehouse, earlier, published) as connection:
        return explain_in(
            connection,
            indicator,
            area=area,
            period=period,
            is_rolling_year=is_rolling_year,
            area_type=area_type,
            breakdown=breakdown,
            has_earlier=earlier is not None,
            has_published=published is not None,
            remarks=remarks,
            language=language,
            rows_to=rows_to,
        )


def explain_in(
    connection: duckdb.DuckDBPyConnection,
    indicator: str,
    *,
    area: str,
    period: str,
    is_rolling_year: bool = False,
    area_type: str | None = None,
    breakdown: str | None = None,
    has_earlier: bool = False,
    has_published: bool = False,
    remarks: Sequence[str] = (),
    language: str = "en",
    rows_to: Path | None = None,
) -> Explanation:
    """Do the same in warehouses that :func:`vuosikello.lineage.working_tables.opened` has opened.

    ``has_earlier`` and ``has_published`` say which others were opened too.
    """
    declaration = lookup.declaration_of(connection, indicator, language)
    value_key = lookup.value_key_of(
        connection,
        declaration,
        area=area,
        period=period,
        is_rolling_year=is_rolling_year,
        area_type=area_type,
        breakdown=breakdown,
        language=language,
    )
    numbers = _numbers(connection, "now", indicator, value_key)
    before = _numbers(connection, "before", indicator, value_key) if has_earlier else None
    missing = None if numbers else lookup.why_missing(connection, declaration, value_key)
    if missing and before is None:
        raise NotExplained(missing)
    model = lookup.model_of(connection, indicator)
    rows = _rows(connection, "now", indicator, value_key)
    checks = (
        value_sides.checks(connection, declaration, value_key, rows, numbers) if numbers else []
    )
    parts = _without_idle(
        [
            _part(connection, model, value_key, one, side, measure)
            for side, measure, one in value_sides.sides(declaration, rows)
        ]
    )
    if rows_to is not None:
        value_sides.write_rows(connection, declaration, rows, rows_to)
    change = None
    if has_earlier:
        rows_before = _rows(connection, "before", indicator, value_key)
        connection.execute("use now")
        change = diff.change_of_value(
            connection, declaration, value_key, model, rows, rows_before, before
        )
        then = _numbers(connection, "published", indicator, value_key) if has_published else before
        change = dataclasses.replace(
            change,
            remarks=[*remarks, *change.remarks],
            published=then if then != before else None,
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
        value_key.period_type,
        value_key.period,
    )
    return Explanation(
        indicator=indicator,
        label=label,
        definition=definition,
        formula=formula,
        unit=unit,
        source=source or None,
        area_type=value_key.area_type,
        area=value_key.area,
        area_label=lookup.area_labels(connection, language)[value_key.area_type, value_key.area],
        period_type=value_key.period_type,
        period=value_key.period,
        breakdown=value_key.breakdown,
        breakdown_value=value_key.breakdown_value,
        numbers=numbers,
        missing=missing,
        multiplier=declaration.multiplier,
        divisor=declaration.divisor,
        last_day=last_day if last_day == built_on else None,
        built_at=built_at,
        as_of=as_of,
        model=ModelReference(
            model.name, model.sha256, model.code_version, model.built_at, list(model.feeds)
        ),
        parts=parts,
        checks=checks,
        is_exact=all(check.agrees for check in checks),
        change=change,
        open_waits=_open_waits(connection, indicator, value_key)
        if declaration.kind == "quantile"
        else None,
    )


def _open_waits(
    connection: duckdb.DuckDBPyConnection, indicator: str, value_key: ValueKey
) -> OpenWaits | None:
    """Return what still waits; None of a warehouse that was built before this was counted."""
    try:
        row = connection.execute(
            "select open_waits, longest_days from indicators.indicator_open_waits where "
            "indicator = ? and area_type = ? and area = ? and period_type = ? and period = ?",
            [
                indicator,
                value_key.area_type,
                value_key.area,
                value_key.period_type,
                value_key.period,
            ],
        ).fetchone()
    except duckdb.CatalogException:
        return None
    return OpenWaits(*row) if row else OpenWaits(0, None)


def _numbers(
    connection: duckdb.DuckDBPyConnection, catalog: str, indicator: str, value_key: ValueKey
) -> Numbers | None:
    row = connection.execute(
        f"select {', '.join(NUMBERS)} from {catalog}.indicators.indicator_values where "
        "indicator = ? and area_type = ? and area = ? and period_type = ? and period = ? "
        "and breakdown = ? and breakdown_value = ?",
        [
            indicator,
            value_key.area_type,
            value_key.area,
            value_key.period_type,
            value_key.period,
            value_key.breakdown,
            value_key.breakdown_value,
        ],
    ).fetchone()
    if row is None:
        return None
    return {name: number(value) for name, value in zip(NUMBERS, row, strict=True)}


def _rows(
    connection: duckdb.DuckDBPyConnection, catalog: str, indicator: str, value_key: ValueKey
) -> list[Rows]:
    """Create working tables of the rows of a value in one of the warehouses, one for each grain."""
    connection.execute(f"use {catalog}")
    declaration = compiled_sql.declarations_of(connection).get(indicator)
    if declaration is None:
        return []
    day = connection.execute(
        "select last_day from marts.dim_period where period_type = ? and period = ?",
        [value_key.period_type, value_key.period],
    ).fetchone()
    if day is None:
        return []
    model = lookup.model_of(connection, indicator)
    queries = [
        (grain, sql)
        for grain in model.grains
        if (sql := value_rows.rows_of_value(model, grain, declaration, value_key, day[0]))
        is not None
    ]
    if declaration.denominator == POPULATION:
        queries.append((value_rows.POPULATION_GRAIN, value_rows.population_of_value(value_key)))
    return [
        working_tables.materialize(connection, f"{grain.name}_{catalog}", grain, sql)
        for grain, sql in queries
    ]


def _part(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    value_key: ValueKey,
    rows: Rows,
    side: str,
    measure: str,
) -> Part:
    grain = rows.grain
    counted = grain.counted_as(measure)
    assert counted is not None
    total, rows_total = _one(
        connection,
        f"select cast({value_rows.total(grain, counted, side, value_key)} as double), "
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
        f"order by counted.organisation{keys} limit {MAX_ROWS}"
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
        else _read_by(connection, model, value_key),
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


def _read_by(
    connection: duckdb.DuckDBPyConnection, model: Model, value_key: ValueKey
) -> list[Source]:
    """What a model reads for a value_key: the submissions behind rows that it has computed."""
    found = connection.execute(
        f"""
        select
            submission_id, organisation, feed, period, file, sha256, received_at,
            contract_version, rows_loaded
        from staging.stg_current_submissions
        where
            list_contains(?, feed)
            and organisation in (
                select organisation from marts.dim_organisation where {lookup.serving(value_key)}
            )
            and exists (
                select 1 from marts.dim_period as periods
                where
                    periods.period_type = ? and periods.period = ?
                    and period_start <= periods.last_day and period_end >= periods.first_day
            )
        order by arrival_no desc
        """,
        [list(model.feeds), value_key.period_type, value_key.period],
    ).fetchall()
    return [Source(*row) for row in found]


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    return connection.execute(sql, list(values)).fetchone()
