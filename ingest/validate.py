"""Judging one file: read, type, check and pseudonymise it into a work folder.

The outcome is a folder with the accepted rows, the quarantined rows, and all findings, and the
figures for the receipt. Nothing is published here: a judgement can be thrown away, which is all
that a dry run is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from common.sql import identifier, literal
from ingest import readers
from ingest.contract_sql import (
    BITS,
    Check,
    Plan,
    compile_plan,
    enum_types,
    identifier_message,
    masks,
)
from ingest.contracts import LANGUAGES, Contract, Severity, organisations
from ingest.identity_codes import masked
from ingest.keys import PseudonymKey
from ingest.messages import message
from ingest.periods import Period, derived_period
from ingest.readers import Manner, Problem, Source, Unreadable
from ingest.receipts import SHOWN, Finding
from ingest.volume import Thresholds

MEMORY = "1GB"
REFUSED_ABOVE = 0.10
DICTIONARY = 65_000
HASHES = 20_000_000
# The numbers of two checks that every plan begins with.
_EMPTY, _BROKEN = 0, 1
# The lake is read whole, never searched for a value: the filters that would help cost much to make.
_PARQUET = "(FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false)"
# What is read back and written once more is better written fast than small.
_PARQUET_FOR_NOW = "(FORMAT parquet, COMPRESSION snappy, WRITE_BLOOM_FILTER false)"
# A row's number: its place, moved on by the lines passed over before it.
_NUMBERED = "first_row + coalesce(shift, 0)"
_SHIFTED = (
    "ASOF LEFT JOIN (SELECT first_row AS from_row, shift FROM shifts) AS shifts "
    "ON numbered.first_row >= shifts.from_row"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What receiving one file may use, where it refuses, and where it waits for a person.

    Attributes:
        memory: DuckDB's memory limit; more is spilled to the work folder, beside the file itself.
        threads: DuckDB's threads; None is one for each core.
        refused_above: the share of rejected rows above which the whole file is refused.
        volume: from where on a change of a year's volume waits for a person.
    """

    memory: str = MEMORY
    threads: int | None = None
    refused_above: float = REFUSED_ABOVE
    volume: Thresholds = field(default_factory=Thresholds)


@dataclass(slots=True)
class Judgement:
    """What was found in a file.

    ``accepted`` and ``rejected`` are Parquet files in the work folder, ``errors`` a CSV there with
    every finding; None where there is nothing to hold.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_warned: int = 0
    is_refused: bool = False
    derived_period: str | None = None
    findings: list[Finding] = field(default_factory=list)
    findings_total: int = 0
    accepted: Path | None = None
    rejected: Path | None = None
    errors: Path | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The file to judge and what its place says of it."""

    path: Path
    extension: str
    contract: Contract
    organisation: str
    period: Period
    submission_id: str
    received_on: date
    fingerprint: readers.Fingerprint
    manner: Manner = field(default_factory=Manner)


def judge(
    subject: Subject,
    key: PseudonymKey,
    work: Path,
    limits: Limits,
    alongside: Callable[[], object] | None = None,
) -> Judgement:
    """Judge one file.

    Args:
        subject: the file.
        key: the key of pseudonyms.
        work: an empty folder, for everything that is written.
        limits: what may be used, and where a file is refused.
        alongside: something else to do while the engine reads the file, once or more often.

    Returns:
        The judgement. Whatever is in the file, nothing is raised for it.
    """
    with duckdb.connect(config=_config(work, limits)) as connection:
        # The engine's own bar would be printed into the command's output.
        connection.execute("SET enable_progress_bar = false")
        try:
            return _Judge(connection, subject, key, work, limits, alongside).judge()
        except Unreadable as unreadable:
            if unreadable.instead is None:
                return _refused([unreadable.problem], connection, work)
            again = replace(subject, manner=unreadable.instead)
    return judge(again, key, work, limits, alongside)


def refusal(problems: list[Problem], work: Path) -> Judgement:
    """Return the judgement of a file that is refused for where it stands, not for what it holds."""
    with duckdb.connect() as connection:
        return _refused(problems, connection, work)


def _config(work: Path, limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    spill = work / "spill"
    spill.mkdir(exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return config | ({"threads": limits.threads} if limits.threads else {})


class _Judge:
    """The steps of judging one file, over one connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        subject: Subject,
        key: PseudonymKey,
        work: Path,
        limits: Limits,
        alongside: Callable[[], object] | None,
    ) -> None:
        self.connection = connection
        self.subject = subject
        self.key = key
        self.work = work
        self.limits = limits
        self.alongside = alongside
        self.contract = subject.contract
        self.candidate = work / "candidate.parquet"
        self.notes: list[Problem] = []

    def judge(self) -> Judgement:
        source = self._open()
        if not self._is_in_force():
            self.notes.append(Problem("organisation_not_in_force"))
        plan = self._write_candidate(source)
        self._number_rows(plan, source)
        found = self._totals(plan)
        if found.rows_read == 0:
            raise Unreadable(Problem("no_rows"))
        rejected_share = found.rows_rejected / found.rows_read
        found.is_refused = rejected_share > self.limits.refused_above or found.rows_loaded == 0
        if found.is_refused:
            limit = f"{self.limits.refused_above:.0%}".replace("%", " %")
            values = {"rejected": found.rows_rejected, "read": found.rows_read, "limit": limit}
            self.notes.insert(0, Problem("too_many_rejected", values))
            found.rows_loaded = found.rows_warned = 0
        self._write_rows(plan, source, found)
        self._write_findings(plan, source, found)
        return found

    def _open(self) -> Source:
        subject = self.subject
        source = readers.open_source(
            self.connection,
            subject.path,
            subject.extension,
            self.contract,
            subject.fingerprint,
            self.work,
            subject.manner,
        )
        shown = [_shown(name, index) for index, name in source.unknown]
        self.notes += [
            Problem("unknown_column", {"column": name}, row=1, column=name) for name in shown
        ]
        return source

    def _is_in_force(self) -> bool:
        """Whether the organisation existed on any day of the stated period."""
        organisation = organisations().get(self.subject.organisation)
        if organisation is None:
            return True
        stated = self.subject.period
        first, last = stated.first.isoformat(), stated.last.isoformat()
        return (organisation.valid_from or first) <= last and first <= (
            organisation.valid_to or last
        )

    def _write_candidate(self, source: Source) -> Plan:
        """Write every row once, typed, checked and pseudonymised, in the order of the file."""
        subject = self.subject
        types = enum_types(self.contract, subject.organisation, subject.submission_id)
        for name, listed in types.items():
            values = ", ".join(literal(code) for code in listed)
            self.connection.execute(f"CREATE TYPE {name} AS ENUM ({values})")
        dictionaries = frozenset(
            index
            for index, column in enumerate(self.contract.columns)
            if column.is_identifier and self._make_dictionary(index, source)
        )
        plan = compile_plan(
            self.contract,
            period=self.subject.period,
            received_on=self.subject.received_on,
            dictionaries=dictionaries,
            has_widths=source.has_widths,
        )
        select = plan.select.replace("{source}", source.sql)
        # With the widths of broken rows in it, it never becomes the accepted file itself.
        form = _PARQUET_FOR_NOW if source.has_widths else _PARQUET
        try:
            with self._meanwhile():
                self._execute(f"COPY ({select}) TO {literal(self.candidate)} {form}")
        except duckdb.Error as error:
            raise _unreadable(error, self.subject) from None
        return plan

    @contextmanager
    def _meanwhile(self) -> Iterator[None]:
        """Do what there is to do beside, in a thread that has Python while the engine works."""
        if self.alongside is None:
            yield
            return
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(self.alongside)
            yield
            done.result()

    def _make_dictionary(self, index: int, source: Source) -> bool:
        """Pseudonymise a column's distinct values beforehand, where they are few.

        Nothing of it outlives the connection: a kept dictionary would undo the pseudonyms.
        """
        column = self.contract.columns[index]
        distinct = f"distinct_{index}"
        try:
            self.connection.execute(
                f"CREATE TEMP TABLE {distinct} AS SELECT DISTINCT r{index} AS raw "
                f"FROM ({source.sql}) LIMIT {DICTIONARY + 1}"
            )
        except duckdb.Error as error:
            raise _unreadable(error, self.subject) from None
        self._forget_passed_over(source)
        (count,) = self._one(f"SELECT count(raw) FROM {distinct}")
        if not 0 < count <= DICTIONARY:
            return False
        text = identifier_message(column, "raw")
        self._execute(
            f"CREATE TEMP TABLE inner_{index} AS "
            f"SELECT raw, sha256($inner || encode({text})) AS hash FROM {distinct} "
            "WHERE raw IS NOT NULL"
        )
        self._execute(
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
            self.connection.execute(statement)
        return True

    def _forget_passed_over(self, source: Source) -> None:
        if source.passes_over:
            self.connection.execute("DELETE FROM reject_errors")
            self.connection.execute("DELETE FROM reject_scans")

    def _number_rows(self, plan: Plan, source: Source) -> None:
        """Make the table ``flagged``: rows with a bit set, numbered as a person counts.

        A row's place in the candidate is its place in the file, but for the lines that the reader
        passed over: those it could not read and those that are blank.
        """
        passed_over = readers.passed_over(self.connection) if source.passes_over else []
        lost = [line.row for line in passed_over if line.is_lost]
        if lost:
            raise Unreadable(Problem("unterminated_quote", row=lost[0]))
        self.connection.execute(
            "CREATE TEMP TABLE malformed AS "
            "SELECT unnest($rows::BIGINT[]) AS row, unnest($found::INTEGER[]) AS found",
            {"rows": [line.row for line in passed_over], "found": [x.found for x in passed_over]},
        )
        blank = np.empty(0, np.int64)
        may_be_blank = (
            self.subject.fingerprint.may_have_blank_line or self.subject.manner.one_line_end
        )
        if source.lines is not None and may_be_blank:
            blank = readers.divided(source.lines, is_quoted=source.is_quoted).blank
        self.connection.register("blank", pa.table({"row": blank}))
        # Where several lines follow each other, the last of them says how far what follows moves.
        self.connection.execute(
            "CREATE TEMP TABLE shifts AS SELECT first_row, max(shift) AS shift FROM ("
            "SELECT row - (row_number() OVER (ORDER BY row) - 1) AS first_row, "
            "row_number() OVER (ORDER BY row) AS shift "
            "FROM (SELECT row FROM malformed UNION SELECT row FROM blank)) GROUP BY first_row"
        )
        self._weigh(plan)
        bits = ", ".join(
            f"{name} & {self.kept[group]}::UBIGINT AS {name}"
            for group, name in enumerate(plan.flag_columns)
        )
        any_bit = " OR ".join(f"{name} <> 0" for name in plan.flag_columns)
        flags = ", ".join(plan.flag_columns)
        self.connection.execute(
            f"""
            CREATE TEMP TABLE flagged AS
            SELECT place, {_NUMBERED} AS row, {flags}
            FROM (
                SELECT place, place + {source.first_row} AS first_row, {flags}
                FROM (SELECT file_row_number AS place, {bits} FROM {self._rows()})
                WHERE {any_bit}
            ) AS numbered {_SHIFTED}
            """
        )
        self._drop_empty_end()
        self._find_repeated_keys(plan, source)
        self._leave_out_consequences(plan)

    def _weigh(self, plan: Plan) -> None:
        """Decide which bits count, now that the whole file is known.

        An empty cell of a required boolean means no in a column marked with ``x``, or in one with
        nothing else; in a column of words it is missing.
        """
        aggregates = ", ".join(f"coalesce(bit_or({name}), 0)" for name in plan.flag_columns)
        anywhere = self._one(f"SELECT {aggregates} FROM {self._rows()}")

        def is_set(number: int) -> bool:
            return bool(anywhere[number // BITS] >> number % BITS & 1)

        lenient = {mark.empty for mark in plan.marks if is_set(mark.cross) or not is_set(mark.word)}
        counted = [
            replace(check, severity=None) if number in lenient else check
            for number, check in enumerate(plan.checks)
        ]
        self.checks = tuple(counted)
        self.rejecting = masks(counted, Severity.REJECT)
        self.warning = masks(counted, Severity.WARN)
        self.kept = {
            group: self.rejecting[group] | self.warning[group] | (1 if group == 0 else 0)
            for group in self.rejecting
        }

    def _drop_empty_end(self) -> None:
        """Find where the rows end: empty lines at the end are no rows."""
        (self.rows,) = self._one(f"SELECT count(*) FROM read_parquet({literal(self.candidate)})")
        # Places of empty rows that reach the end without a gap: place + (how many follow) = last.
        (empty,) = self._one(
            "SELECT count(*) FROM (SELECT place, row_number() OVER (ORDER BY place DESC) AS nth "
            f"FROM flagged WHERE check_flags_0 & 1 <> 0) WHERE place + nth = {self.rows}"
        )
        self.rows -= empty
        self.connection.execute(f"DELETE FROM flagged WHERE place >= {self.rows}")

    def _find_repeated_keys(self, plan: Plan, source: Source) -> None:
        """Make the table ``repeated``: rows whose key an earlier good row has.

        Hashes are compared first, eight bytes a row and sorted, so many at a time that memory is
        bounded; only keys whose hash repeats are compared themselves.
        """
        key = ", ".join(identifier(column.name) for column in self.contract.key)
        good = (
            f"(SELECT {key}, file_row_number AS place FROM {self._rows()} "
            f"WHERE file_row_number < {self.rows} AND NOT {self._is_rejected(plan)})"
        )
        parts = self.rows // HASHES + 1
        suspects = []
        for part in range(parts):
            these = f"WHERE hash({key}) % {parts} = {part}" if parts > 1 else ""
            hashes = self.connection.execute(
                f"SELECT hash({key}) AS h FROM {good} {these}"
            ).fetchnumpy()["h"]
            hashes = np.ma.getdata(hashes)
            hashes.sort()
            suspects.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
        self.connection.register("suspects", pa.table({"h": np.concatenate(suspects)}))
        self.connection.execute(
            f"""
            CREATE TEMP TABLE repeated AS
            SELECT place, {_NUMBERED} AS row FROM (
                SELECT place, place + {source.first_row} AS first_row
                FROM {good} WHERE hash({key}) IN (SELECT h FROM suspects)
                QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY place) > 1
            ) AS numbered {_SHIFTED}
            """
            if self._one("SELECT count(*) FROM suspects")[0]
            else "CREATE TEMP TABLE repeated (place BIGINT, row BIGINT)"
        )

    def _leave_out_consequences(self, plan: Plan) -> None:
        """Clear the bits that only follow from another: a person is told what to mend, once.

        A row that cannot be read has no values to fault, one with nothing in it lacks its key, and
        of a rejected one it would be wrong to say that it was loaded but should be looked at.
        """
        empty, broken = 1 << _EMPTY, 1 << _BROKEN
        keys = dict.fromkeys(self.rejecting, 0)
        for number, check in enumerate(self.checks):
            if check.rule == "key_empty":
                keys[number // BITS] |= 1 << number % BITS
        cleared = ", ".join(
            f"{name} = {name} & CASE "
            f"WHEN check_flags_0 & {broken} <> 0 THEN {broken if group == 0 else 0}::UBIGINT "
            f"WHEN check_flags_0 & {empty} <> 0 THEN {keys[group]}::UBIGINT "
            f"ELSE {self.rejecting[group]}::UBIGINT END"
            for group, name in enumerate(plan.flag_columns)
        )
        self.connection.execute(f"UPDATE flagged SET {cleared} WHERE {self._is_rejected(plan)}")
        self.connection.execute("DELETE FROM flagged WHERE place IN (SELECT place FROM repeated)")

    def _totals(self, plan: Plan) -> Judgement:
        warned = _any_of(plan, self.warning)
        rejected = self._is_rejected(plan)
        broken, marked = self._one(
            f"SELECT count(*) FILTER ({rejected}), count(*) FILTER ({warned} AND NOT {rejected}) "
            "FROM flagged"
        )
        (repeated,) = self._one("SELECT count(*) FROM repeated")
        (malformed,) = self._one("SELECT count(*) FROM malformed")
        found = Judgement(
            rows_read=self.rows + malformed,
            rows_rejected=broken + repeated + malformed,
            rows_warned=marked,
        )
        found.rows_loaded = found.rows_read - found.rows_rejected
        found.derived_period = self._derived_period(plan)
        return found

    def _derived_period(self, plan: Plan) -> str | None:
        """Tell the period of the dates themselves, where good rows lie outside the stated one."""
        column = self.contract.period_date
        if column is None:
            return None
        first, last = self._one(
            f"SELECT min({identifier(column)}), max({identifier(column)}) FROM {self._rows()} "
            f"WHERE file_row_number < {self.rows} AND NOT {self._is_rejected(plan)}"
        )
        stated = self.subject.period
        if first is None or (stated.first <= first and last <= stated.last):
            return None
        return derived_period(first, last)

    def _write_rows(self, plan: Plan, source: Source, found: Judgement) -> None:
        """Part the candidate into accepted and rejected rows; with nothing to part, keep it."""
        (total,) = self._one(f"SELECT count(*) FROM read_parquet({literal(self.candidate)})")
        if found.rows_rejected == 0 and total == self.rows and not source.has_widths:
            found.accepted = self.candidate
            return
        columns = ", ".join(identifier(name) for name in plan.lake_columns)
        if not found.is_refused:
            found.accepted = self.work / "accepted.parquet"
            flags = ", ".join(plan.flag_columns)
            # A filter keeps the order of the file, which looking rows up in a table may not: the
            # repeated ones are bits, one for each row.
            is_first = ""
            if self._one("SELECT count(*) FROM repeated")[0]:
                self.connection.execute(
                    "SET VARIABLE repeated = (SELECT bitstring_agg(place::BIGINT, 0, "
                    f"{self.rows - 1}::BIGINT) FROM repeated)"
                )
                is_first = "AND get_bit(getvariable('repeated'), file_row_number::INTEGER) = 0"
            self.connection.execute(
                f"COPY (SELECT {columns}, {flags} FROM {self._rows()} "
                f"WHERE file_row_number < {self.rows} "
                f"AND NOT {self._is_rejected(plan)} {is_first}) "
                f"TO {literal(found.accepted)} {_PARQUET}"
            )
        if found.rows_rejected:
            found.rejected = self.work / "rejected.parquet"
            self._execute(self._rejected_rows(plan, found.rejected))

    def _rejected_rows(self, plan: Plan, path: Path) -> str:
        parts = [
            f"CASE WHEN {name} & {1 << n % BITS}::UBIGINT <> 0 THEN '{check.rule}' END"
            for n, check in enumerate(self.checks)
            if check.severity is Severity.REJECT
            for name in (plan.flag_columns[n // BITS],)
        ]
        rules = f"list_distinct(list_filter([{', '.join(parts)}], lambda t: t IS NOT NULL))"
        values = ", ".join(
            f"CASE WHEN NOT list_contains(rules, 'malformed_row') THEN {identifier(name)} END "
            f"AS {identifier(name)}"
            for name in plan.lake_columns[2:]
        )
        return (
            # What stands in a row that cannot be taken apart may stand in a wrong column.
            f"COPY (SELECT organisation, submission_id, {values}, source_row, rules FROM ("
            f"SELECT candidate.*, quarantined.row AS source_row, quarantined.rules "
            f"FROM {self._rows()} AS candidate JOIN ("
            f"SELECT place, row, list_sort({rules}) AS rules FROM flagged "
            f"WHERE {self._is_rejected(plan)} "
            "UNION ALL SELECT place, row, ['duplicate_key'] FROM repeated) AS quarantined "
            "ON candidate.file_row_number = quarantined.place "
            "UNION ALL BY NAME "
            "SELECT $organisation AS organisation, $submission_id AS submission_id, "
            "row AS source_row, ['malformed_row'] AS rules FROM malformed) "
            f"ORDER BY source_row) TO {literal(path)} {_PARQUET}"
        )

    def _write_findings(self, plan: Plan, source: Source, found: Judgement) -> None:
        """Write every finding to a CSV, the first of them into the judgement."""
        if found.derived_period:
            values: dict[str, object] = {
                "derived": found.derived_period,
                "stated": self.subject.period.text,
            }
            self.notes.append(Problem("period_derived", values))
        checks = [_told(check, found, self.subject.period) for check in self.checks]
        texts = [*checks, _repeated_key(self.contract), _malformed(source.width)]
        _register_texts(self.connection, texts)
        told = [
            f"SELECT row, {n} AS number, '' AS found FROM flagged "
            f"WHERE {plan.flag_columns[n // BITS]} & {1 << n % BITS}::UBIGINT <> 0"
            for n, check in enumerate(checks)
            if (check.severity is Severity.REJECT and (n != _BROKEN or not source.has_widths))
            # A warning says that the row was loaded.
            or (check.severity is Severity.WARN and not found.is_refused)
        ]
        told.append(f"SELECT row, {len(checks)}, '' FROM repeated")
        told.append(
            f"SELECT row, {len(checks) + 1}, coalesce(nullif(found, 0)::VARCHAR, '?') "
            "FROM malformed"
        )
        if source.has_widths:
            told.append(
                f"SELECT row, {len(checks) + 1}, check_width::VARCHAR FROM flagged "
                f"JOIN (SELECT file_row_number AS place, check_width FROM {self._rows()} "
                "WHERE check_width IS NOT NULL) USING (place) "
                f"WHERE check_flags_0 & {1 << _BROKEN} <> 0"
            )
        # Only a malformed row's message differs from row to row: how many values it has.
        worded = ", ".join(
            f"replace(message_{language}, '{{found}}', found) AS message_{language}"
            for language in LANGUAGES
        )
        self.connection.execute(
            "CREATE TEMP VIEW told AS "
            f"SELECT row, number, texts.* EXCLUDE (number) REPLACE ({worded}) "
            f"FROM ({' UNION ALL '.join(told)}) JOIN texts USING (number)"
        )
        _write_findings(self.connection, self.notes, self.work, found)

    def _rows(self) -> str:
        return f"read_parquet({literal(self.candidate)}, file_row_number=true)"

    def _is_rejected(self, plan: Plan) -> str:
        return _any_of(plan, self.rejecting)

    def _execute(self, sql: str) -> None:
        """Run SQL with those of the parameters that it names; keys travel only as parameters."""
        parameters = {
            "organisation": self.subject.organisation,
            "submission_id": self.subject.submission_id,
            "inner": self.key.inner,
            "outer": self.key.outer,
            "key_id": self.key.id,
        }
        self.connection.execute(sql, {k: v for k, v in parameters.items() if f"${k}" in sql})

    def _one(self, sql: str) -> tuple[Any, ...]:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row


def _any_of(plan: Plan, bits: dict[int, int]) -> str:
    """Return the SQL that tells whether any of these bits is set."""
    terms = [
        f"{plan.flag_columns[group]} & {mask}::UBIGINT <> 0" for group, mask in bits.items() if mask
    ]
    return f"({' OR '.join(terms) or 'false'})"


def _told(check: Check, found: Judgement, stated: Period) -> Check:
    """Fill in the messages that only the whole file can word."""
    if check.rule != "outside_period":
        return check
    derived = found.derived_period or stated.text
    return replace(check, message=message("outside_period", period=stated.text, derived=derived))


def _repeated_key(contract: Contract) -> Check:
    column = contract.key[0].name
    return Check("duplicate_key", column, Severity.REJECT, message("duplicate_key"), "", "")


def _malformed(expected: int) -> Check:
    text = message("malformed_row", expected=expected, found="{found}")
    return Check("malformed_row", None, Severity.REJECT, text, "", "")


def _register_texts(connection: duckdb.DuckDBPyConnection, checks: list[Check]) -> None:
    """Put the texts of the checks beside the rows that broke them, as a small table."""
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


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows, of which there may be none or tens of thousands, in one statement."""
    if not rows:
        return
    columns = {f"c{nth}": list(values) for nth, values in enumerate(zip(*rows, strict=True))}
    values = ", ".join(f"unnest(${name})" for name in columns)
    connection.execute(f"INSERT INTO {table} SELECT {values}", columns)


def _write_findings(
    connection: duckdb.DuckDBPyConnection, notes: list[Problem], work: Path, found: Judgement
) -> None:
    """Write notes and the view ``told`` as errors.csv, and the first of them into the judgement."""
    connection.execute(
        'CREATE TEMP TABLE notes (nth INTEGER, row BIGINT, "column" VARCHAR, rule VARCHAR, '
        "severity VARCHAR, message_fi VARCHAR, message_sv VARCHAR, message_en VARCHAR, "
        "allowed VARCHAR)"
    )
    _insert(
        connection,
        "notes",
        [
            (
                nth,
                problem.row,
                problem.column,
                problem.key,
                str(Severity.WARN if problem.key in _REMARKS else Severity.REJECT),
                text.fi,
                text.sv,
                text.en,
                str(problem.values.get("allowed", "")),
            )
            for nth, problem in enumerate(notes)
            for text in (message(problem.key, **problem.values),)
        ],
    )
    columns = 'row, "column", rule, severity, message_fi, message_sv, message_en, allowed'
    connection.execute(
        f"CREATE TEMP VIEW findings AS SELECT {columns} FROM ("
        f"SELECT nth, {columns} FROM notes UNION ALL "
        f"SELECT {len(notes)} + number, {columns} FROM told) "
        "ORDER BY row NULLS FIRST, nth"
    )
    found.errors = work / "errors.csv"
    connection.execute(
        f"COPY (SELECT * FROM findings) TO {literal(found.errors)} (FORMAT csv, HEADER)"
    )
    total = connection.execute("SELECT count(*) FROM findings").fetchone()
    found.findings_total = total[0] if total else 0
    names = ["row", "column", "rule", "severity"]
    names += ["message_fi", "message_sv", "message_en", "allowed"]
    found.findings = [
        Finding(**dict(zip(names, values, strict=True)))
        for values in connection.execute(f"SELECT * FROM findings LIMIT {SHOWN}").fetchall()
    ]


_REMARKS = frozenset({"unknown_column", "period_derived", "organisation_not_in_force"})


def _refused(
    problems: list[Problem], connection: duckdb.DuckDBPyConnection, work: Path
) -> Judgement:
    found = Judgement(is_refused=True)
    _register_texts(connection, [])
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW told AS SELECT NULL::BIGINT AS row, * FROM texts WHERE false"
    )
    _write_findings(connection, problems, work, found)
    return found


def _unreadable(error: duckdb.Error, subject: Subject) -> Exception:
    """Tell a file that cannot be read from a fault of ours; the engine's text is not passed on.

    The engine quotes the line it stumbled on, which may name a person.
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
    kind = "JSON lines" if subject.extension == "jsonl" else subject.extension.upper()
    return readers.not_readable(error, kind, subject.manner)


def _shown(name: str, index: int) -> str:
    """Name an unknown column by its header where that is one word, else by its position.

    Where a file has no header, or keys that are values, it may be somebody's name.
    """
    text = name.strip()
    is_word = re.fullmatch(r"[^\W\d]\w{0,59}", text) is not None and masked(text) == text
    return text if is_word else f"({index + 1})"
