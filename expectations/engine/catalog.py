"""What a warehouse file holds: its relations, their columns, and which of them have rows.

A suite is compiled for the warehouse that stands there, so that a relation or column that an
older build lacks is reported as missing and never as a broken query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection
from sqlalchemy import text as statement

from common.sql import identifier


@dataclass(frozen=True, slots=True)
class Catalog:
    """The relations of a warehouse.

    ``columns`` gives each relation's columns with their DuckDB types, by schema and name;
    ``filled`` are the staging relations with at least one row; ``built_on`` is the day that the
    warehouse was built on, None where it has no periods; ``collection_begins`` is the day of the
    year (``MM-DD``) from which the annual clock collects a year, None where it has none.
    """

    columns: dict[tuple[str, str], dict[str, str]]
    filled: frozenset[str] = field(default_factory=frozenset)
    built_on: date | None = None
    collection_begins: str | None = None

    def has(self, schema: str, relation: str, *columns: str) -> bool:
        """Whether the relation is there, with these columns."""
        found = self.columns.get((schema, relation))
        return found is not None and set(columns) <= set(found)


def read_catalog(connection: Connection) -> Catalog:
    """Read what a warehouse holds, through a connection to it."""
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for schema, relation, column, data_type in connection.execute(
        statement(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND NOT internal "
            "ORDER BY schema_name, table_name, column_index"
        )
    ):
        columns.setdefault((schema, relation), {})[column] = data_type
    staged = [relation for schema, relation in columns if schema == "staging"]
    return Catalog(
        columns,
        _filled(connection, staged),
        _built_on(connection, columns),
        _collection_begins(connection, columns),
    )


def _filled(connection: Connection, relations: list[str]) -> frozenset[str]:
    if not relations:
        return frozenset()
    looked_at = " UNION ALL ".join(
        f"(SELECT {number} AS number FROM {identifier('staging', relation)} LIMIT 1)"
        for number, relation in enumerate(relations)
    )
    return frozenset(
        relations[number] for (number,) in connection.execute(statement(looked_at)).all()
    )


def _built_on(
    connection: Connection, columns: dict[tuple[str, str], dict[str, str]]
) -> date | None:
    if "last_day" not in columns.get(("marts", "dim_period"), {}):
        return None
    day: date | None = connection.execute(
        statement("SELECT max(last_day) FROM marts.dim_period")
    ).scalar()
    return day


def _collection_begins(
    connection: Connection, columns: dict[tuple[str, str], dict[str, str]]
) -> str | None:
    if not {"stage", "begins"} <= set(columns.get(("marts", "annual_clock"), {})):
        return None
    begins: str | None = connection.execute(
        statement("SELECT begins FROM marts.annual_clock WHERE stage = 'collect'")
    ).scalar()
    return begins
