"""Validation of one file: read, type, check and pseudonymise it into a work folder.

The outcome is a folder with the accepted rows, the rejected rows and all findings, and the figures
for the receipt. Nothing is published here: an outcome can be thrown away, and a dry run does just
that. The steps, one module each:

1. ``candidate``: every row is written once, typed, checked and pseudonymised;
2. ``flags``: rows that break a check get their row number, and repeated keys are found;
3. ``rows``: the rows are split into accepted and rejected ones;
4. ``findings``: what is wrong is written in three languages.

This package must not know the inbox, the lake or the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from common.sql import literal
from ingest import readers
from ingest.contracts import organisations
from ingest.identity_codes import masked
from ingest.keys import PseudonymKey
from ingest.readers import Problem, Source, Unreadable
from ingest.readers.cleaning import cleaned
from ingest.validate.candidate import write_candidate
from ingest.validate.findings import refused, write_findings
from ingest.validate.flags import flag_rows
from ingest.validate.rows import write_rows
from ingest.validate.run import (
    MEMORY,
    REFUSED_ABOVE,
    Limits,
    Outcome,
    Run,
    SubmittedFile,
    engine_config,
)

__all__ = [
    "MEMORY",
    "REFUSED_ABOVE",
    "Limits",
    "Outcome",
    "SubmittedFile",
    "refusal",
    "validate",
]


def validate(
    file: SubmittedFile,
    key: PseudonymKey,
    work: Path,
    limits: Limits,
    background: Callable[[], object] | None = None,
) -> Outcome:
    """Validate one file.

    Args:
        file: the file.
        key: the key of pseudonyms.
        work: an empty folder, for everything that is written.
        limits: what may be used, and where a file is refused.
        background: another task to do while the engine reads the file; it may be called again.

    Returns:
        The outcome. Whatever is in the file, no error is raised for it.
    """
    with duckdb.connect(config=engine_config(work, limits, file.fingerprint.size)) as connection:
        # The engine's own bar would be printed into the command's output.
        connection.execute("SET enable_progress_bar = false")
        # Days are Finnish days, whatever the machine's own time zone.
        connection.execute(f"SET TimeZone = {literal(readers.TIME_ZONE)}")
        try:
            return _validate(Run(connection, file, key, work, limits, background))
        except Unreadable as unreadable:
            if unreadable.retry_with is None:
                return refused([unreadable.problem], connection, work)
            again = replace(file, read_options=unreadable.retry_with)
    return validate(again, key, work, limits, background)


def refusal(problems: list[Problem], work: Path) -> Outcome:
    """Return the outcome for a file that is refused for its place, not for its content."""
    with duckdb.connect() as connection:
        return refused(problems, connection, work)


def _validate(run: Run) -> Outcome:
    source = readers.open_source(
        run.connection,
        run.file.path,
        run.file.extension,
        run.contract,
        run.file.fingerprint,
        run.work,
        run.file.read_options,
    )
    problems = [*source.remarks, *_unknown_columns(source)]
    if not _organisation_is_in_force(run.file):
        problems.append(Problem("organisation_not_in_force"))
    candidate = write_candidate(run, source)
    flags = flag_rows(run, candidate.plan, source)
    outcome = flags.totals()
    if outcome.rows_read == 0:
        _refuse_lost_lines(run, source)
        problems.append(Problem("nothing_to_report", {"period": run.file.period.text}))
    else:
        rejected_share = outcome.rows_rejected / outcome.rows_read
        outcome.is_refused = rejected_share > run.limits.refused_above or outcome.rows_loaded == 0
    problems += [
        Problem("boolean_empty", {"column": name}, column=name) for name in flags.empty_booleans
    ]
    if outcome.is_refused:
        limit = f"{run.limits.refused_above:.0%}".replace("%", " %")
        values = {"rejected": outcome.rows_rejected, "read": outcome.rows_read, "limit": limit}
        problems.insert(0, Problem("too_many_rejected", values))
        outcome.rows_loaded = outcome.rows_warned = 0
    write_rows(run, candidate, flags, outcome)
    write_findings(run, flags, problems, outcome)
    return outcome


def _refuse_lost_lines(run: Run, source: Source) -> None:
    """Refuse a text in which something stands below the header where no row was read.

    A line longer than the reader can hold is lost without a word.
    """
    if source.lines is None:
        return
    lines = readers.count_lines(source.lines, is_quoted=source.is_quoted)
    (read,) = run.one(f"SELECT count(*) FROM {run.candidate_rows}")
    if lines.count - lines.blank.size - int(source.is_quoted) > read:
        file_format = readers.CSV if source.is_quoted else readers.JSON_LINES
        raise Unreadable(Problem("not_readable", {"format": file_format}))


def _unknown_columns(source: Source) -> list[Problem]:
    names = [_displayed_name(name, index) for index, name in source.unknown]
    return [
        Problem("unknown_column", {"column": name}, row=source.header_row, column=name)
        for name in names
    ]


def _organisation_is_in_force(file: SubmittedFile) -> bool:
    """Whether the organisation existed on any day of the stated period.

    Of one that had ceased before it, whoever receives the file says who its successor is.
    """
    organisation = organisations().get(file.organisation)
    if organisation is None:
        return True
    last = file.period.last.isoformat()
    return (organisation.valid_from or last) <= last and (
        not organisation.had_ceased_by(file.period.first) or organisation.successor is not None
    )


def _displayed_name(name: str, index: int) -> str:
    """Return an unknown column's header where that is one word, else its position.

    Where a file has no header, or keys that are values, the text may be somebody's name.
    """
    text = cleaned(name)
    is_word = re.fullmatch(r"[^\W\d]\w{0,59}", text) is not None and masked(text) == text
    return text if is_word else f"({index + 1})"
