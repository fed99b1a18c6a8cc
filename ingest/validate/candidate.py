"""The candidate: every row of the file once, typed, checked and pseudonymised, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from common.sql import identifier, literal
from ingest import readers
from ingest.contract_sql import Plan, compile_plan, enum_types
from ingest.contracts import Contract, Kind
from ingest.readers import Source
from ingest.validate.pseudonyms import LISTS, ListOfPseudonyms, make_pseudonyms
from ingest.validate.run import CANDIDATE, PARQUET, PARQUET_TEMPORARY, Run, SubmittedFile


@dataclass(frozen=True, slots=True)
class Candidate:
    """The candidate that was written.

    Attributes:
        plan: what its rows were checked by.
        options: the SQL of how the accepted rows are written where the candidate is not they.
        pseudonyms: the SQL of the pseudonyms of columns that hold their places, by name.
    """

    plan: Plan
    options: str
    pseudonyms: Mapping[str, str]

    def with_pseudonyms(self, rows: str, *, as_text: bool = False) -> str:
        """Return the SQL of rows of the candidate's file with pseudonyms for their places.

        Args:
            rows: the SQL of the rows.
            as_text: whether they are texts, for few rows: an ENUM type of many values is slow to
                bring together with others.
        """
        if not self.pseudonyms:
            return f"SELECT * FROM {rows} AS written"
        suffix = "::VARCHAR" if as_text else ""
        found = ", ".join(f"{value}{suffix} AS {name}" for name, value in self.pseudonyms.items())
        return f"SELECT written.* REPLACE ({found}) FROM {rows} AS written CROSS JOIN {LISTS}"


def write_candidate(run: Run, source: Source) -> Candidate:
    """Write the candidate, and make a view of its rows.

    Args:
        run: the validation.
        source: the file as a relation.

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
    # With the value counts of broken rows in it, it never becomes the accepted file itself. So it
    # holds the places of pseudonyms, which are quicker to write and to read than they are.
    is_temporary = source.has_value_counts
    places = _of_places(run.contract, made.lists) if is_temporary else {}
    plan = compile_plan(
        run.contract,
        period=run.file.period,
        received_on=run.file.received_on,
        pseudonyms={
            index: one.place if index in places else one.at(one.place)
            for index, one in made.lists.items()
        },
        has_value_counts=source.has_value_counts,
        unreadable=source.unreadable,
        is_ascii=source.is_ascii,
    )
    select = plan.select.replace("{source}", made.source_sql)
    options = PARQUET
    if made.rows_of_part:
        options = f"{options.removesuffix(')')}, ROW_GROUP_SIZE {made.rows_of_part})"
    written = PARQUET_TEMPORARY if is_temporary else options
    try:
        with run.in_order(), _in_background(run.background):
            run.execute(f"COPY ({select}) TO {literal(run.candidate)} {written}")
    except duckdb.Error as error:
        raise _unreadable(error, run.file) from None
    names = {index: identifier(run.contract.columns[index].name) for index in places}
    candidate = Candidate(
        plan, options, {names[index]: one.at(names[index]) for index, one in places.items()}
    )
    run.connection.execute(
        f"CREATE TEMP VIEW {CANDIDATE} AS {candidate.with_pseudonyms(run.written_rows)}"
    )
    return candidate


def _of_places(
    contract: Contract, lists: Mapping[int, ListOfPseudonyms]
) -> dict[int, ListOfPseudonyms]:
    """Return the lists whose pseudonyms can be put in at last.

    A person's code may be invalid and stand beside the pseudonyms; a rule of the contract may
    compare pseudonyms.
    """
    return {
        index: one
        for index, one in lists.items()
        for column in (contract.columns[index],)
        if column.kind is not Kind.PERSON
        and not any(column.name in rule.holds for rule in contract.rules)
    }


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
