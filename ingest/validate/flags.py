"""Flagged rows: which rows break which check, and their numbers as a person counts.

Flags are bits that the candidate's columns hold (:class:`ingest.contract_sql.Plan`). Three tables
are made of them: ``flagged`` (rows with a bit set), ``repeated`` (rows whose key an earlier row
has) and ``malformed`` (lines that the reader skipped).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from common.sql import identifier, literal
from ingest import readers
from ingest.contract_sql import BITS, Check, Plan, masks
from ingest.contracts import Severity
from ingest.periods import derived_period
from ingest.readers import Problem, Source, Unreadable
from ingest.validate.run import Outcome, Run

# So many keys are compared at a time.
HASHES = 20_000_000
# The numbers of two checks that every plan begins with.
EMPTY, BROKEN = 0, 1
# A row's number: its place, moved on by the lines that were skipped before it.
_NUMBERED = "first_row + coalesce(shift, 0)"
_SHIFTED = (
    "ASOF LEFT JOIN (SELECT first_row AS from_row, shift FROM shifts) AS shifts "
    "ON numbered.first_row >= shifts.from_row"
)


@dataclass(frozen=True, slots=True)
class Flags:
    """The flagged rows of a candidate.

    Attributes:
        run: the validation.
        plan: what the rows were checked by.
        source: the file as a relation.
        checks: the checks of the plan, with the severity that they have for this file.
        rejecting: the bits that reject a row, by flag column.
        warning: the bits that warn about a row, by flag column.
        rows: how many rows the candidate has, without empty ones at its end.
        empty_booleans: the required booleans that are empty in every row.
    """

    run: Run
    plan: Plan
    source: Source
    checks: tuple[Check, ...]
    rejecting: dict[int, int]
    warning: dict[int, int]
    rows: int
    empty_booleans: tuple[str, ...]

    @property
    def is_rejected(self) -> str:
        """The SQL condition that a row is rejected, over its flag columns."""
        return _any_bit(self.plan, self.rejecting)

    def totals(self) -> Outcome:
        """Count the rows."""
        run, rejected = self.run, self.is_rejected
        warned = _any_bit(self.plan, self.warning)
        broken, warnings = run.one(
            f"SELECT count(*) FILTER ({rejected}), count(*) FILTER ({warned} AND NOT {rejected}) "
            "FROM flagged"
        )
        (repeated,) = run.one("SELECT count(*) FROM repeated")
        (malformed,) = run.one("SELECT count(*) FROM malformed")
        outcome = Outcome(
            rows_read=self.rows + malformed,
            rows_rejected=broken + repeated + malformed,
            rows_warned=warnings,
        )
        outcome.rows_loaded = outcome.rows_read - outcome.rows_rejected
        outcome.derived_period = self._derived_period()
        return outcome

    def _derived_period(self) -> str | None:
        """Return the period of the dates themselves, where good rows lie outside the stated one."""
        column = self.run.contract.period_date
        if column is None:
            return None
        first, last = self.run.one(
            f"SELECT min({identifier(column)}), max({identifier(column)}) "
            f"FROM {self.run.candidate_rows} "
            f"WHERE file_row_number < {self.rows} AND NOT {self.is_rejected}"
        )
        stated = self.run.file.period
        if first is None or (stated.first <= first and last <= stated.last):
            return None
        return derived_period(first, last)


def flag_rows(run: Run, plan: Plan, source: Source) -> Flags:
    """Make the tables ``flagged``, ``repeated`` and ``malformed``.

    Args:
        run: the validation; its candidate is written.
        plan: what the rows were checked by.
        source: the file as a relation.

    Raises:
        Unreadable: the reader lost its position, so that the rows cannot be numbered.
    """
    _find_skipped_lines(run, source)
    checks, empty_booleans = _decide_severities(run, plan)
    rejecting, warning = masks(checks, Severity.REJECT), masks(checks, Severity.WARN)
    _number_rows(run, plan, source, rejecting, warning)
    rows = _drop_empty_end(run)
    if not rows:
        empty_booleans = ()
    flags = Flags(run, plan, source, checks, rejecting, warning, rows, empty_booleans)
    _find_repeated_keys(flags)
    _clear_consequences(flags)
    return flags


def _find_skipped_lines(run: Run, source: Source) -> None:
    """Make the tables ``malformed`` and ``shifts``: by how much skipped lines move row numbers.

    A row's place in the candidate is its place in the file, apart from the lines that the reader
    skipped: those it could not read and those that are blank.
    """
    skipped = readers.skipped_lines(run.connection) if source.may_skip_lines else []
    for line in skipped:
        if line.is_too_long:
            raise Unreadable(readers.row_too_long(line.row + source.lines_above))
    lost = [line.row for line in skipped if line.is_position_lost]
    if lost:
        raise Unreadable(Problem("unterminated_quote", row=lost[0] + source.lines_above))
    run.connection.execute(
        "CREATE TEMP TABLE malformed AS "
        "SELECT unnest($rows::BIGINT[]) AS row, unnest($counts::INTEGER[]) AS value_count",
        {
            "rows": [line.row + source.lines_above for line in skipped],
            "counts": [line.value_count for line in skipped],
        },
    )
    blank = np.empty(0, np.int64)
    file = run.file
    may_be_blank = file.fingerprint.may_have_blank_line or file.read_options.unify_line_ends
    if source.lines is not None and may_be_blank:
        lines = readers.count_lines(source.lines, is_quoted=source.is_quoted)
        blank = lines.blank + source.lines_above
    run.connection.register("blank", pa.table({"row": blank}))
    # Where several lines follow each other, the last of them says how far what follows moves.
    run.connection.execute(
        "CREATE TEMP TABLE shifts AS SELECT first_row, max(shift) AS shift FROM ("
        "SELECT row - (row_number() OVER (ORDER BY row) - 1) AS first_row, "
        "row_number() OVER (ORDER BY row) AS shift "
        "FROM (SELECT row FROM malformed UNION SELECT row FROM blank)) GROUP BY first_row"
    )


def _decide_severities(run: Run, plan: Plan) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Return what only the whole file decides.

    An empty cell of a required boolean means no in a column marked with ``x``, or in one with
    nothing else; in a column of words it is missing.

    Returns:
        The checks with the severity that they have, and the required booleans without any value.
    """
    aggregates = ", ".join(f"coalesce(bit_or({name}), 0)" for name in plan.flag_columns)
    anywhere = run.one(f"SELECT {aggregates} FROM {run.candidate_rows}")

    def is_set(number: int) -> bool:
        return bool(anywhere[number // BITS] >> number % BITS & 1)

    empty_is_no = {
        bits.empty for bits in plan.booleans if is_set(bits.cross) or not is_set(bits.word)
    }
    checks = tuple(
        replace(check, severity=None) if number in empty_is_no else check
        for number, check in enumerate(plan.checks)
    )
    unreadable = {
        check.column
        for number, check in enumerate(plan.checks)
        if check.rule == plan.unreadable and is_set(number)
    }
    empty = tuple(
        bits.column
        for bits in plan.booleans
        if not (is_set(bits.cross) or is_set(bits.word) or bits.column in unreadable)
    )
    return checks, empty


def _number_rows(
    run: Run, plan: Plan, source: Source, rejecting: dict[int, int], warning: dict[int, int]
) -> None:
    """Make the table ``flagged``: rows with a bit set, numbered as a person counts."""
    bits = ", ".join(
        f"{name} & {rejecting[group] | warning[group] | (1 if group == 0 else 0)}::UBIGINT "
        f"AS {name}"
        for group, name in enumerate(plan.flag_columns)
    )
    any_bit = " OR ".join(f"{name} <> 0" for name in plan.flag_columns)
    flags = ", ".join(plan.flag_columns)
    run.connection.execute(
        f"""
        CREATE TEMP TABLE flagged AS
        SELECT place, {_NUMBERED} AS row, {flags}
        FROM (
            SELECT place, place + {source.first_row} AS first_row, {flags}
            FROM (SELECT file_row_number AS place, {bits} FROM {run.candidate_rows})
            WHERE {any_bit}
        ) AS numbered {_SHIFTED}
        """
    )


def _drop_empty_end(run: Run) -> int:
    """Remove empty lines at the end, which are not rows, and return how many rows there are."""
    (rows,) = run.one(f"SELECT count(*) FROM read_parquet({literal(run.candidate)})")
    # Places of empty rows that reach the end without a gap: place + (how many follow) = last.
    (empty,) = run.one(
        "SELECT count(*) FROM (SELECT place, row_number() OVER (ORDER BY place DESC) AS nth "
        f"FROM flagged WHERE check_flags_0 & {1 << EMPTY} <> 0) WHERE place + nth = {rows}"
    )
    kept: int = rows - empty
    run.connection.execute(f"DELETE FROM flagged WHERE place >= {kept}")
    return kept


def _find_repeated_keys(flags: Flags) -> None:
    """Make the table ``repeated``: rows whose key an earlier good row has.

    Hashes are compared first, eight bytes a row and sorted, so many at a time that memory is
    bounded; only keys whose hash repeats are compared themselves.
    """
    run = flags.run
    key = ", ".join(identifier(column.name) for column in run.contract.key)
    good = (
        f"(SELECT {key}, file_row_number AS place FROM {run.candidate_rows} "
        f"WHERE file_row_number < {flags.rows} AND NOT {flags.is_rejected})"
    )
    parts = flags.rows // HASHES + 1
    suspects = []
    for part in range(parts):
        of_part = f"WHERE hash({key}) % {parts} = {part}" if parts > 1 else ""
        hashes = run.connection.execute(
            f"SELECT hash({key}) AS h FROM {good} {of_part}"
        ).fetchnumpy()["h"]
        hashes = np.ma.getdata(hashes)
        hashes.sort()
        suspects.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    run.connection.register("suspects", pa.table({"h": np.concatenate(suspects)}))
    run.connection.execute(
        f"""
        CREATE TEMP TABLE repeated AS
        SELECT place, {_NUMBERED} AS row FROM (
            SELECT place, place + {flags.source.first_row} AS first_row
            FROM {good} WHERE hash({key}) IN (SELECT h FROM suspects)
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY place) > 1
        ) AS numbered {_SHIFTED}
        """
        if run.one("SELECT count(*) FROM suspects")[0]
        else "CREATE TEMP TABLE repeated (place BIGINT, row BIGINT)"
    )


def _clear_consequences(flags: Flags) -> None:
    """Clear the bits that only follow from another, so that every fault is reported once.

    A row that cannot be read has no values to check, an empty one lacks its key, and a rejected one
    must not get a warning that says it was loaded.
    """
    empty, broken = 1 << EMPTY, 1 << BROKEN
    keys = dict.fromkeys(flags.rejecting, 0)
    for number, check in enumerate(flags.checks):
        if check.rule == "key_empty":
            keys[number // BITS] |= 1 << number % BITS
    cleared = ", ".join(
        f"{name} = {name} & CASE "
        f"WHEN check_flags_0 & {broken} <> 0 THEN {broken if group == 0 else 0}::UBIGINT "
        f"WHEN check_flags_0 & {empty} <> 0 THEN {keys[group]}::UBIGINT "
        f"ELSE {flags.rejecting[group]}::UBIGINT END"
        for group, name in enumerate(flags.plan.flag_columns)
    )
    connection = flags.run.connection
    connection.execute(f"UPDATE flagged SET {cleared} WHERE {flags.is_rejected}")
    connection.execute("DELETE FROM flagged WHERE place IN (SELECT place FROM repeated)")


def _any_bit(plan: Plan, bits: dict[int, int]) -> str:
    """Return the SQL condition that any of these bits is set."""
    terms = [
        f"{plan.flag_columns[group]} & {mask}::UBIGINT <> 0" for group, mask in bits.items() if mask
    ]
    return f"({' OR '.join(terms) or 'false'})"
