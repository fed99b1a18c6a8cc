"""Pseudonyms made once for each identifier of a file, instead of once for each of its rows.

A pseudonym costs four rounds of SHA-256. Where a column names few persons, clients or workers many
times, the pseudonyms of the distinct ones are made beforehand. They are in the engine's memory and
end with its connection: what was kept would undo the pseudonyms.

A row finds its pseudonym in a list, by the place of its identifier among the distinct ones. It is
not joined to a table of them: the engine does not keep the order of rows in a join, and a row's
place is all that its number is known by. The lists are the columns of a table of one row, beside
which every row of the file stands; that keeps the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.readers import Source
from ingest.validate.run import Run
from ingest.value_sql import identifier_message

# The most identifiers whose pseudonyms every part of a Parquet file can hold as its dictionary.
DICTIONARY = 65_000
# The most for which a dictionary is made, in parts of a file that are larger.
LARGE_DICTIONARY = 500_000
# A larger dictionary is made where each identifier stands in at least so many rows on average.
ROWS_OF_EACH = 2
# The rows of a part of a Parquet file with a large dictionary, and what they may take in memory.
ROWS_OF_PART = 1_000_000
BYTES_OF_PART = 1 << 27
# In a text of fewer bytes, pseudonyms are made row by row: that takes less than the statements that
# make them beforehand.
SMALL_TEXT = 1 << 17
# The table of one row that has the lists.
LISTS = "made"
# What the engine holds for a text besides its characters.
BYTES_OF_TEXT = 16


@dataclass(frozen=True, slots=True)
class ListOfPseudonyms:
    """The pseudonyms of a column that are made already.

    Attributes:
        name: the column that holds the list.
        place: the SQL of the place at which a row of the file finds its own.
        type: what a pseudonym is written as; None: as the ENUM type of all of them.
    """

    name: str
    place: str
    type: str | None = None

    def at(self, place: str) -> str:
        """Return the SQL of the pseudonym at a place."""
        pseudonym = f"list_extract({self.name}, {place})"
        return f"{pseudonym}::{self.type}" if self.type else pseudonym


@dataclass(frozen=True, slots=True)
class MadePseudonyms:
    """The pseudonyms that are made already, and where a row finds its own.

    Attributes:
        lists: those of columns of the contract, by their place in it.
        source_sql: the file as a relation, with the lists.
        rows_of_part: how many rows a part of the Parquet file should have, so that a dictionary
            pays in each; None leaves it to the engine.
    """

    lists: Mapping[int, ListOfPseudonyms]
    source_sql: str
    rows_of_part: int | None = None


def make_pseudonyms(run: Run, source: Source) -> MadePseudonyms:
    """Make the pseudonyms of the distinct identifiers of each column where that pays.

    Args:
        run: the validation.
        source: the file as a relation.

    Raises:
        duckdb.Error: the engine could not read the file to its end.
    """
    columns = [n for n, column in enumerate(run.contract.columns) if column.is_identifier]
    is_small = source.lines is not None and run.file.fingerprint.size < SMALL_TEXT
    if not columns or is_small:
        return MadePseudonyms({}, source.sql)
    rows = _collect(run, columns, source)
    part = _rows_of_part(run, source, rows)
    lists = {}
    has_large = False
    for index in columns:
        (distinct,) = run.one(f"SELECT count(raw) FROM distinct_{index}")
        if 0 < distinct <= DICTIONARY:
            lists[index] = _make_dictionary(run, index)
        elif distinct and distinct <= LARGE_DICTIONARY and distinct * ROWS_OF_EACH <= rows:
            lists[index] = _make_dictionary(run, index)
            if distinct * ROWS_OF_EACH > part:
                lists[index] = replace(lists[index], type="VARCHAR")
            else:
                has_large = True
    with_lists = _with_lists(run, source.sql, [*lists])
    return MadePseudonyms(lists, with_lists, part if has_large else None)


def _with_lists(run: Run, source_sql: str, columns: Sequence[int]) -> str:
    """Return the SQL of a source with a column ``made_<i>``, the list of all its pseudonyms."""
    if not columns:
        return source_sql
    # Each is one row. Taken as values of a row, they would be copied once more.
    lists = " CROSS JOIN ".join(
        f"(SELECT list(pseudonym ORDER BY raw) AS made_{index} FROM hashed_{index})"
        for index in columns
    )
    run.connection.execute(f"CREATE TEMP TABLE {LISTS} AS SELECT * FROM {lists}")
    return f"SELECT * FROM ({source_sql}) AS rows_of_file CROSS JOIN {LISTS}"


def _collect(run: Run, columns: Sequence[int], source: Source) -> int:
    """Collect the distinct identifiers of columns as ``distinct_<i>``; return how many rows are.

    The file is read once for all of them. Of a column that is the whole key, no more are collected
    than a dictionary can hold: each of them stands in one row.
    """
    keys = [n for n in columns if run.contract.key == (run.contract.columns[n],)]
    others = [n for n in columns if n not in keys]
    rows = 0
    if others:
        raws = ", ".join(f"r{index}" for index in others)
        sets = ", ".join(f"(r{index})" for index in others)
        run.connection.execute(
            f"CREATE TEMP TABLE distinct_all AS SELECT {raws}, count(*) AS n, "
            f"GROUPING({raws}) AS absent FROM ({source.sql}) GROUP BY GROUPING SETS ({sets})"
        )
        all_bits = (1 << len(others)) - 1
        for place, index in enumerate(others):
            # The first of the columns has the highest bit, which is not set where it is grouped by.
            absent = all_bits ^ 1 << len(others) - 1 - place
            run.connection.execute(
                f"CREATE TEMP VIEW distinct_{index} AS SELECT r{index} AS raw, n "
                f"FROM distinct_all WHERE absent = {absent}"
            )
        (rows,) = run.one(f"SELECT coalesce(sum(n), 0)::BIGINT FROM distinct_{others[0]}")
    for index in keys:
        run.connection.execute(
            f"CREATE TEMP TABLE distinct_{index} AS SELECT DISTINCT r{index} AS raw "
            f"FROM ({source.sql}) LIMIT {DICTIONARY + 1}"
        )
    if source.may_skip_lines:
        # The lines skipped here are skipped again when the candidate is written.
        run.connection.execute("DELETE FROM reject_errors")
        run.connection.execute("DELETE FROM reject_scans")
    return rows


def _rows_of_part(run: Run, source: Source, rows: int) -> int:
    """Return how many rows of the file a part of a Parquet file may have; 0: as few as always.

    Only of a text it is known how long its rows are.
    """
    if source.lines is None or not rows:
        return 0
    of_row = run.file.fingerprint.size / rows + BYTES_OF_TEXT * len(run.contract.columns)
    return min(ROWS_OF_PART, int(BYTES_OF_PART / of_row))


def _make_dictionary(run: Run, index: int) -> ListOfPseudonyms:
    """Make the pseudonyms of a column's distinct identifiers, and ENUM types of both."""
    text = identifier_message(run.contract.columns[index], "raw")
    run.execute(
        f"CREATE TEMP TABLE inner_{index} AS "
        f"SELECT raw, sha256($inner || encode({text})) AS hash FROM distinct_{index} "
        "WHERE raw IS NOT NULL"
    )
    run.execute(
        f"CREATE TEMP TABLE texts_{index} AS "
        f"SELECT raw, $key_id || ':' || sha256($outer || unhex(hash)) AS pseudonym "
        f"FROM inner_{index}"
    )
    for statement in (
        f"CREATE TYPE raw_{index} AS ENUM (SELECT raw FROM texts_{index} ORDER BY raw)",
        f"CREATE TYPE pseudonym_{index} AS ENUM "
        f"(SELECT DISTINCT pseudonym FROM texts_{index} ORDER BY pseudonym)",
        f"CREATE TEMP TABLE hashed_{index} AS SELECT raw, "
        f"CAST(pseudonym AS pseudonym_{index}) AS pseudonym FROM texts_{index}",
    ):
        run.connection.execute(statement)
    code = f"enum_code(try_cast(r{index} AS raw_{index}))"
    return ListOfPseudonyms(f"made_{index}", f"{code}::INTEGER + 1")
