"""The submissions that have arrived between two warehouses, and why one changed a row.

Working table ``arrived``: what is in force now and was not before. This module knows rows and
submissions; it compares no values.
"""

from __future__ import annotations

import duckdb

from common.sql import literal
from vuosikello.lineage.compiled_sql import Model
from vuosikello.lineage.diff.results import ResponsibleSubmission
from vuosikello.warehouse.indicator_models import Grain

# Periods that an organisation covers by what has come, and did not before.
NEWLY_COVERED = """
    select
        arrived.submission_id,
        arrived.organisation,
        arrived.feed,
        covered.period_type,
        covered.period
    from temp.arrived as arrived
    inner join now.marts.fct_coverage as covered
        on
            arrived.organisation = covered.organisation
            and arrived.feed = covered.feed
    inner join now.marts.dim_period as periods
        on
            covered.period_type = periods.period_type
            and covered.period = periods.period
            and arrived.period_start <= periods.last_day
            and arrived.period_end >= periods.first_day
    where not exists (
        from before.marts.fct_coverage as past
        where
            past.organisation = covered.organisation
            and past.feed = covered.feed
            and past.period_type = covered.period_type
            and past.period = covered.period
    )
"""


def create_arrived(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``arrived``: the submissions in force now that were not before.

    ``in_place_of`` is what was in force before for the same organisation, feed and period: what
    came and was replaced in between is left out.
    """
    connection.execute(
        """
        create or replace temporary table temp.arrived as
        select
            present.*,
            past.submission_id as in_place_of,
            past.file as file_before,
            organisations.welfare_area
        from now.staging.stg_current_submissions as present
        left join now.marts.dim_organisation as organisations
            on present.organisation = organisations.organisation
        left join before.staging.stg_current_submissions as past
            on
                present.organisation = past.organisation
                and present.feed = past.feed
                and present.period = past.period
        where present.submission_id is distinct from past.submission_id
        """
    )


def reasons(rows: str, grain: Grain, model: Model) -> str:
    """SQL for the submissions that changed a row, from the most direct reason to the least.

    ``rows`` has ``organisation``, ``submissions_now`` and ``submissions_before``.
    """
    # Rows that come in no feed are made of those of a whole welfare area.
    near = (
        f"arrived.organisation = {rows}.organisation"
        if grain.feed
        else "arrived.welfare_area = (select welfare_area from now.marts.dim_organisation as own "
        f"where own.organisation = {rows}.organisation)"
    )
    others = ", ".join(literal(feed) for feed in model.feeds if feed != grain.feed) or "null"
    conditions = {
        "own": f"list_contains({rows}.submissions_now, arrived.submission_id)",
        "replaced": f"list_contains({rows}.submissions_before, arrived.in_place_of)",
        "other": f"{near} and arrived.feed in ({others})",
    }
    return ", ".join(
        f"coalesce((select list(arrived.submission_id) from temp.arrived as arrived "
        f"where {condition}), []) as {why}"
        for why, condition in conditions.items()
    )


def most_direct() -> str:
    """SQL for the first reason that there is, after :func:`reasons`."""
    return """
        case
            when len(own) > 0 then own when len(replaced) > 0 then replaced else other
        end as submissions,
        case
            when len(own) > 0 then 'own'
            when len(replaced) > 0 then 'replaced'
            when len(other) > 0 then 'other'
            else 'none'
        end as why
    """


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
            case
                when bool_or(attributed.why = 'own') then 'own'
                when bool_or(attributed.why = 'replaced') then 'replaced'
                when bool_or(attributed.why = 'coverage') then 'coverage'
                else 'other'
            end
        from ({attributed}) as attributed
        inner join temp.arrived as arrived on attributed.submission_id = arrived.submission_id
        group by all
        order by arrived.received_at desc, arrived.submission_id
        """
    ).fetchall()
    return [ResponsibleSubmission(*row) for row in rows]
