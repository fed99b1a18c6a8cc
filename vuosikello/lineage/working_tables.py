"""Warehouses opened side by side for reading, and working tables beside them.

Working tables are in memory, and on disk where memory ends; nothing is written to a warehouse.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from common.database_locks import lock_message
from common.sql import literal
from vuosikello.lineage.compiled_sql import NotExplained
from vuosikello.warehouse.indicator_models import Grain


@contextmanager
def opened(
    warehouse: Path, earlier: Path | None = None, published: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open warehouses only to be read, with room for working tables.

    Args:
        warehouse: opened as ``now``, and in use.
        earlier: opened as ``before``.
        published: the values kept of an earlier published warehouse, opened as ``published``.

    Raises:
        NotExplained: a file is no warehouse.
    """
    with tempfile.TemporaryDirectory(prefix="vuosikello-") as folder:
        connection = duckdb.connect(config={"temp_directory": folder})
        try:
            for path, name in (
                (warehouse, "now"),
                (earlier, "before"),
                (published, "published"),
            ):
                if path is not None:
                    _attach(connection, path, name)
            connection.execute("use now")
            yield connection
        finally:
            connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    try:
        connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
    except duckdb.Error as error:
        raise NotExplained(
            lock_message(error)
            or f"{path} cannot be opened as a warehouse. Build it again: vuosikello build"
        ) from None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one grain in a working table.

    Attributes:
        grain: theirs.
        table: the table; each row has a ``row_no``.
        links: the table of the submissions that they came in; None: they came in none.
    """

    grain: Grain
    table: str
    links: str | None


def materialize(connection: duckdb.DuckDBPyConnection, name: str, grain: Grain, sql: str) -> Rows:
    """Create a working table of rows, and another of the submissions they came in."""
    table = f"temp.rows_{name}"
    connection.execute(f"create or replace temporary table {table} as {sql}")
    return Rows(grain, table, materialize_links(connection, f"temp.links_{name}", grain, table))


def materialize_links(
    connection: duckdb.DuckDBPyConnection, links: str, grain: Grain, table: str
) -> str | None:
    """Create a table of the submissions, in the warehouse in use, that rows came in."""
    if not grain.feed:
        return None
    organisations = connection.execute(
        f"select distinct organisation from {table} where organisation is not null"
    ).fetchall()
    came_in = rows_of_feed(grain, table, [organisation for (organisation,) in organisations])
    sql = f"""
select counted.row_no, staged.submission_id, count(*) as feed_rows
{came_in}
group by counted.row_no, staged.submission_id
"""
    try:
        connection.execute(f"create or replace temporary table {links} as {sql}")
    except duckdb.IOException:
        raise NotExplained(
            f"The files of {grain.feed} are not in the lake where they were when the warehouse was "
            "built. Bring them back from the backup, or build again: vuosikello build"
        ) from None
    return links


def rows_of_feed(grain: Grain, rows: str, organisations: Sequence[str]) -> str:
    """SQL for the rows of the feed (``staged``) that rows (``counted``) are made of, after select.

    Only the organisations named are read: a feed of the whole country is not gone through for one.
    """
    feed_expressions = dict(grain.feed_key)
    conditions = [
        f"{feed_expressions.get(column, f'staged.{column}')} is not distinct from counted.{column}"
        for column in grain.key
    ]
    if grain.feed_where:
        conditions.append(f"({grain.feed_where.strip()})")
    return f"""
from staging.stg_{grain.feed} as staged
inner join {rows} as counted
    on staged.organisation = counted.organisation and {" and ".join(conditions)}
where staged.organisation in ({", ".join(map(literal, organisations)) or "null"})
"""


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write what a query finds, as CSV, or as Parquet by the file's ending.

    Raises:
        NotExplained: the file cannot be written.
    """
    kind = "parquet" if is_parquet(path) else "csv, header"
    try:
        connection.execute(f"copy ({query}) to {literal(str(path))} (format {kind})")
    except duckdb.IOException:
        raise NotExplained(
            f"{path} cannot be written. Name a file in a folder that is there and writable."
        ) from None


def is_parquet(path: Path) -> bool:
    """Whether a file is to be Parquet, by its ending."""
    return path.suffix.lower() == ".parquet"
