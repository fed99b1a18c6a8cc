"""The submissions that changed what is in force between two warehouses, and why one changed a row.

Working table ``arrived``: what is in force now and was not received before, and what was in force
before and was withdrawn since. Working table ``moved``: whose rows, on which days, went out of
force or came back by these. This module knows rows and submissions; it compares no values.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from common.sql import literal
from ingest.contracts import load_contracts
from vuosikello.lineage import working_tables
from vuosikello.lineage.compiled_sql import Model
from vuosikello.lineage.diff.results import DisplacedDays, ResponsibleSubmission
from vuosikello.warehouse.indicator_models import Grain

# Periods that an organisation covers by what has come, and did not before, or no longer covers
# since a submission was withdrawn.
COVERAGE_CHANGED = """
    select
        arrived.submission_id,
        arrived.organisation,
        arrived.feed,
        covered.period_type,
        covered.period
    from temp.arrived as arrived
    inner join (
        (
            select organisation, feed, period_type, period, false as is_lost
            from now.marts.fct_coverage
            except
            select organisation, feed, period_type, period, false
            from before.marts.fct_coverage
        )
        union all
        (
            select organisation, feed, period_type, period, true
            from before.marts.fct_coverage
            except
            select organisation, feed, period_type, period, true
            from now.marts.fct_coverage
        )
    ) as covered
        on
            arrived.organisation = covered.organisation
            and arrived.feed = covered.feed
            and (arrived.withdrawn_at is not null) = covered.is_lost
    inner join (
        select *, false as is_lost from now.marts.dim_period
        union all by name
        select *, true as is_lost from before.marts.dim_period
    ) as periods
        on
            covered.is_lost = periods.is_lost
            and covered.period_type = periods.period_type
            and covered.period = periods.period
            and arrived.period_start <= periods.last_day
            and arrived.period_end >= periods.first_day
"""

# The most telling reason first: what went out of force explains more than what came.
WHYS = ("withdrawn", "displaced", "own", "replaced", "coverage", "other")


def first_why(why: str) -> str:
    """SQL for the most telling of the reasons of a group of rows.

    Args:
        why: the column of the reason.
    """
    return f"list_min(list(list_position({list(WHYS)}, {why})))"


def create_arrived(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``arrived`` and ``moved``.

    ``arrived`` has the submissions in force now that had not been received before, and those that
    were in force before and have been withdrawn since (``withdrawn_at``). ``in_place_of`` is what
    was in force before for the same organisation, feed and period, and was replaced: what came and
    was replaced in between is left out. What is in force again by a withdrawal has not arrived.

    ``moved`` has one row for each submission whose rows went out of force or came back otherwise
    than by their own arrival or replacement, and ``cause``, the submission in ``arrived`` that did
    it; ``first_day`` and ``last_day`` bound the rows, empty where it is all of them; ``catalog`` is
    the warehouse in which the rows are in force.
    """
    connection.execute(_CREATE_WITHDRAWN)
    connection.execute(_CREATE_ARRIVED)
    connection.execute(_CREATE_MOVED)


_CREATE_WITHDRAWN = """
    create or replace temporary table temp.withdrawn as
    select known.*
    from before.staging.stg_current_submissions as past
    inner join now.staging.stg_submissions as known on past.submission_id = known.submission_id
    where
        known.withdrawn_at is not null
        -- What had been replaced before it was withdrawn was out of force already.
        and not exists (
            from now.staging.stg_submissions as later
            where
                later.organisation = known.organisation
                and later.feed = known.feed
                and later.period = known.period
                and later.status in ('accepted', 'accepted_with_rejects')
                and later.withdrawn_at is null
                and later.known_at < known.withdrawn_at
                and coalesce(
                    later.arrival_no > known.arrival_no, later.received_at > known.received_at
                )
        )
"""

_CREATE_ARRIVED = """
    create or replace temporary table temp.arrived as
    with came as (
        select
            present.submission_id,
            past.submission_id as in_place_of,
            past.file as file_before
        from now.staging.stg_current_submissions as present
        left join before.staging.stg_current_submissions as past
            on
                present.organisation = past.organisation
                and present.feed = past.feed
                and present.period = past.period
                and past.submission_id not in (select submission_id from temp.withdrawn)
        where
            present.submission_id is distinct from past.submission_id
            -- What is in force again since its replacement was withdrawn.
            and not exists (
                from before.staging.stg_submissions as known
                inner join temp.withdrawn as withdrawn
                    on
                        known.organisation = withdrawn.organisation
                        and known.feed = withdrawn.feed
                        and known.period = withdrawn.period
                where known.submission_id = present.submission_id
            )
        union all
        select submission_id, null, null
        from temp.withdrawn
    )

    select
        submissions.submission_id,
        submissions.organisation,
        submissions.feed,
        submissions.period,
        submissions.period_start,
        submissions.period_end,
        submissions.file,
        submissions.sha256,
        submissions.received_at,
        came.in_place_of,
        came.file_before,
        withdrawn.withdrawn_at,
        withdrawn.withdrawn_by,
        organisations.welfare_area
    from came
    inner join now.staging.stg_submissions as submissions
        on came.submission_id = submissions.submission_id
    left join temp.withdrawn as withdrawn on came.submission_id = withdrawn.submission_id
    left join now.marts.dim_organisation as organisations
        on submissions.organisation = organisations.organisation
"""

_CREATE_MOVED = """
    create or replace temporary table temp.moved as
    -- The days of another one that a submission which has come tells about.
    select
        'before' as catalog,
        days.submission_id,
        days.displaced_by as cause,
        days.first_day,
        days.last_day
    from now.staging.stg_displaced_days as days
    inner join before.staging.stg_current_submissions as past
        on days.submission_id = past.submission_id
    inner join temp.arrived as arrived
        on days.displaced_by = arrived.submission_id
    where not exists (
        from before.staging.stg_displaced_days as already
        where
            already.submission_id = days.submission_id
            and already.first_day <= days.first_day
            and already.last_day >= days.last_day
    )
    union all
    -- All that was withdrawn.
    select 'before', submission_id, submission_id, null, null
    from temp.withdrawn
    union all
    -- What it had displaced.
    select 'now', days.submission_id, days.displaced_by, days.first_day, days.last_day
    from before.staging.stg_displaced_days as days
    inner join temp.withdrawn as withdrawn on days.displaced_by = withdrawn.submission_id
    inner join now.staging.stg_current_submissions as present
        on days.submission_id = present.submission_id
    union all
    -- What it had replaced.
    select 'now', present.submission_id, withdrawn.submission_id, null, null
    from temp.withdrawn as withdrawn
    inner join now.staging.stg_current_submissions as present
        on
            withdrawn.organisation = present.organisation
            and withdrawn.feed = present.feed
            and withdrawn.period = present.period
    where present.submission_id not in (select submission_id from temp.arrived)
"""


def create_movers(
    connection: duckdb.DuckDBPyConnection, name: str, grain: Grain, rows: str, catalog: str
) -> str | None:
    """Create a table of the submissions that put rows in or out of force, after ``moved``.

    Args:
        connection: opened with both warehouses; ``now`` is in use afterwards.
        name: of the table.
        grain: of the rows.
        rows: a table of rows, each with a ``row_no``.
        catalog: the warehouse, ``before`` or ``now``, in which the rows are in force.

    Returns:
        The table's name; it has ``row_no`` and ``cause``. None where nothing of the feed moved.
    """
    moved = connection.execute(
        "select distinct arrived.organisation from temp.moved as moved "
        "inner join temp.arrived as arrived on moved.cause = arrived.submission_id "
        "where moved.catalog = ? and arrived.feed = ?",
        [catalog, grain.feed],
    ).fetchall()
    if not moved:
        return None
    came_in = working_tables.rows_of_feed(grain, rows, [organisation for (organisation,) in moved])
    connection.execute(f"use {catalog}")
    connection.execute(
        f"""
        create or replace temporary table temp.{name} as
        with came_in as (
            select counted.row_no, staged.submission_id, {_day(grain)} as day
            {came_in}
        )

        select distinct came_in.row_no, moved.cause
        from came_in
        inner join temp.moved as moved on came_in.submission_id = moved.submission_id
        where
            moved.catalog = {literal(catalog)}
            and (
                moved.first_day is null
                or came_in.day between moved.first_day and moved.last_day
            )
        """
    )
    connection.execute("use now")
    return f"temp.{name}"


def _day(grain: Grain) -> str:
    """SQL for the day of a staged row of the feed; null where the feed's rows have none."""
    contract = load_contracts().get(grain.feed or "")
    return f"staged.{contract.period_date}" if contract and contract.period_date else "null::date"


def reasons(rows: str, grain: Grain, model: Model) -> str:
    """SQL for the submissions that changed a row, by reason.

    ``rows`` has ``organisation``, ``submissions_now``, ``submissions_before`` and ``movers``.
    """
    # Rows that come in no feed are made of those of a whole welfare area.
    near = (
        f"arrived.organisation = {rows}.organisation"
        if grain.feed
        else "arrived.welfare_area = (select welfare_area from now.marts.dim_organisation as own "
        f"where own.organisation = {rows}.organisation)"
    )
    others = ", ".join(literal(feed) for feed in model.feeds if feed != grain.feed) or "null"
    is_mover = f"list_contains({rows}.movers, arrived.submission_id)"
    conditions = {
        "own": "arrived.withdrawn_at is null "
        f"and list_contains({rows}.submissions_now, arrived.submission_id)",
        "replaced": f"list_contains({rows}.submissions_before, arrived.in_place_of)",
        "withdrawn": f"arrived.withdrawn_at is not null and {is_mover}",
        "displaced": f"arrived.withdrawn_at is null and {is_mover}",
        "other": f"{near} and arrived.feed in ({others})",
    }
    return ", ".join(
        f"coalesce((select list(arrived.submission_id) from temp.arrived as arrived "
        f"where {condition}), []) as {why}"
        for why, condition in conditions.items()
    )


def most_direct() -> str:
    """SQL for the first reason that there is, after :func:`reasons`.

    A row that was withdrawn or displaced may have come in another submission too: both are named.
    ``causes`` has each submission with its own reason.
    """
    own = "list_filter(own, lambda one: not list_contains(displaced, one))"
    causes = f"""case
            when len(withdrawn) + len(displaced) > 0
                then {_tagged("withdrawn")} || {_tagged("displaced")} || {_tagged("own", own)}
            when len(own) > 0 then {_tagged("own")}
            when len(replaced) > 0 then {_tagged("replaced")}
            else {_tagged("other")}
        end"""
    return f"""
        {causes} as causes,
        list_transform(causes, lambda one: one.submission_id) as submissions,
        coalesce(causes[1].why, 'none') as why
    """


def _tagged(why: str, listed: str | None = None) -> str:
    return (
        f"list_transform({listed or why}, "
        f"lambda one: {{'submission_id': one, 'why': {literal(why)}}})"
    )


def responsible(
    connection: duckdb.DuckDBPyConnection, attributed: str
) -> list[ResponsibleSubmission]:
    """The submissions named in a query of ``submission_id``, ``why`` and ``item``, each once."""
    rows = connection.execute(
        f"""
        select
            arrived.submission_id, arrived.organisation, arrived.feed, arrived.period,
            arrived.file, arrived.sha256, arrived.received_at, arrived.in_place_of,
            arrived.file_before,
            count(distinct attributed.item),
            {list(WHYS)}[{
            first_why(
                "case when arrived.withdrawn_at is null then attributed.why else 'withdrawn' end"
            )
        }],
            arrived.withdrawn_at, arrived.withdrawn_by
        from ({attributed}) as attributed
        inner join temp.arrived as arrived on attributed.submission_id = arrived.submission_id
        group by all
        order by arrived.received_at desc, arrived.submission_id
        """
    ).fetchall()
    moved: dict[str, list[DisplacedDays]] = {}
    in_force_again: dict[str, list[str]] = {}
    for catalog, cause, *days in connection.execute(
        """
        select
            moved.catalog, moved.cause,
            submissions.submission_id, submissions.file, moved.first_day, moved.last_day
        from temp.moved as moved
        inner join now.staging.stg_submissions as submissions
            on moved.submission_id = submissions.submission_id
        where moved.submission_id <> moved.cause
        order by moved.first_day, submissions.file, submissions.submission_id
        """
    ).fetchall():
        if catalog == "before":
            moved.setdefault(cause, []).append(DisplacedDays(*days))
        else:
            in_force_again.setdefault(cause, []).append(days[1])
    return [
        replace(
            ResponsibleSubmission(*row),
            displaced=moved.get(row[0], []),
            in_force_again=in_force_again.get(row[0], []),
        )
        for row in rows
    ]
