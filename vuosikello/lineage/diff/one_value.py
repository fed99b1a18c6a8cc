"""What has changed in one value: its rows then and now, and the submissions responsible.

The rows of the value are taken from both warehouses by the SQL of its model, added up by key and
compared. This module knows one value only; :mod:`vuosikello.lineage.diff.all_values` compares all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from common.sql import literal
from vuosikello.lineage import lookup
from vuosikello.lineage.compiled_sql import Declaration, Model, ValueKey
from vuosikello.lineage.diff import builds, submissions
from vuosikello.lineage.diff.results import MAX_ROWS, Change, RowChange
from vuosikello.lineage.values import Numbers, number, plain
from vuosikello.lineage.working_tables import Rows
from vuosikello.warehouse.indicator_models import Grain


def change_of_value(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    value_key: ValueKey,
    model: Model,
    rows_now: Sequence[Rows],
    rows_before: Sequence[Rows],
    before: Numbers | None,
) -> Change:
    """Find what has changed in one value.

    Args:
        connection: opened with both warehouses; ``now`` is in use.
        declaration: the indicator's.
        value_key: which value.
        model: the model that computes it now.
        rows_now: its rows.
        rows_before: its rows then.
        before: its numbers then.
    """
    submissions.create_arrived(connection)
    then = {rows.grain.name: rows for rows in rows_before}
    # A visit and its topics are two grains of one feed: their rows are listed together, by key.
    alike: dict[tuple[str, ...], list[Rows]] = {}
    for rows in rows_now:
        name = rows.grain.feed or rows.grain.name
        alike.setdefault((name, *rows.grain.key), []).append(rows)
    tables = [
        (
            _create_changed_rows(
                connection,
                now,
                [then[rows.grain.name] for rows in now if rows.grain.name in then],
                model,
            ),
            now[0].grain,
        )
        for now in alike.values()
    ]
    counted = dict.fromkeys(("added", "removed", "changed"), 0)
    for table, _ in tables:
        for kind, count in connection.execute(
            f"select change, count(*) from {table} group by change"
        ).fetchall():
            counted[kind] += count
    shown = [row for table, grain in tables for row in _row_changes(connection, table, grain)]
    attributed = [
        f"select unnest(causes, recursive := true), {literal(table)} || rowid as item from {table}"
        for table, _ in tables
    ]
    if not shown:
        # A count of 0 has no rows: it is there while the period is covered.
        attributed.append(_coverage_changed(declaration.base_feed, value_key))
    info = builds.build_info(connection)
    return Change(
        info["before"]["moment"],
        before,
        counted["added"],
        counted["removed"],
        counted["changed"],
        shown[:MAX_ROWS],
        submissions.responsible(connection, " union all ".join(attributed)),
        [*builds.remarks(info), *_still_under_way(connection, value_key)],
    )


def _create_changed_rows(
    connection: duckdb.DuckDBPyConnection, now: Sequence[Rows], then: Sequence[Rows], model: Model
) -> str:
    """Create a table of the rows that add another amount, with the submissions responsible."""
    grain = now[0].grain
    table = now[0].table.replace("rows_", "changes_")
    key = list(dict.fromkeys(["organisation", *grain.key]))
    either = ", ".join(f"coalesce(new_rows.{name}, old_rows.{name}) as {name}" for name in key)
    new_rows = _by_key(connection, now, key, "now")
    old_rows = _by_key(connection, then, key, "before") if then else f"{new_rows} having false"
    same = " and ".join(f"new_rows.{name} is not distinct from old_rows.{name}" for name in key)
    connection.execute(
        f"""
        create or replace temporary table {table} as
        with new_rows as ({new_rows}),

        old_rows as ({old_rows}),

        differences as (
            select
                {either},
                case
                    when old_rows.is_there is null then 'added'
                    when new_rows.is_there is null then 'removed'
                    else 'changed'
                end as change,
                old_rows.numerator as numerator_before,
                old_rows.denominator as denominator_before,
                new_rows.numerator as numerator_now,
                new_rows.denominator as denominator_now,
                coalesce(new_rows.submissions, []) as submissions_now,
                coalesce(old_rows.submissions, []) as submissions_before,
                list_distinct(coalesce(new_rows.movers, []) || coalesce(old_rows.movers, []))
                    as movers
            from new_rows
            full outer join old_rows on {same}
            where
                new_rows.numerator is distinct from old_rows.numerator
                or new_rows.denominator is distinct from old_rows.denominator
        ),

        reasons as (
            select *, {submissions.reasons("differences", grain, model)}
            from differences
        )

        select
            * exclude (own, replaced, withdrawn, displaced, other),
            {submissions.most_direct()}
        from reasons
        """
    )
    return table


def _by_key(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Rows], key: Sequence[str], catalog: str
) -> str:
    """SQL for what the rows of each key add up to, the submissions they came in, and movers."""
    counted = " union all ".join(
        f"""
            select
                {", ".join(f"counted.{name}" for name in key)},
                counted.numerator,
                counted.denominator,
                {"links.named" if one.links else "[]::varchar[]"} as submissions,
                {"movers.named" if movers else "[]::varchar[]"} as movers
            from {one.table} as counted
            {_named_by_row("links", one.links, "submission_id") if one.links else ""}
            {_named_by_row("movers", movers, "cause") if movers else ""}
            where counted.numerator <> 0 or counted.denominator <> 0
        """
        for one in rows
        for movers in [
            submissions.create_movers(
                connection,
                one.table.replace("temp.rows_", "movers_"),
                one.grain,
                one.table,
                catalog,
            )
        ]
    )
    return f"""
        select
            {", ".join(key)},
            cast(sum(numerator) as double) as numerator,
            cast(sum(denominator) as double) as denominator,
            list_distinct(flatten(list(coalesce(submissions, [])))) as submissions,
            list_distinct(flatten(list(coalesce(movers, [])))) as movers,
            true as is_there
        from ({counted})
        group by {", ".join(key)}
    """


def _named_by_row(name: str, table: str, column: str) -> str:
    return f"""
            left join (
                select row_no, list(distinct {column}) as named
                from {table}
                group by row_no
            ) as {name} on counted.row_no = {name}.row_no
"""


def _row_changes(
    connection: duckdb.DuckDBPyConnection, table: str, grain: Grain
) -> list[RowChange]:
    keys = "".join(f", {name}" for name in grain.key)
    rows = connection.execute(
        "select change, organisation, numerator_before, denominator_before, numerator_now, "
        f"denominator_now, why, submissions{keys} from {table} "
        f"order by change, organisation{keys} limit {MAX_ROWS}"
    ).fetchall()
    return [
        RowChange(
            change,
            grain.feed,
            organisation,
            {name: plain(value) for name, value in zip(grain.key, key, strict=True)},
            None
            if change == "added"
            else {"numerator": number(before[0]), "denominator": number(before[1])},
            None
            if change == "removed"
            else {"numerator": number(now[0]), "denominator": number(now[1])},
            why,
            submissions,
        )
        for change, organisation, *rest in rows
        for before, now, why, submissions, key in [
            (rest[0:2], rest[2:4], rest[4], rest[5], rest[6:])
        ]
    ]


def _coverage_changed(feed: str, value_key: ValueKey) -> str:
    serving = lookup.serving(value_key)
    return f"""
        select covered.submission_id, 'coverage' as why, null as item
        from ({submissions.COVERAGE_CHANGED}) as covered
        where
            covered.feed = {literal(feed)}
            and covered.period_type = {literal(value_key.period_type)}
            and covered.period = {literal(value_key.period)}
            and covered.organisation in (
                select organisation from now.marts.dim_organisation where {serving}
            )
    """


def _still_under_way(connection: duckdb.DuckDBPyConnection, value_key: ValueKey) -> list[str]:
    days: list[date | None] = []
    for catalog in ("before", "now"):
        row = connection.execute(
            f"select last_day from {catalog}.marts.dim_period where period_type = ? and period = ?",
            [value_key.period_type, value_key.period],
        ).fetchone()
        days.append(row[0] if row else None)
    if days[0] and days[0] != days[1]:
        return [f"The period was under way then: its last day was {days[0]}, now it is {days[1]}."]
    return []
