"""Findings: what is wrong with a file and its rows, as a table for the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from common.sql import literal
from ingest.contract_sql import BITS, Check
from ingest.contracts import LANGUAGES, Contract, Severity, Texts
from ingest.messages import message
from ingest.periods import Period
from ingest.readers import Problem
from ingest.receipts import SHOWN, Finding
from ingest.validate.flags import BROKEN, Flags
from ingest.validate.run import Outcome, Run

# Problems of a whole file for which no row is rejected.
_WARNINGS = frozenset(
    {
        "unknown_column",
        "period_derived",
        "organisation_not_in_force",
        "lines_above_header",
        "delimiter_line",
        "totals_row",
        "sheet_read",
        "nothing_to_report",
        "boolean_empty",
    }
)


def write_findings(run: Run, flags: Flags, problems: list[Problem], outcome: Outcome) -> None:
    """Write every finding to a CSV file, and the first of them into the outcome.

    Args:
        run: the validation.
        flags: its flagged rows.
        problems: what is wrong with the file as a whole.
        outcome: gets the findings.
    """
    stated, source = run.file.period, flags.source
    if outcome.derived_period:
        values: dict[str, object] = {"derived": outcome.derived_period, "stated": stated.text}
        problems = [*problems, Problem("period_derived", values)]
    checks = [_with_period(check, outcome, stated) for check in flags.checks]
    duplicate_key, malformed_row = len(checks), len(checks) + 1
    _register_texts(
        run.connection, [*checks, _duplicate_key(run.contract), _malformed_row(source.width)]
    )
    rows = [
        f"SELECT row, {n} AS number, '' AS value_count FROM flagged "
        f"WHERE {flags.plan.flag_columns[n // BITS]} & {1 << n % BITS}::UBIGINT <> 0"
        for n, check in enumerate(checks)
        if (check.severity is Severity.REJECT and (n != BROKEN or not source.has_value_counts))
        # A warning says that the row was loaded.
        or (check.severity is Severity.WARN and not outcome.is_refused)
    ]
    rows.append(f"SELECT row, {duplicate_key}, '' FROM repeated")
    rows.append(
        f"SELECT row, {malformed_row}, coalesce(nullif(value_count, 0)::VARCHAR, '?') "
        "FROM malformed"
    )
    if source.has_value_counts:
        rows.append(
            f"SELECT row, {malformed_row}, check_width::VARCHAR FROM flagged "
            f"JOIN (SELECT file_row_number AS place, check_width FROM {run.candidate_rows} "
            "WHERE check_width IS NOT NULL) USING (place) "
            f"WHERE check_flags_0 & {1 << BROKEN} <> 0"
        )
    # Only a malformed row's message differs from row to row: how many values it has.
    texts = ", ".join(
        f"replace(message_{language}, '{{found}}', value_count) AS message_{language}"
        for language in LANGUAGES
    )
    run.connection.execute(
        "CREATE TEMP VIEW row_findings AS "
        f"SELECT row, number, texts.* EXCLUDE (number) REPLACE ({texts}) "
        f"FROM ({' UNION ALL '.join(rows)}) JOIN texts USING (number)"
    )
    problems = [
        replace(problem, values={**problem.values, "cause": _most_common(run)})
        if problem.key == "too_many_rejected"
        else problem
        for problem in problems
    ]
    _write(run.connection, problems, run.work, outcome)


def _most_common(run: Run) -> Texts:
    """Return which error most of the rejected rows have, and what to do about it."""
    column, count, *texts = run.one(
        'SELECT "column", count(*) AS count, message_fi, message_sv, message_en FROM row_findings '
        f"WHERE severity = '{Severity.REJECT}' GROUP BY ALL "
        'ORDER BY count DESC, "column" NULLS LAST, message_en LIMIT 1'
    )
    key = "cause_row" if column is None else "cause_column"
    return message(key, column=column, count=count, message=Texts(*texts))


def refused(problems: list[Problem], connection: duckdb.DuckDBPyConnection, work: Path) -> Outcome:
    """Return the outcome for a file that is refused as a whole, with its findings.

    Args:
        problems: why it is refused.
        connection: any engine.
        work: where the findings are written.
    """
    outcome = Outcome(is_refused=True)
    _register_texts(connection, [])
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW row_findings AS "
        "SELECT NULL::BIGINT AS row, * FROM texts WHERE false"
    )
    _write(connection, problems, work, outcome)
    return outcome


def _with_period(check: Check, outcome: Outcome, stated: Period) -> Check:
    """Return a check with the message that only the whole file decides."""
    if check.rule != "outside_period":
        return check
    derived = outcome.derived_period or stated.text
    return replace(check, message=message("outside_period", period=stated.text, derived=derived))


def _duplicate_key(contract: Contract) -> Check:
    """Return the check for a repeated key, whose message names a column that tells rows apart."""
    column = contract.key[0].name
    telling = [part.name for part in contract.key if not part.required]
    if telling:
        text = message("duplicate_key_told_apart", column=", ".join(telling))
    else:
        text = message("duplicate_key")
    return Check("duplicate_key", column, Severity.REJECT, text, "", "")


def _malformed_row(expected: int) -> Check:
    text = message("malformed_row", expected=expected, found="{found}")
    return Check("malformed_row", None, Severity.REJECT, text, "", "")


def _register_texts(connection: duckdb.DuckDBPyConnection, checks: list[Check]) -> None:
    """Make the small table ``texts``: the messages of the checks, by their number."""
    connection.execute(
        'CREATE TEMP TABLE texts (number INTEGER, "column" VARCHAR, rule VARCHAR, '
        "severity VARCHAR, message_fi VARCHAR, message_sv VARCHAR, message_en VARCHAR, "
        "allowed VARCHAR)"
    )
    _insert(
        connection,
        "texts",
        [
            (
                number,
                check.column,
                check.rule,
                str(check.severity),
                check.message.fi,
                check.message.sv,
                check.message.en,
                check.allowed,
            )
            for number, check in enumerate(checks)
        ],
    )


def _write(
    connection: duckdb.DuckDBPyConnection, problems: list[Problem], work: Path, outcome: Outcome
) -> None:
    """Write problems and the view ``row_findings`` as errors.csv, the first into the outcome."""
    connection.execute(
        'CREATE TEMP TABLE problems (nth INTEGER, row BIGINT, "column" VARCHAR, rule VARCHAR, '
        "severity VARCHAR, message_fi VARCHAR, message_sv VARCHAR, message_en VARCHAR, "
        "allowed VARCHAR)"
    )
    _insert(
        connection,
        "problems",
        [
            (
                nth,
                problem.row,
                problem.column,
                problem.key,
                str(Severity.WARN if problem.key in _WARNINGS else Severity.REJECT),
                text.fi,
                text.sv,
                text.en,
                str(problem.values.get("allowed", "")),
            )
            for nth, problem in enumerate(problems)
            for text in (message(problem.key, **problem.values),)
        ],
    )
    names = ["row", "column", "rule", "severity"]
    names += ["message_fi", "message_sv", "message_en", "allowed"]
    columns = 'row, "column", rule, severity, message_fi, message_sv, message_en, allowed'
    connection.execute(
        f"CREATE TEMP VIEW findings AS SELECT {columns} FROM ("
        f"SELECT nth, {columns} FROM problems UNION ALL "
        f"SELECT {len(problems)} + number, {columns} FROM row_findings) "
        "ORDER BY row NULLS FIRST, nth"
    )
    outcome.errors = work / "errors.csv"
    # The engine says how many rows it wrote: it need not find them once more to count them.
    written = connection.execute(
        f"COPY (SELECT * FROM findings) TO {literal(outcome.errors)} (FORMAT csv, HEADER)"
    ).fetchone()
    outcome.findings_total = written[0] if written else 0
    if outcome.findings_total == 0:
        return
    outcome.findings = [
        Finding(**dict(zip(names, values, strict=True)))
        for values in connection.execute(f"SELECT * FROM findings LIMIT {SHOWN}").fetchall()
    ]


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows, of which there may be none or tens of thousands, in one statement."""
    if not rows:
        return
    columns = {f"c{nth}": list(values) for nth, values in enumerate(zip(*rows, strict=True))}
    values = ", ".join(f"unnest(${name})" for name in columns)
    connection.execute(f"INSERT INTO {table} SELECT {values}", columns)
