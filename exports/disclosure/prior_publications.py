"""Prior publications: what they showed stays known, what they withheld must stay withheld.

A prior publication shows the same numbers at an earlier time: its rows, the published and the
withheld ones, join the system beside those of the present publication (number 0), with relations of
their own. Where a number is the same in both it is one unknown, so what one publication shows the
other cannot withhold, and nothing that one withheld can be calculated from the difference of the
two.

This needs the true numbers of the withheld rows, which a published file does not hold. They are
kept in a folder of their own, beside the warehouse and never among what is published
(:func:`save_withheld`), one file for each publication, named by the hash of what was published.
Without that file the withheld rows are taken to be as they are now, and all of them to be about few
people: more stays withheld than would have to.

Some measures of a year are measures of the year before under another name (the plans of the year
before). What is shown of them in the neighboring year, now or earlier, joins in the same way.

This module does not know other relations, nor how rows to withhold are chosen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from common.files import atomic_replace
from common.home import Home
from common.indicator_key import KEY
from common.sql import literal
from exports.disclosure.arrays import BoolArray, IndexArray
from exports.disclosure.primary import DECLARED, NUMBERS, REASONS
from exports.disclosure.protection import Protection

# How many levels above a published file its home may lie: <home>/releases/<name>/<file>.
_LEVELS = 3
# The variable of the connection that holds the hash of the method.
_METHOD = "disclosure_method"

_KEY = ", ".join(KEY)
_GIVEN_KEY = ", ".join(f"given.{name}" for name in KEY)
_YEAR = f"""
CREATE OR REPLACE TEMP TABLE disclosure_year AS
WITH links AS (
    SELECT base_measure AS shown, measure AS known_as, $before AS of_year, 0 AS since
    FROM {{schema}}.indicator_measure_relation
    WHERE relation = 'year_before'
    UNION ALL
    -- What the year after shows now is decided later, knowing this year.
    SELECT measure, base_measure, $after, 1
    FROM {{schema}}.indicator_measure_relation
    WHERE relation = 'year_before'
),
beside AS (
    SELECT
        given.* REPLACE (
            -1 AS row_id,
            given.indicator || ' of ' || given.period AS indicator,
            $year AS period,
            given.numerator_measure || ' of ' || given.period AS numerator_measure,
            given.persons_measure || ' of ' || given.period AS persons_measure,
            given.events_measure || ' of ' || given.period AS events_measure,
            links.known_as AS denominator_measure,
            FALSE AS can_be_hidden,
            FALSE AS is_primary,
            -1 - given.publication AS publication,
            {", ".join(f"given.was_withheld AND given.{name} AS {name}" for name in REASONS)}
        )
    FROM disclosure_row AS given
    INNER JOIN links
        ON
            given.denominator_measure = links.shown
            AND given.period = links.of_year
            AND given.publication >= links.since
    WHERE given.period_type = 'year'
),
together AS (
    SELECT * FROM disclosure_row WHERE left(period, 4) = $year
    UNION ALL
    SELECT * FROM beside
)
SELECT
    * REPLACE (
        cast(row_number() OVER (
            ORDER BY row_id < 0, row_id, publication DESC, indicator, {_KEY}
        ) - 1 AS integer) AS row_id
    ),
    row_id AS origin
FROM together
ORDER BY row_id
"""
_SAME_NUMBERS = " AND ".join(f"now.{name} IS NOT DISTINCT FROM before.{name}" for name in NUMBERS)


def save_withheld(connection: duckdb.DuckDBPyConnection, published: Path, folder: Path) -> Path:
    """Keep the true numbers of what a publication withholds, for the publications after it.

    Args:
        connection: disclosure control has run on it and made the publication.
        published: the Parquet file of the publication.
        folder: the folder ``withheld`` of the home; created if it does not exist.

    Returns:
        The file, which must never be published.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{_name(published)}.parquet"
    with atomic_replace(file) as draft:
        connection.execute(
            f"""
            COPY (
                SELECT {", ".join((*KEY, *NUMBERS, *REASONS))}
                FROM disclosure_row
                SEMI JOIN disclosure_reason USING ({_KEY})
                WHERE publication = 0
                ORDER BY row_id
            ) TO {literal(draft)} (
                FORMAT parquet, COMPRESSION zstd,
                KV_METADATA {{method: getvariable('{_METHOD}')}}
            )
            """
        )
        draft.chmod(0o600)
    return file


def find_withheld(published: Path) -> Path | None:
    """Return the file of the true numbers that a publication withholds, where the house has it.

    Args:
        published: the Parquet file of a publication that lies in the home.
    """
    name = f"{_name(published)}.parquet"
    for folder in published.absolute().parents[:_LEVELS]:
        file = Home(folder).withheld / name
        if file.is_file():
            return file
    return None


def add_publication(
    connection: duckdb.DuckDBPyConnection, schema: str, published: Path, publication: int
) -> int:
    """Add the rows of a prior publication to ``disclosure_row``.

    Only rows of the years that are published now are added, and those of other years that show a
    measure which links two years.

    Args:
        connection: :func:`exports.disclosure.primary.find_primary` has run on it.
        schema: the schema ``indicators``, which says which measures link two years.
        published: the Parquet file that was published.
        publication: its number, 1 or more.

    Returns:
        How many rows were added.
    """
    withheld = find_withheld(published)
    if withheld is None:
        truth = (
            f"SELECT {_KEY}, {', '.join(NUMBERS)}, {_reasons(known=())} "
            "FROM disclosure_row WHERE publication = 0"
        )
    else:
        # A publication of an earlier program may know fewer reasons.
        known = connection.sql(f"FROM read_parquet({literal(withheld)})").columns
        truth = (
            f"SELECT {_KEY}, {', '.join(NUMBERS)}, {_reasons(known)} "
            f"FROM read_parquet({literal(withheld)})"
        )
    numbers = ", ".join(
        f"if(given.status = 'published', given.{name}, truth.{name}) AS {name}" for name in NUMBERS
    )
    reasons = ", ".join(
        f"given.status <> 'published' AND truth.{name} AS {name}" for name in REASONS
    )
    (before,) = connection.execute("SELECT count(*) FROM disclosure_row").fetchall()[0]
    connection.execute(
        f"""
        INSERT INTO disclosure_row BY NAME
        WITH truth AS ({truth})
        SELECT
            cast({before} - 1 + row_number() OVER (ORDER BY {_GIVEN_KEY}) AS integer) AS row_id,
            {_GIVEN_KEY}, {numbers},
            {DECLARED},
            FALSE AS can_be_hidden,
            {reasons},
            FALSE AS is_primary,
            {publication} AS publication,
            given.status <> 'published' AS was_withheld
        FROM read_parquet({literal(published)}) AS given
        LEFT JOIN {schema}.indicator_catalogue AS catalogue USING (indicator)
        LEFT JOIN truth USING ({_KEY})
        WHERE
            (
                left(given.period, 4) IN (
                    SELECT DISTINCT left(period, 4) FROM disclosure_row WHERE publication = 0
                )
                OR (
                    catalogue.denominator_measure IN (
                        SELECT unnest([measure, base_measure])
                        FROM {schema}.indicator_measure_relation
                        WHERE relation = 'year_before'
                    )
                    AND given.period_type = 'year'
                )
            )
            AND (given.status = 'published' OR truth.numerator IS NOT NULL)
        ORDER BY row_id
        """
    )
    (after,) = connection.execute("SELECT count(*) FROM disclosure_row").fetchall()[0]
    return int(after - before)


def method_sources() -> list[Path]:
    """Return the source files of disclosure control, those of its subfolders too, in order."""
    return sorted(Path(__file__).parent.rglob("*.py"))


def record_method(
    connection: duckdb.DuckDBPyConnection, schema: str, protection: Protection
) -> None:
    """Hash all that decides what is withheld, except the numbers; :func:`save_withheld` keeps it.

    That is the protection, the catalogue of indicators, the list of areas, what measures are made
    of and bounded by, and the source code of disclosure control.

    Args:
        connection: reads the warehouse.
        schema: the schema ``indicators``.
        protection: how well withheld numbers are protected.
    """
    method = hashlib.sha256(repr(protection).encode())
    for table in (
        "indicator_catalogue",
        "indicator_area",
        "indicator_measure_relation",
        "indicator_measure_bound",
    ):
        (text,) = connection.execute(
            f"SELECT coalesce(string_agg(line, '\n' ORDER BY line), '') "
            f"FROM (SELECT cast(one AS varchar) AS line FROM {schema}.{table} AS one)"
        ).fetchall()[0]
        method.update(text.encode())
    for file in method_sources():
        method.update(file.read_bytes())
    connection.execute(f"SET VARIABLE {_METHOD} = '{method.hexdigest()}'")


def unchanged_years(
    connection: duckdb.DuckDBPyConnection, published: Sequence[Path]
) -> dict[str, int]:
    """Find the years that a prior publication shows exactly as they are now.

    Args:
        connection: :func:`record_method` and, for each publication, :func:`add_publication` have
            run on it.
        published: the publications, in the order of their numbers from 1.

    Returns:
        By year, the last publication whose rows are those of now, with the same true numbers and
        the same reasons to withhold them, decided by the same method.
    """
    same_reasons = " AND ".join(f"now.{name} = before.{name}" for name in REASONS)
    found: dict[str, int] = {}
    for publication, file in enumerate(published, 1):
        if not _is_of_same_method(connection, find_withheld(file)):
            continue
        rows = connection.execute(
            f"""
            SELECT left(period, 4) AS year
            FROM (SELECT * FROM disclosure_row WHERE publication = 0) AS now
            FULL JOIN (SELECT * FROM disclosure_row WHERE publication = {publication}) AS before
                USING ({_KEY})
            GROUP BY year
            HAVING bool_and(
                now.publication IS NOT NULL AND before.publication IS NOT NULL AND {_SAME_NUMBERS}
                AND if(before.was_withheld, {same_reasons}, NOT now.is_primary)
            )
            """
        ).fetchall()
        found.update({year: publication for (year,) in rows})
    return found


def _is_of_same_method(connection: duckdb.DuckDBPyConnection, withheld: Path | None) -> bool:
    """Return whether a file of withheld numbers was made by the present method."""
    if withheld is None:
        return False
    row = connection.execute(
        f"SELECT decode(value) = getvariable('{_METHOD}') "
        f"FROM parquet_kv_metadata({literal(withheld)}) WHERE decode(key) = 'method'"
    ).fetchone()
    return bool(row and row[0])


def years(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the years that are published now, in order.

    Args:
        connection: holds ``disclosure_row``.
    """
    rows = connection.execute(
        "SELECT DISTINCT left(period, 4) AS year FROM disclosure_row WHERE publication = 0 "
        "ORDER BY year"
    ).fetchall()
    return [year for (year,) in rows]


def make_year(connection: duckdb.DuckDBPyConnection, schema: str, year: str) -> IndexArray:
    """Make ``disclosure_year``: the rows of a year in all publications, numbered from 0.

    Behind them come the rows of the years beside it that show one of its measures under another
    name: of the year before as it is published now (:func:`record_withheld`) and was earlier, of
    the year after as it was earlier. Their publications are negative, and they are never withheld.

    Args:
        connection: holds ``disclosure_row``, and takes the temp table.
        schema: the schema ``indicators``, which says which measures link two years.
        year: four digits.

    Returns:
        By row of ``disclosure_year``, the row of ``disclosure_row``; -1 for those of other years.
    """
    connection.execute(
        _YEAR.format(schema=schema),
        {"year": year, "before": f"{int(year) - 1:04d}", "after": f"{int(year) + 1:04d}"},
    )
    rows = connection.execute("SELECT origin FROM disclosure_year ORDER BY row_id").fetchnumpy()
    return np.asarray(rows["origin"], dtype=np.int64)


def record_withheld(connection: duckdb.DuckDBPyConnection, rows: IndexArray) -> None:
    """Record rows of the present publication as withheld, for the year after theirs.

    Args:
        connection: holds ``disclosure_row``.
        rows: their row ids.
    """
    connection.execute(
        "UPDATE disclosure_row SET was_withheld = TRUE WHERE row_id IN (SELECT unnest($rows))",
        {"rows": rows.tolist()},
    )


def withheld_in(connection: duckdb.DuckDBPyConnection, year: str, publication: int) -> IndexArray:
    """Return the rows of the present publication that a prior one withheld in a year.

    Args:
        connection: holds ``disclosure_row``.
        year: four digits.
        publication: the number of the prior publication.
    """
    rows = connection.execute(
        f"SELECT now.row_id FROM disclosure_row AS now INNER JOIN disclosure_row AS before "
        f"USING ({_KEY}) WHERE now.publication = 0 AND before.publication = $publication "
        "AND before.was_withheld AND left(now.period, 4) = $year",
        {"year": year, "publication": publication},
    ).fetchnumpy()["row_id"]
    return np.asarray(rows, dtype=np.int64)


def withheld_before(connection: duckdb.DuckDBPyConnection, count: int) -> BoolArray:
    """Return by row of ``disclosure_year``: was it withheld earlier with the same numbers?

    Args:
        connection: holds ``disclosure_year``.
        count: how many rows it has.
    """
    rows = connection.execute(
        f"SELECT now.row_id FROM disclosure_year AS now INNER JOIN disclosure_year AS before "
        f"USING ({_KEY}) WHERE now.publication = 0 AND before.publication > 0 "
        f"AND before.was_withheld AND {_SAME_NUMBERS}"
    ).fetchnumpy()["row_id"]
    is_withheld = np.zeros(count, dtype=np.bool_)
    is_withheld[np.asarray(rows, dtype=np.int64)] = True
    return is_withheld


def compare_statuses(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``disclosure_compared``: the status of every row now, and in the last prior publication.

    Args:
        connection: holds ``disclosure_row`` and ``disclosed``, and takes the temp table.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE disclosure_compared AS
        WITH before AS (
            SELECT
                {_KEY},
                arg_max(if(was_withheld, 'suppressed', 'published'), publication) AS was
            FROM disclosure_row
            WHERE publication > 0
            GROUP BY {_KEY}
        )
        SELECT disclosed.status, before.was
        FROM disclosed
        LEFT JOIN before USING ({_KEY})
        """
    )


def _reasons(known: Sequence[str]) -> str:
    """Return the columns of the reasons; of one that is not known, false, and of none, unknown."""
    return ", ".join(
        name if name in known else f"{not known and name == 'is_unknown'} AS {name}"
        for name in REASONS
    )


def _name(published: Path) -> str:
    """Return the name that a publication is known by: a hash of its bytes."""
    return hashlib.sha256(published.read_bytes()).hexdigest()[:32]
