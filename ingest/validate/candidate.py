"""The candidate: every row of the file once, typed, checked and pseudonymised, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb

from common.sql import literal
from ingest import readers
from ingest.contract_sql import Plan, compile_plan, enum_types
from ingest.readers import Source
from ingest.validate.run import PARQUET, PARQUET_TEMPORARY, Run, SubmittedFile
from ingest.value_sql import identifier_message

# A column with at most so many distinct identifiers is pseudonymised through a dictionary.
DICTIONARY = 65_000


def write_candidate(run: Run, source: Source) -> Plan:
    """Write the candidate.

    Args:
        run: the validation.
        source: the file as a relation.

    Returns:
        The plan that the rows were checked by.

    Raises:
        Unreadable: the engine could not read the file to its end.
    """
    types = enum_types(run.contract, run.file.organisation, run.file.submission_id)
    for name, listed in types.items():
        values = ", ".join(literal(code) for code in listed)
        run.connection.execute(f"CREATE TYPE {name} AS ENUM ({values})")
    dictionaries = frozenset(
        index
        for index, column in enumerate(run.contract.columns)
        if column.is_identifier and _make_dictionary(run, index, source)
    )
    plan = compile_plan(
        run.contract,
        period=run.file.period,
        received_on=run.file.received_on,
        dictionaries=dictionaries,
        has_value_counts=source.has_value_counts,
        unreadable=source.unreadable,
    )
    select = plan.select.replace("{source}", source.sql)
    # With the value counts of broken rows in it, it never becomes the accepted file itself.
    options = PARQUET_TEMPORARY if source.has_value_counts else PARQUET
    try:
        with _in_background(run.background):
            run.execute(f"COPY ({select}) TO {literal(run.candidate)} {options}")
    except duckdb.Error as error:
        raise _unreadable(error, run.file) from None
    return plan


@contextmanager
def _in_background(task: Callable[[], object] | None) -> Iterator[None]:
    """Do a task in a thread meanwhile: the engine leaves Python free while it works."""
    if task is None:
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(task)
        yield
        future.result()


def _make_dictionary(run: Run, index: int, source: Source) -> bool:
    """Pseudonymise a column's distinct values beforehand, where they are few.

    The dictionary ends with the connection: one that was kept would undo the pseudonyms.

    Returns:
        Whether there is a dictionary for the column.
    """
    column = run.contract.columns[index]
    distinct = f"distinct_{index}"
    try:
        run.connection.execute(
            f"CREATE TEMP TABLE {distinct} AS SELECT DISTINCT r{index} AS raw "
            f"FROM ({source.sql}) LIMIT {DICTIONARY + 1}"
        )
    except duckdb.Error as error:
        raise _unreadable(error, run.file) from None
    if source.may_skip_lines:
        # The lines skipped here are skipped again when the candidate is written.
        run.connection.execute("DELETE FROM reject_errors")
        run.connection.execute("DELETE FROM reject_scans")
    (count,) = run.one(f"SELECT count(raw) FROM {distinct}")
    if not 0 < count <= DICTIONARY:
        return False
    text = identifier_message(column, "raw")
    run.execute(
        f"CREATE TEMP TABLE inner_{index} AS "
        f"SELECT raw, sha256($inner || encode({text})) AS hash FROM {distinct} "
        "WHERE raw IS NOT NULL"
    )
    run.execute(
        f"CREATE TEMP TABLE hashed_{index} AS "
        f"SELECT raw, $key_id || ':' || sha256($outer || unhex(hash)) AS pseudonym "
        f"FROM inner_{index}"
    )
    for statement in (
        f"CREATE TYPE raw_{index} AS ENUM (SELECT raw FROM hashed_{index} ORDER BY raw)",
        f"CREATE TYPE pseudonym_{index} AS ENUM "
        f"(SELECT DISTINCT pseudonym FROM hashed_{index} ORDER BY pseudonym)",
        f"SET VARIABLE pseudonyms_{index} = (SELECT list("
        f"CAST(pseudonym AS pseudonym_{index}) ORDER BY raw) FROM hashed_{index})",
    ):
        run.connection.execute(statement)
    return True


def _unreadable(error: duckdb.Error, file: SubmittedFile) -> Exception:
    """Return the exception to raise: for a file that cannot be read, or for a fault of ours.

    The engine's message is not passed on: it quotes the line it failed on, which may name a person.
    """
    ours = (
        duckdb.OutOfMemoryException,
        duckdb.InterruptException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.ParserException,
    )
    if isinstance(error, ours) or "No space left" in str(error):
        return RuntimeError(f"DuckDB stopped: {type(error).__name__}")
    file_format = "JSON lines" if file.extension == "jsonl" else file.extension.upper()
    return readers.engine_error(error, file_format, file.read_options)
