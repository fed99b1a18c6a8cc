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
from ingest.validate.pseudonyms import make_pseudonyms
from ingest.validate.run import PARQUET, PARQUET_TEMPORARY, Run, SubmittedFile

_OPTIMIZERS_OF_JOINS = "build_side_probe_side,join_order"


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
    try:
        made = make_pseudonyms(run, source)
    except duckdb.Error as error:
        raise _unreadable(error, run.file) from None
    plan = compile_plan(
        run.contract,
        period=run.file.period,
        received_on=run.file.received_on,
        pseudonyms=made.of_row,
        has_value_counts=source.has_value_counts,
        unreadable=source.unreadable,
        is_ascii=source.is_ascii,
    )
    select = plan.select.replace("{source}", made.source_sql)
    # With the value counts of broken rows in it, it never becomes the accepted file itself.
    options = PARQUET_TEMPORARY if source.has_value_counts else PARQUET
    if made.rows_of_part:
        options = f"{options.removesuffix(')')}, ROW_GROUP_SIZE {made.rows_of_part})"
    # Were the sides of the cross join with the pseudonyms changed, the rows of the file would not
    # stay in its order.
    run.connection.execute(f"SET disabled_optimizers = '{_OPTIMIZERS_OF_JOINS}'")
    try:
        with _in_background(run.background):
            run.execute(f"COPY ({select}) TO {literal(run.candidate)} {options}")
    except duckdb.Error as error:
        raise _unreadable(error, run.file) from None
    finally:
        run.connection.execute("RESET disabled_optimizers")
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
