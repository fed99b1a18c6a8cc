"""What a changed definition changed: published then beside computed now for the same submissions.

Three sets of values: ``published`` (then, by the definitions of then), ``before`` (the knowledge of
then, by the definitions of now) and ``now``. From ``published`` to ``before`` only the definitions
differ, from ``before`` to ``now`` only what was submitted and the day.
"""

from __future__ import annotations

import duckdb

from common.indicator_key import KEY
from vuosikello.lineage.diff.differing_values import differing_values
from vuosikello.lineage.diff.results import DefinitionChange
from vuosikello.lineage.values import NUMBERS


def create_reported(connection: duckdb.DuckDBPyConnection, indicator: str) -> None:
    """Create working table ``reported``: the values that are not what was published then.

    A value that is in ``changed`` too keeps its ``value_no``, by which its submissions are found;
    one that only its definition has changed gets a negative one.

    Args:
        connection: opened with all three; ``changed`` must be there.
        indicator: the beginning of the codes to compare.
    """
    key = ", ".join(KEY)
    redefined = " or ".join(f"compared.{n}_before is distinct from computed.{n}" for n in NUMBERS)
    connection.execute(
        f"""
        create temporary table reported as
        with compared as ({differing_values("published", indicator)}),

        differing as (
            select
                compared.*,
                ({redefined}) as is_redefined
            from compared
            left join before.indicators.indicator_values as computed using ({key})
        )

        select
            coalesce(changed.value_no, -row_number() over (order by {key})) as value_no,
            differing.*
        from differing
        left join (select value_no, {key} from changed) as changed using ({key})
        """
    )


def changed_definitions(connection: duckdb.DuckDBPyConnection) -> list[DefinitionChange]:
    """Name the indicators whose definition is another one than then, by ``reported``.

    An indicator is named where its version in the catalogue is another one, or where its definition
    of now gives another value for the same submissions.
    """
    rows = connection.execute(
        f"""
        with redefined as (
            select indicator, count(*) as redefined_values
            from reported
            where is_redefined
            group by indicator
        )

        select
            indicator,
            past.version as version_before,
            present.version as version_now,
            present.valid_from,
            coalesce(redefined.redefined_values, 0)
        from ({_catalogue(connection, "now")}) as present
        full outer join ({_catalogue(connection, "published")}) as past using (indicator)
        left join redefined using (indicator)
        where
            redefined.redefined_values is not null
            or (
                past.version is distinct from present.version
                and past.version is not null
                and present.version is not null
            )
        order by indicator
        """
    ).fetchall()
    return [DefinitionChange(*row) for row in rows]


def _catalogue(connection: duckdb.DuckDBPyConnection, catalog: str) -> str:
    """SQL for version and first day of each definition; earlier versions have neither column."""
    present = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where database_name = ? "
            "and schema_name = 'indicators' and table_name = 'indicator_catalogue'",
            [catalog],
        ).fetchall()
    }
    version = "version" if "version" in present else "null::integer as version"
    valid_from = "valid_from" if "valid_from" in present else "null::date as valid_from"
    return (
        f"select indicator, {version}, {valid_from} from {catalog}.indicators.indicator_catalogue"
    )
