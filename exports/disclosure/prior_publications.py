"""Earlier publications: what they showed is known for ever, what they withheld must stay withheld.

An earlier publication is another edition of the same numbers: its rows, the published and the
withheld ones, join the system beside those of today, with relations of their own. Where a number is
the same in both editions it is one unknown, so what one edition shows the other cannot withhold,
and nothing that an edition withheld can be worked out from the difference of the two.

For that the true numbers of the withheld rows are needed, which a published file does not hold. The
house remembers them in a folder of its own, beside the warehouse and never among what leaves
(:func:`remember`), one file for each publication, named by the hash of what was published. Without
that file the withheld rows are taken to be as they are today, and all of them to tell of few
people: more stays withheld than would have to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from exports.disclosure.primary import KEY, NUMBERS
from exports.disclosure.protection import Protection

MEMORY = "withheld"
_WHY = ("is_unknown", "has_few_persons", "has_few_on_numerator", "has_few_on_other_side")
# How far above a published file its house's memory may lie: <home>/releases/<name>/<file>.
_LEVELS = 3
# The variable of the connection that holds how values are decided of.
_METHOD = "disclosure_method"


def remember(connection: duckdb.DuckDBPyConnection, published: Path, memory: Path) -> Path:
    """Keep the true numbers of what a publication withholds, for those that come after.

    Args:
        connection: disclosure control has run on it and gave out the publication.
        published: the Parquet file of the publication.
        memory: the folder ``withheld`` of the home; created if it does not exist.

    Returns:
        The file, which must never leave the house.
    """
    memory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = memory / f"{_name(published)}.parquet"
    draft = file.with_suffix(".part")
    connection.execute(
        f"""
        COPY (
            SELECT {", ".join((*KEY, *NUMBERS, *_WHY))}
            FROM disclosure_row
            SEMI JOIN disclosure_reason USING ({", ".join(KEY)})
            WHERE edition = 0
            ORDER BY row_id
        ) TO '{_quoted(draft)}' (
            FORMAT parquet, COMPRESSION zstd, KV_METADATA {{method: getvariable('{_METHOD}')}}
        )
        """
    )
    draft.chmod(0o600)
    draft.replace(file)
    return file


def add_edition(connection: duckdb.DuckDBPyConnection, published: Path, edition: int) -> int:
    """Add the rows of an earlier publication to ``disclosure_row``.

    Only rows of the years that are published now are added: there is no relation between years.

    Args:
        connection: :func:`exports.disclosure.primary.judge` has run on it.
        published: the Parquet file that was published.
        edition: its number, 1 or more.

    Returns:
        How many rows were added.
    """
    remembered = _remembered(published)
    key = ", ".join(KEY)
    given_key = ", ".join(f"given.{name}" for name in KEY)
    if remembered is None:
        truth = (
            f"SELECT {key}, {', '.join(NUMBERS)}, TRUE AS is_unknown, FALSE AS has_few_persons, "
            "FALSE AS has_few_on_numerator, FALSE AS has_few_on_other_side "
            "FROM disclosure_row WHERE edition = 0"
        )
    else:
        truth = f"SELECT * FROM read_parquet('{_quoted(remembered)}')"
    numbers = ", ".join(
        f"if(given.status = 'published', given.{name}, truth.{name}) AS {name}" for name in NUMBERS
    )
    why = ", ".join(f"given.status <> 'published' AND truth.{name} AS {name}" for name in _WHY)
    (before,) = connection.execute("SELECT count(*) FROM disclosure_row").fetchall()[0]
    connection.execute(
        f"""
        INSERT INTO disclosure_row BY NAME
        WITH truth AS ({truth}),
        kinds AS (
            SELECT DISTINCT ON (indicator)
                indicator, is_personal, kind, breakdown_rule, parts_disjoint, base_feed,
                numerator_measure, scale, denominator_measure, persons_measure, events_measure
            FROM disclosure_row
            WHERE edition = 0
        )
        SELECT
            cast({before} - 1 + row_number() OVER (ORDER BY {given_key}) AS integer) AS row_id,
            {given_key}, {numbers},
            kinds.* EXCLUDE (indicator),
            FALSE AS can_be_hidden,
            {why},
            FALSE AS is_primary,
            {edition} AS edition,
            given.status <> 'published' AS was_withheld
        FROM read_parquet('{_quoted(published)}') AS given
        INNER JOIN kinds USING (indicator)
        LEFT JOIN truth USING ({key})
        WHERE
            left(given.period, 4) IN (
                SELECT DISTINCT left(period, 4) FROM disclosure_row WHERE edition = 0
            )
            AND (given.status = 'published' OR truth.numerator IS NOT NULL)
        ORDER BY row_id
        """
    )
    (after,) = connection.execute("SELECT count(*) FROM disclosure_row").fetchall()[0]
    return int(after - before)


def mark(connection: duckdb.DuckDBPyConnection, schema: str, protection: Protection) -> None:
    """Note what decides of a value besides the numbers: :func:`remember` keeps it.

    That is the protection, what the catalogue says of indicators and where areas lie, and how
    disclosure control works.

    Args:
        connection: reads the warehouse.
        schema: the schema ``indicators``.
        protection: how well withheld numbers are protected.
    """
    method = hashlib.sha256(repr(protection).encode())
    for table in ("indicator_catalogue", "indicator_area"):
        (text,) = connection.execute(
            f"SELECT coalesce(string_agg(line, '\n' ORDER BY line), '') "
            f"FROM (SELECT cast(one AS varchar) AS line FROM {schema}.{table} AS one)"
        ).fetchall()[0]
        method.update(text.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        method.update(file.read_bytes())
    connection.execute(f"SET VARIABLE {_METHOD} = '{method.hexdigest()}'")


def unchanged(connection: duckdb.DuckDBPyConnection, published: Sequence[Path]) -> dict[str, int]:
    """Find the years of which an earlier publication tells exactly what there is to tell today.

    Args:
        connection: :func:`mark` and, for each publication, :func:`add_edition` have run on it.
        published: the publications, in the order of their editions from 1.

    Returns:
        By year, the last edition whose rows are those of today, with the same true numbers and the
        same reasons to withhold them, decided by the same method.
    """
    same = " AND ".join(f"now.{name} IS NOT DISTINCT FROM before.{name}" for name in NUMBERS)
    why = " AND ".join(f"now.{name} = before.{name}" for name in _WHY)
    found: dict[str, int] = {}
    for edition, file in enumerate(published, 1):
        if not _is_of_same_method(connection, _remembered(file)):
            continue
        rows = connection.execute(
            f"""
            SELECT left(period, 4) AS year
            FROM (SELECT * FROM disclosure_row WHERE edition = 0) AS now
            FULL JOIN (SELECT * FROM disclosure_row WHERE edition = {edition}) AS before
                USING ({", ".join(KEY)})
            GROUP BY year
            HAVING bool_and(
                now.edition IS NOT NULL AND before.edition IS NOT NULL AND {same}
                AND if(before.was_withheld, {why}, NOT now.is_primary)
            )
            """
        ).fetchall()
        found.update({year: edition for (year,) in rows})
    return found


def _is_of_same_method(connection: duckdb.DuckDBPyConnection, memory: Path | None) -> bool:
    """Tell whether what is remembered was decided as it would be today."""
    if memory is None:
        return False
    row = connection.execute(
        f"SELECT decode(value) = getvariable('{_METHOD}') "
        f"FROM parquet_kv_metadata('{_quoted(memory)}') WHERE decode(key) = 'method'"
    ).fetchone()
    return bool(row and row[0])


def years(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the years that are published, in order."""
    rows = connection.execute(
        "SELECT DISTINCT left(period, 4) AS year FROM disclosure_row WHERE edition = 0 "
        "ORDER BY year"
    ).fetchall()
    return [year for (year,) in rows]


def lay_out(connection: duckdb.DuckDBPyConnection, year: str) -> npt.NDArray[np.int64]:
    """Make ``disclosure_year``: the rows of a year in all editions, numbered from 0.

    Returns:
        By row of ``disclosure_year``, the row of ``disclosure_row``.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE disclosure_year AS
        SELECT * REPLACE (cast(row_number() OVER (ORDER BY row_id) - 1 AS integer) AS row_id)
        FROM disclosure_row
        WHERE left(period, 4) = $year
        ORDER BY row_id
        """,
        {"year": year},
    )
    rows = connection.execute(
        "SELECT row_id FROM disclosure_row WHERE left(period, 4) = $year ORDER BY row_id",
        {"year": year},
    ).fetchnumpy()["row_id"]
    return np.asarray(rows, dtype=np.int64)


def withheld_in(
    connection: duckdb.DuckDBPyConnection, year: str, edition: int
) -> npt.NDArray[np.int64]:
    """Return the rows of today that an earlier publication withheld in a year."""
    rows = connection.execute(
        f"SELECT now.row_id FROM disclosure_row AS now INNER JOIN disclosure_row AS before "
        f"USING ({', '.join(KEY)}) WHERE now.edition = 0 AND before.edition = $edition "
        "AND before.was_withheld AND left(now.period, 4) = $year",
        {"year": year, "edition": edition},
    ).fetchnumpy()["row_id"]
    return np.asarray(rows, dtype=np.int64)


def still_withheld(connection: duckdb.DuckDBPyConnection, count: int) -> npt.NDArray[np.bool_]:
    """Tell by row of ``disclosure_year``: was it withheld earlier with the same numbers?"""
    same = " AND ".join(f"now.{name} IS NOT DISTINCT FROM before.{name}" for name in NUMBERS)
    rows = connection.execute(
        f"SELECT now.row_id FROM disclosure_year AS now INNER JOIN disclosure_year AS before "
        f"USING ({', '.join(KEY)}) "
        f"WHERE now.edition = 0 AND before.edition > 0 AND before.was_withheld AND {same}"
    ).fetchnumpy()["row_id"]
    is_withheld = np.zeros(count, dtype=np.bool_)
    is_withheld[np.asarray(rows, dtype=np.int64)] = True
    return is_withheld


def compare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``disclosure_compared``: the status of every row now and in the last earlier edition."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE disclosure_compared AS
        WITH before AS (
            SELECT
                {", ".join(KEY)},
                arg_max(if(was_withheld, 'suppressed', 'published'), edition) AS was
            FROM disclosure_row
            WHERE edition > 0
            GROUP BY {", ".join(KEY)}
        )
        SELECT disclosed.status, before.was
        FROM disclosed
        LEFT JOIN before USING ({", ".join(KEY)})
        """
    )


def _remembered(published: Path) -> Path | None:
    """Find what the house remembers of a publication that lies in it."""
    name = f"{_name(published)}.parquet"
    for folder in published.absolute().parents[:_LEVELS]:
        file = folder / MEMORY / name
        if file.is_file():
            return file
    return None


def _name(published: Path) -> str:
    return hashlib.sha256(published.read_bytes()).hexdigest()[:32]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
