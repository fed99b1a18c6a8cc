"""A contract as DuckDB SQL: type, check and pseudonymise a whole file in one pass.

The reader yields one text column ``r0, r1, …`` for each column of the contract, in file order and
without surrounding space. The SQL made here types every value (:mod:`ingest.value_sql`), sets one
bit for every check that a row breaks, and replaces identifiers. It has no join and no window, so
the rows stay in the order of the file, and a row's place in the result is its place in the file.

No value and no key is ever written into SQL text; only names and constants of the contract are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from common.sql import identifier
from ingest.contracts import (
    LANGUAGES,
    Column,
    Contract,
    Kind,
    Severity,
    Texts,
    ceased_municipalities,
    codes,
)
from ingest.messages import message
from ingest.periods import Period
from ingest.readers.cleaning import UNREADABLE
from ingest.value_sql import (
    BOOLEAN_WORDS,
    enum_type,
    is_ambiguous,
    is_empty,
    prepared_columns,
    typed_columns,
)

EARLIEST = date(1950, 1, 1)
BITS = 60
_LONG_LIST = 40
# Types of one value each: a constant column written as an ENUM costs next to nothing, as text it
# costs as much as a column of the file.
ONE_ORGANISATION = "one_organisation"
ONE_SUBMISSION = "one_submission"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a row can break.

    ``breaks`` is a DuckDB boolean over raw (``r0``…) and typed columns. A check without severity
    is not a fault, but a property of the row that decides other checks.
    """

    rule: str
    column: str | None
    severity: Severity | None
    message: Texts
    allowed: str
    breaks: str


@dataclass(frozen=True, slots=True)
class BooleanBits:
    """The numbers of a boolean column's checks: is the cell empty, an ``x``, or another word."""

    column: str
    empty: int
    cross: int
    word: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A contract compiled for one file.

    ``checks`` are numbered; check *n* is bit ``n % BITS`` of ``check_flags_<n // BITS>``.
    ``select`` reads the relation ``{source}`` and needs the parameters ``$organisation``,
    ``$submission_id`` and, where pseudonyms are made row by row, ``$inner``, ``$outer`` and
    ``$key_id``.
    """

    contract: Contract
    checks: tuple[Check, ...]
    booleans: tuple[BooleanBits, ...]
    select: str
    unreadable: str | None = None

    @property
    def flag_columns(self) -> tuple[str, ...]:
        """The names of the columns that hold the bits."""
        return tuple(f"check_flags_{n}" for n in range((len(self.checks) - 1) // BITS + 1))

    @property
    def lake_columns(self) -> tuple[str, ...]:
        """The columns of the lake's files, in order, without the bits."""
        names = ["organisation", "submission_id"]
        for column in self.contract.columns:
            names.append(column.name)
            if column.kind is Kind.PERSON:
                names += ["birth_year", "sex"]
        return (*names, "warnings")


def compile_plan(
    contract: Contract,
    *,
    period: Period,
    received_on: date,
    pseudonyms: Mapping[int, str] | None = None,
    has_value_counts: bool = False,
    unreadable: str | None = None,
    is_ascii: bool = False,
) -> Plan:
    """Compile a contract to the SQL and the checks for one file.

    Args:
        contract: the feed's contract.
        period: the period that the submission states.
        received_on: the day of receipt; no date may lie after it.
        pseudonyms: the SQL of the row's pseudonym for each identifier column, by its index, whose
            pseudonyms are made already.
        has_value_counts: whether the source yields ``value_count``, which the plan then yields
            as ``check_width``.
        unreadable: the rule that a cell breaks whose value could not be read; None where every
            cell could.
        is_ascii: whether every text of the file is ASCII.

    Returns:
        The plan; its ``select`` has one placeholder, ``{source}``.
    """
    checks: list[Check] = [_empty_row(contract), _broken_row()]
    booleans: list[BooleanBits] = []
    for index, column in enumerate(contract.columns):
        checks += _column_checks(index, column, received_on)
        if column.kind is Kind.BOOLEAN and column.required:
            checks += _boolean_notation(index, column)
            booleans.append(
                BooleanBits(column.name, len(checks) - 3, len(checks) - 2, len(checks) - 1)
            )
    if unreadable is not None:
        checks = _with_unreadable(checks, contract, unreadable)
    checks += [
        Check(
            rule.id,
            rule.column,
            rule.severity,
            rule.message,
            "",
            f"NOT ({rule.holds})",
        )
        for rule in contract.rules
    ]
    checks += _ceased_municipalities(contract, period, received_on)
    if contract.period_date is not None:
        name = identifier(contract.period_date)
        checks.append(
            Check(
                "outside_period",
                contract.period_date,
                Severity.WARN,
                Texts("", "", ""),
                f"{period.first} – {period.last}",
                f"{name} NOT BETWEEN DATE '{period.first}' AND DATE '{period.last}'",
            )
        )
    select = _select(
        contract,
        checks,
        received_on,
        pseudonyms or {},
        has_value_counts=has_value_counts,
        is_ascii=is_ascii,
    )
    return Plan(contract, tuple(checks), tuple(booleans), select, unreadable)


def enum_types(
    contract: Contract, organisation: str, submission_id: str
) -> dict[str, tuple[str, ...]]:
    """Return the values of the DuckDB ENUM types that a plan needs, by type name."""
    listed = {
        enum_type(column.code_list): codes(column.code_list)
        for column in contract.columns
        if column.code_list is not None
    }
    return listed | {ONE_ORGANISATION: (organisation,), ONE_SUBMISSION: (submission_id,)}


def _empty_row(contract: Contract) -> Check:
    """Return the check for a row without any value; its key is seldom empty and is tested first."""
    rest = " AND ".join(is_empty(f"r{index}") for index in range(len(contract.columns)))
    first = f"{identifier(contract.key[0].name)} IS NULL"
    return Check(
        "empty_row",
        None,
        None,
        Texts("", "", ""),
        "",
        f"CASE WHEN {first} AND NOT broken THEN {rest} ELSE false END",
    )


def _broken_row() -> Check:
    text = message("not_readable_row")
    return Check("malformed_row", None, Severity.REJECT, text, "", "broken")


def _with_unreadable(checks: list[Check], contract: Contract, rule: str) -> list[Check]:
    """Add the check for cells whose value could not be read; they break no other of theirs."""
    raws = {column.name: f"r{index}" for index, column in enumerate(contract.columns)}
    marked = {name: f"{raw} = chr({ord(UNREADABLE)})" for name, raw in raws.items()}
    silenced = [
        replace(
            check, breaks=f"CASE WHEN {marked[check.column]} THEN false ELSE {check.breaks} END"
        )
        if check.column in marked
        else check
        for check in checks
    ]
    added = [
        Check(rule, name, Severity.REJECT, message(rule), "", breaks)
        for name, breaks in marked.items()
    ]
    return silenced + added


def _column_checks(index: int, column: Column, received_on: date) -> list[Check]:
    raw, typed = f"r{index}", identifier(column.name)
    checks: list[Check] = []

    def add(key: str, breaks: str, allowed: str = "", *, text: str = "", **values: object) -> None:
        severity = Severity.WARN if key == "identity_code_temporary" else Severity.REJECT
        checks.append(
            Check(
                key,
                column.name,
                severity,
                message(text or key, **values),
                allowed,
                breaks,
            )
        )

    # CASE tests the raw text only where the typed value is NULL, which is rare.
    empty = f"CASE WHEN {typed} IS NULL THEN {is_empty(raw)} ELSE false END"
    unread = f"CASE WHEN {typed} IS NULL THEN NOT {is_empty(raw)} ELSE false END"
    if column.required and column.kind is not Kind.BOOLEAN:
        add(
            "key_empty" if column.key else "required",
            empty,
            text=_text_of_empty(column),
            column=column.name,
        )
    match column.kind:
        case Kind.DATE:
            add("type_date", unread, "2019-03-14, 14.3.2019")
            if not column.may_be_planned:
                add("date_in_future", f"{typed} > DATE '{received_on}'", f"≤ {received_on}")
            add("date_too_early", f"{typed} < DATE '{EARLIEST}'", f"≥ {EARLIEST}")
        case Kind.BOOLEAN:
            add("type_boolean", unread, BOOLEAN_WORDS)
        case Kind.INTEGER | Kind.NUMBER:
            key = "type_integer" if column.kind is Kind.INTEGER else "type_number"
            if column.kind is Kind.INTEGER:
                ambiguous = f"CASE WHEN {typed} IS NULL THEN {is_ambiguous(raw)} ELSE false END"
                add("number_ambiguous", ambiguous, _allowed_numbers(column))
                unread = f"{unread} AND NOT {is_ambiguous(raw)}"
            add(key, unread, _allowed_numbers(column))
            checks += _range_checks(column, typed)
        case Kind.CODE:
            add("code", unread, _allowed_codes(column), list=column.code_list)
        case Kind.CODES:
            add("codes", f"u{index}", _allowed_codes(column), list=column.code_list)
        case Kind.TEXT | Kind.ID:
            add("identity_code_in_text", f"i{index}")
        case Kind.PERSON:
            add("identity_code_invalid", f"CASE WHEN NOT v{index} THEN NOT {is_empty(raw)} END")
            add("identity_code_temporary", f"v{index} AND substr(n{index}, 8, 1) = '9'")
        case Kind.WORKER:
            pass
    return checks


def _ceased_municipalities(contract: Contract, period: Period, received_on: date) -> list[Check]:
    """Return the checks for municipalities that had ceased on the row's date.

    A row of a spell tells the municipality of its last day in the stated period: a client who came
    before a merger lives in the new municipality after it. Any other row tells that of its own
    date, and a row of a year that of the year's last day.
    """
    day = _day_of_municipality(contract, period, received_on)
    return [
        Check(
            "municipality_ceased",
            column.name,
            Severity.WARN,
            _ceased_message(ceased.label, ceased.successor_label, ceased.last_day),
            ceased.successor,
            f"CASE WHEN {identifier(column.name)} = '{ceased.code}' "
            f"THEN {day} > DATE '{ceased.last_day}' ELSE false END",
        )
        for column in contract.columns
        if day is not None and column.code_list == "municipalities"
        for ceased in ceased_municipalities()
    ]


def _day_of_municipality(contract: Contract, period: Period, received_on: date) -> str | None:
    """Return the SQL of the day on which a row's municipality holds; None where it has no date."""
    if contract.period_date is not None:
        return identifier(contract.period_date)
    dates = [column for column in contract.columns if column.kind is Kind.DATE]
    if not dates:
        years = [column for column in contract.columns if column.name == "year"]
        # Tried: a year beyond the calendar is another check's fault.
        return "try_cast(\"year\"::VARCHAR || '-12-31' AS DATE)" if years else None
    first = identifier(dates[0].name)
    ends = [identifier(column.name) for column in dates if column.may_be_planned]
    if not ends:
        return first
    last = f"DATE '{min(period.last, received_on)}'"
    return f"greatest({first}, least(coalesce({ends[0]}, {last}), {last}))"


def _ceased_message(ceased: Texts, successor: Texts, last_day: str) -> Texts:
    year, month, day = (int(part) for part in last_day.split("-"))
    days = {"fi": f"{day}.{month}.{year}", "sv": f"{day}.{month}.{year}", "en": last_day}
    return Texts(
        *(
            getattr(
                message(
                    "municipality_ceased",
                    municipality=getattr(ceased, language),
                    successor=getattr(successor, language),
                    last_day=days[language],
                ),
                language,
            )
            for language in LANGUAGES
        )
    )


def _range_checks(column: Column, typed: str) -> list[Check]:
    low, high = column.minimum, column.maximum
    if low is None and high is None:
        return []
    text = {"minimum": low, "maximum": high}
    if low is not None and high is not None:
        key, breaks = "range", f"{typed} NOT BETWEEN {low} AND {high}"
    elif low is not None:
        key, breaks = "minimum", f"{typed} < {low}"
    else:
        key, breaks = "maximum", f"{typed} > {high}"
    allowed = _allowed_numbers(column)
    return [Check("range", column.name, Severity.REJECT, message(key, **text), allowed, breaks)]


def _text_of_empty(column: Column) -> str:
    """Return the key of the message for a cell that must not be empty."""
    if column.key:
        return "key_empty"
    match column.kind:
        case Kind.DATE:
            return "required_date"
        case Kind.INTEGER | Kind.NUMBER:
            return "required_number"
        case Kind.BOOLEAN:
            return "required_boolean"
    return "required"


def _allowed_numbers(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f"{low}–{high}"
    if low is not None:
        return f"≥ {low}"
    return "" if high is None else f"≤ {high}"


def _allowed_codes(column: Column) -> str:
    listed = codes(column.code_list or "")
    if len(listed) > _LONG_LIST:
        return f"{column.code_list}: {listed[0]}, {listed[1]} … {listed[-1]} ({len(listed)})"
    return ", ".join(listed)


def _boolean_notation(index: int, column: Column) -> list[Check]:
    """Return the checks that show the notation of a required boolean's cell.

    In a column of ``x`` and empty, an empty cell means no; in a column of words, it is missing.
    Only the whole column shows which, so the bits are evaluated once the whole file is read.
    """
    raw = f"r{index}"
    cross = f"lower({raw}) = 'x'"
    return [
        Check(
            "key_empty" if column.key else "required",
            column.name,
            Severity.REJECT,
            message(_text_of_empty(column), column=column.name),
            BOOLEAN_WORDS,
            is_empty(raw),
        ),
        Check("cross", column.name, None, Texts("", "", ""), "", cross),
        Check(
            "word",
            column.name,
            None,
            Texts("", "", ""),
            "",
            f"NOT {is_empty(raw)} AND NOT coalesce({cross}, false)",
        ),
    ]


def _select(
    contract: Contract,
    checks: list[Check],
    received_on: date,
    pseudonyms: Mapping[int, str],
    *,
    has_value_counts: bool,
    is_ascii: bool,
) -> str:
    prepared, typed, names = ["*"], ["*"], []
    for index, column in enumerate(contract.columns):
        prepared += prepared_columns(index, column, received_on, is_ascii=is_ascii)
        values = typed_columns(index, column, pseudonyms.get(index))
        typed += [f"{value} AS {identifier(name)}" for name, value in values]
        names += [identifier(name) for name, _ in values]
    flags = [
        " | ".join(
            f"CASE WHEN {check.breaks} THEN {1 << bit}::UBIGINT ELSE 0::UBIGINT END"
            for bit, check in enumerate(checks[start : start + BITS])
        )
        + f" AS check_flags_{start // BITS}"
        for start in range(0, len(checks), BITS)
    ]
    flag_names = [f"check_flags_{n}" for n in range(len(flags))]
    return (
        f"SELECT $organisation::{ONE_ORGANISATION} AS organisation, "
        f"$submission_id::{ONE_SUBMISSION} AS submission_id, "
        f"{', '.join(names)}, {_warnings(checks)} AS warnings, {', '.join(flag_names)}"
        f"{', value_count AS check_width' if has_value_counts else ''}\n"
        f"FROM (SELECT *, {', '.join(flags)}\n"
        f"FROM (SELECT {', '.join(typed)}\n"
        f"FROM (SELECT {', '.join(prepared)} FROM ({{source}}))))"
    )


def _warnings(checks: list[Check]) -> str:
    """Return the SQL of the list of warn rules that a row broke; NULL for none."""
    warned = [
        (f"check_flags_{n // BITS} & {1 << n % BITS}::UBIGINT <> 0", check.rule)
        for n, check in enumerate(checks)
        if check.severity is Severity.WARN
    ]
    if not warned:
        return "NULL::VARCHAR[]"
    if len(warned) == 1:
        ((is_set, rule),) = warned
        return f"CASE WHEN {is_set} THEN ['{rule}'] END"
    parts = ", ".join(f"CASE WHEN {is_set} THEN '{rule}' END" for is_set, rule in warned)
    any_set = " OR ".join(is_set for is_set, _ in warned)
    return f"CASE WHEN {any_set} THEN list_filter([{parts}], lambda t: t IS NOT NULL) END"


def masks(checks: list[Check] | tuple[Check, ...], severity: Severity) -> dict[int, int]:
    """Return, for each flag column, the bits of the checks of a severity."""
    found = dict.fromkeys(range((len(checks) - 1) // BITS + 1), 0)
    for number, check in enumerate(checks):
        if check.severity is severity:
            found[number // BITS] |= 1 << number % BITS
    return found
