"""Accepted and rejected rows, each as a Parquet file."""

from __future__ import annotations

from pathlib import Path

from common.sql import identifier, literal
from ingest.contract_sql import BITS
from ingest.contracts import Severity
from ingest.validate.candidate import Candidate
from ingest.validate.flags import Flags
from ingest.validate.run import PARQUET, Outcome, Run


def write_rows(run: Run, candidate: Candidate, flags: Flags, outcome: Outcome) -> None:
    """Split the candidate into accepted and rejected rows; with no rejected ones, keep it.

    Args:
        run: the validation.
        candidate: its candidate.
        flags: its flagged rows.
        outcome: gets the paths of the files.
    """
    plan = flags.plan
    (total,) = run.one(f"SELECT count(*) FROM read_parquet({literal(run.candidate)})")
    has_extra_rows = total != flags.rows
    if not (outcome.rows_rejected or has_extra_rows or flags.source.has_value_counts):
        outcome.accepted = run.candidate
        return
    if not outcome.is_refused:
        outcome.accepted = run.work / "accepted.parquet"
        columns = ", ".join(identifier(name) for name in plan.lake_columns)
        flag_columns = ", ".join(plan.flag_columns)
        # A filter keeps the order of the file; a join with a table might not. So repeated rows
        # are bits, one for each row.
        is_first = ""
        if run.one("SELECT count(*) FROM repeated")[0]:
            run.connection.execute(
                "SET VARIABLE repeated = (SELECT bitstring_agg(place::BIGINT, 0, "
                f"{flags.rows - 1}::BIGINT) FROM repeated)"
            )
            is_first = "AND get_bit(getvariable('repeated'), file_row_number::INTEGER) = 0"
        with run.in_order():
            run.connection.execute(
                f"COPY (SELECT {columns}, {flag_columns} FROM {run.candidate_rows} "
                f"WHERE file_row_number < {flags.rows} "
                f"AND NOT {flags.is_rejected} {is_first}) "
                f"TO {literal(outcome.accepted)} {candidate.options}"
            )
    if outcome.rows_rejected:
        outcome.rejected = run.work / "rejected.parquet"
        run.execute(_copy_rejected(run, candidate, flags, outcome.rejected))


def _copy_rejected(run: Run, candidate: Candidate, flags: Flags, path: Path) -> str:
    """Return the SQL that writes the rejected rows, each with its number and rules."""
    plan = flags.plan
    parts = [
        f"CASE WHEN {name} & {1 << n % BITS}::UBIGINT <> 0 THEN '{check.rule}' END"
        for n, check in enumerate(flags.checks)
        if check.severity is Severity.REJECT
        for name in (plan.flag_columns[n // BITS],)
    ]
    rules = f"list_distinct(list_filter([{', '.join(parts)}], lambda t: t IS NOT NULL))"
    # A row that cannot be split into values may have any value in any column.
    values = ", ".join(
        f"CASE WHEN NOT list_contains(rules, 'malformed_row') THEN {identifier(name)} END "
        f"AS {identifier(name)}"
        for name in plan.lake_columns[2:]
    )
    rejected = (
        "(SELECT candidate.*, rejected.row AS source_row, rejected.rules "
        f"FROM {run.written_rows} AS candidate JOIN ("
        f"SELECT place, row, list_sort({rules}) AS rules FROM flagged "
        f"WHERE {flags.is_rejected} "
        "UNION ALL SELECT place, row, ['duplicate_key'] FROM repeated) AS rejected "
        "ON candidate.file_row_number = rejected.place)"
    )
    return (
        f"COPY (SELECT organisation, submission_id, {values}, source_row, rules FROM ("
        f"{candidate.with_pseudonyms(rejected, as_text=True)} UNION ALL BY NAME "
        "SELECT $organisation AS organisation, $submission_id AS submission_id, "
        "row AS source_row, ['malformed_row'] AS rules FROM malformed) "
        f"ORDER BY source_row) TO {literal(path)} {PARQUET}"
    )
