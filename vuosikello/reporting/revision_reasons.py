"""Why values of a release differ from those released before, for whoever reads the release.

Written for everybody: submissions, days and codes, in signs of no language, and no person's name.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import duckdb

from common import clock
from common.indicator_key import KEY
from common.sql import literal
from vuosikello.lineage import diff

# Of a submission that took the days of more others than this, the rest is a number.
_DISPLACED_NAMED = 3

_PLACES = """
    SELECT submission_id, organisation || '/' || feed || '/' || period AS place
    FROM now.staging.stg_submissions
"""


def write_reasons(now: Path, before: Path, target: Path) -> None:
    """Write which submissions changed which value, and how.

    Args:
        now: the warehouse of the release.
        before: that of the release before.
        target: the Parquet file: the key of a value, ``why`` (a code, as in
            :mod:`vuosikello.lineage.diff.results`) and ``submissions``, separated by ``|``; each
            with ``withdrawn DAY``, or ``>`` and the submissions whose days it took, where it did.
    """
    values = target.with_name("values.parquet")
    compared = diff.difference(now, before, values_to=values)
    key = ", ".join(KEY)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"ATTACH {literal(now)} AS now (READ_ONLY)")
        connection.execute("CREATE TABLE out_of_force (submission_id VARCHAR, told VARCHAR)")
        told = _out_of_force(connection, compared)
        if told:
            connection.executemany("INSERT INTO out_of_force VALUES (?, ?)", told)
        connection.execute(
            f"""
            COPY (
                WITH changed AS (
                    SELECT {key}, why, unnest(submissions) AS submission_id
                    FROM read_parquet({literal(values)})
                )
                SELECT
                    {key},
                    min(why) AS why,
                    string_agg(
                        came.place || ' ' || submission_id || coalesce(' ' || told, ''),
                        '|' ORDER BY submission_id
                    ) AS submissions
                FROM changed
                LEFT JOIN ({_PLACES}) AS came USING (submission_id)
                LEFT JOIN out_of_force USING (submission_id)
                GROUP BY ALL
                UNION ALL
                SELECT {key}, why, NULL
                FROM read_parquet({literal(values)})
                WHERE len(submissions) = 0
                ORDER BY ALL
            ) TO {literal(target)} (FORMAT parquet)
            """
        )


def _out_of_force(
    connection: duckdb.DuckDBPyConnection, compared: diff.Difference
) -> list[tuple[str, str]]:
    """Tell of submissions that were withdrawn, or took others' days, in signs of no language."""
    places = dict(connection.execute(_PLACES).fetchall())
    found = []
    for one in compared.submissions:
        if one.withdrawn_at is not None:
            withdrawn_at = one.withdrawn_at.replace(tzinfo=UTC).astimezone(clock.FINLAND)
            found.append((one.submission_id, f"withdrawn {withdrawn_at.date()}"))
        elif one.displaced:
            days = [
                f"{places[other.submission_id]} {other.submission_id} "
                f"{other.first_day}/{other.last_day}"
                for other in one.displaced[:_DISPLACED_NAMED]
            ]
            if rest := len(one.displaced) - len(days):
                days.append(f"+{rest}")
            found.append((one.submission_id, f"> {', '.join(days)}"))
    return found
