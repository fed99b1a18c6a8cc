"""Pseudonyms made once for each identifier of a file, instead of once for each of its rows.

A pseudonym costs four rounds of SHA-256. Where a column names few persons, clients or workers many
times, the pseudonyms of the distinct ones are made beforehand. They are in the engine's memory and
end with its connection: what was kept would undo the pseudonyms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.readers import Source
from ingest.validate.run import Run
from ingest.value_sql import identifier_message

# The most values that a dictionary is quick with; a code of two bytes stands for each.
DICTIONARY = 65_000
# A table is made where each identifier stands in at least so many rows on average.
ROWS_OF_EACH = 2


@dataclass(frozen=True, slots=True)
class MadePseudonyms:
    """The pseudonyms that are made already, and where a row finds its own.

    Attributes:
        of_row: for columns of the contract, by their place, the SQL of the row's pseudonym.
        source_sql: the file as a relation, with the columns that ``of_row`` names.
    """

    of_row: Mapping[int, str]
    source_sql: str


def make_pseudonyms(run: Run, source: Source) -> MadePseudonyms:
    """Make the pseudonyms of the distinct identifiers of each column where that pays.

    Args:
        run: the validation.
        source: the file as a relation.

    Raises:
        duckdb.Error: the engine could not read the file to its end.
    """
    of_row = {}
    joined = []
    for index, column in enumerate(run.contract.columns):
        if not column.is_identifier:
            continue
        distinct, rows = _count(run, index, source)
        if 0 < distinct <= DICTIONARY:
            _hash(run, index)
            of_row[index] = _make_dictionary(run, index)
        elif distinct and distinct * ROWS_OF_EACH <= rows:
            _hash(run, index)
            of_row[index] = f"p{index}"
            joined.append(index)
    return MadePseudonyms(of_row, _joined_to(source.sql, joined))


def _joined_to(source_sql: str, joined: Sequence[int]) -> str:
    """Return the SQL of a source with a column ``p<i>`` for each column whose table is joined."""
    if not joined:
        return source_sql
    columns = ", ".join(f"hashed_{index}.pseudonym AS p{index}" for index in joined)
    joins = " ".join(
        f"LEFT JOIN hashed_{index} ON hashed_{index}.raw = rows_of_file.r{index}"
        for index in joined
    )
    return f"SELECT rows_of_file.*, {columns} FROM ({source_sql}) AS rows_of_file {joins}"


def _count(run: Run, index: int, source: Source) -> tuple[int, int]:
    """Collect the distinct identifiers of a column; return how many they are, and in how many rows.

    Of a column that is the whole key, no more are collected than a dictionary can hold: each of
    them stands in one row.
    """
    is_key = run.contract.key == (run.contract.columns[index],)
    limit = f"LIMIT {DICTIONARY + 1}" if is_key else ""
    run.connection.execute(
        f"CREATE TEMP TABLE distinct_{index} AS SELECT r{index} AS raw, count(*) AS n "
        f"FROM ({source.sql}) GROUP BY ALL {limit}"
    )
    if source.may_skip_lines:
        # The lines skipped here are skipped again when the candidate is written.
        run.connection.execute("DELETE FROM reject_errors")
        run.connection.execute("DELETE FROM reject_scans")
    distinct, rows = run.one(f"SELECT count(raw), sum(n) FROM distinct_{index}")
    return distinct, rows or 0


def _hash(run: Run, index: int) -> None:
    """Make the table of pseudonyms of a column's distinct identifiers."""
    text = identifier_message(run.contract.columns[index], "raw")
    run.execute(
        f"CREATE TEMP TABLE inner_{index} AS "
        f"SELECT raw, sha256($inner || encode({text})) AS hash FROM distinct_{index} "
        "WHERE raw IS NOT NULL"
    )
    run.execute(
        f"CREATE TEMP TABLE hashed_{index} AS "
        f"SELECT raw, $key_id || ':' || sha256($outer || unhex(hash)) AS pseudonym "
        f"FROM inner_{index}"
    )


def _make_dictionary(run: Run, index: int) -> str:
    """Make ENUM types of identifiers and pseudonyms; return the SQL of a row's pseudonym."""
    for statement in (
        f"CREATE TYPE raw_{index} AS ENUM (SELECT raw FROM hashed_{index} ORDER BY raw)",
        f"CREATE TYPE pseudonym_{index} AS ENUM "
        f"(SELECT DISTINCT pseudonym FROM hashed_{index} ORDER BY pseudonym)",
        f"SET VARIABLE pseudonyms_{index} = (SELECT list("
        f"CAST(pseudonym AS pseudonym_{index}) ORDER BY raw) FROM hashed_{index})",
    ):
        run.connection.execute(statement)
    code = f"enum_code(try_cast(r{index} AS raw_{index}))"
    return f"list_extract(getvariable('pseudonyms_{index}'), {code}::INTEGER + 1)"
