"""A contract as DuckDB SQL: type, check and pseudonymise a whole file in one pass.

The reader hands over one text column ``r0, r1, …`` for each column of the contract, in file order
and without surrounding space.
The SQL made here types every value, sets one bit for every check that a row breaks, and replaces
identifiers, without a join and without a window, so that the rows stay in the order of the file
and a row's place in the result is its place in the file.

No value and no key is ever written into SQL text; only names and constants of the contract are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common.sql import identifier
from ingest.contracts import Column, Contract, Kind, Severity, Texts, codes
from ingest.identity_codes import MASK
from ingest.messages import message
from ingest.periods import Period

EARLIEST = date(1950, 1, 1)
BITS = 60
# What looks like a personal identity code, whatever dash an office program made of its own; it is
# one where nothing stands beside it, or by its check character in anything but hexadecimal.
_DASH = "[\\x{2010}-\\x{2015}\\x{2212}]"
_LIKE_CODE = f"[0-9]{{6}}([-+A-FU-Ya-fu-y]|{_DASH})[0-9]{{3}}[0-9A-Za-z]"
_ALONE = f"(^|[^0-9A-Za-z]){_LIKE_CODE}($|[^0-9A-Za-z])"
_HEXADECIMAL = "[0-9A-Fa-f-]*"
_HETU = "[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]"
_HETU_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_TRUE = ("1", "true", "kyllä", "yes", "x")
_FALSE = ("0", "false", "ei", "no")
_LONG_LIST = 40
# Types of one value each: a constant column written as an ENUM costs next to nothing, as text it
# costs as much as a column of the file.
ONE_ORGANISATION = "one_organisation"
ONE_SUBMISSION = "one_submission"
_ISO_DATE = (
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    "([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|[-+][0-9]{2}(:?[0-9]{2})?))?)?"
)
_FINNISH_DATE = "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a row can break.

    ``breaks`` is a DuckDB boolean over raw (``r0``…) and typed columns. A check without severity
    is a fact about the row that decides other checks, not a fault.
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
    ``$submission_id`` and, where an identifier has no dictionary, ``$inner``, ``$outer``
    and ``$key_id``.
    """

    contract: Contract
    checks: tuple[Check, ...]
    booleans: tuple[BooleanBits, ...]
    select: str

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
    dictionaries: frozenset[int] = frozenset(),
    has_value_counts: bool = False,
) -> Plan:
    """Compile a contract to the SQL and the checks for one file.

    Args:
        contract: the feed's contract.
        period: the period that the submission states.
        received_on: the day of receipt; no date may lie after it.
        dictionaries: indexes of identifier columns for which the connection holds the types
            ``raw_<i>`` and ``pseudonym_<i>`` and the variable ``pseudonyms_<i>``, which make
            pseudonymising a column with few distinct values many times cheaper.
        has_value_counts: whether the source yields ``value_count``, which the plan then yields
            as ``check_width``.

    Returns:
        The plan; its ``select`` has one placeholder, ``{source}``.
    """
    checks: list[Check] = [_empty_row(contract), _broken_row()]
    booleans: list[BooleanBits] = []
    for index, column in enumerate(contract.columns):
        checks += _column_checks(index, column, received_on)
        if column.kind is Kind.BOOLEAN and column.required:
            checks += _boolean_facts(index, column)
            booleans.append(
                BooleanBits(column.name, len(checks) - 3, len(checks) - 2, len(checks) - 1)
            )
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
    select = _select(contract, checks, received_on, dictionaries, has_value_counts=has_value_counts)
    return Plan(contract, tuple(checks), tuple(booleans), select)


def enum_types(
    contract: Contract, organisation: str, submission_id: str
) -> dict[str, tuple[str, ...]]:
    """Return the values of the DuckDB ENUM types that a plan needs, by type name."""
    listed = {
        _enum(column.code_list): codes(column.code_list)
        for column in contract.columns
        if column.code_list is not None
    }
    return listed | {ONE_ORGANISATION: (organisation,), ONE_SUBMISSION: (submission_id,)}


def identifier_message(column: Column, raw: str) -> str:
    """Return the SQL text of what a pseudonym is made of, normalised.

    Letters are upper-cased, the reader has dropped surrounding space; separators stay as they are.
    A worker's pseudonym is made of organisation and worker id, a person's of the personal identity
    code.
    """
    normalised = f"upper({raw})"
    return f"$organisation || '/' || {normalised}" if column.kind is Kind.WORKER else normalised


def pseudonym(message_sql: str) -> str:
    """Return the SQL of HMAC-SHA-256 over a text, with the key's id before it."""
    inner = f"sha256($inner || encode({message_sql}))"
    return f"$key_id || ':' || sha256($outer || unhex({inner}))"


def _empty_row(contract: Contract) -> Check:
    """Tell a row with nothing in it; the key is looked at first, since it is seldom empty."""
    rest = " AND ".join(_is_empty(f"r{index}") for index in range(len(contract.columns)))
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


def _column_checks(index: int, column: Column, received_on: date) -> list[Check]:
    raw, typed = f"r{index}", identifier(column.name)
    checks: list[Check] = []

    def add(key: str, breaks: str, allowed: str = "", **values: object) -> None:
        severity = Severity.WARN if key == "identity_code_temporary" else Severity.REJECT
        checks.append(
            Check(
                key,
                column.name,
                severity,
                message(key, **values),
                allowed,
                breaks,
            )
        )

    # CASE looks at the raw text only where the typed value is NULL, which is seldom.
    empty = f"CASE WHEN {typed} IS NULL THEN {_is_empty(raw)} ELSE false END"
    unread = f"CASE WHEN {typed} IS NULL THEN NOT {_is_empty(raw)} ELSE false END"
    if column.required and column.kind is not Kind.BOOLEAN:
        add("key_empty" if column.key else "required", empty, column=column.name)
    match column.kind:
        case Kind.DATE:
            add("type_date", unread, "2019-03-14, 14.3.2019")
            add("date_in_future", f"{typed} > DATE '{received_on}'", f"≤ {received_on}")
            add("date_too_early", f"{typed} < DATE '{EARLIEST}'", f"≥ {EARLIEST}")
        case Kind.BOOLEAN:
            add("type_boolean", unread, "1/0, true/false, kyllä/ei, yes/no, x")
        case Kind.INTEGER | Kind.NUMBER:
            key = "type_integer" if column.kind is Kind.INTEGER else "type_number"
            add(key, unread, _allowed_numbers(column))
            checks += _range_checks(column, typed)
        case Kind.CODE:
            add("code", unread, _allowed_codes(column))
        case Kind.CODES:
            add("codes", f"u{index}", _allowed_codes(column))
        case Kind.TEXT:
            add("identity_code_in_text", f"i{index}")
        case Kind.PERSON:
            add("identity_code_invalid", f"CASE WHEN NOT v{index} THEN NOT {_is_empty(raw)} END")
            add("identity_code_temporary", f"v{index} AND substr(n{index}, 8, 1) = '9'")
        case Kind.WORKER:
            pass
    return checks


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


def _allowed_numbers(column: Column) -> str:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return f"{low}–{high}"
    if low is not None:
        return f"≥ {low}"
    return "" if high is None else f"≤ {high}"


def _boolean_facts(index: int, column: Column) -> list[Check]:
    """State what notation a required boolean's cell is in.

    In a column of ``x`` and empty, an empty cell means no; in a column of words, it is missing.
    Only the whole column tells which, so the bits are read together when the file has been.
    """
    raw = f"r{index}"
    cross = f"lower({raw}) = 'x'"
    return [
        Check(
            "key_empty" if column.key else "required",
            column.name,
            Severity.REJECT,
            message("required", column=column.name),
            "1/0, true/false, kyllä/ei, yes/no, x",
            _is_empty(raw),
        ),
        Check("cross", column.name, None, Texts("", "", ""), "", cross),
        Check(
            "word",
            column.name,
            None,
            Texts("", "", ""),
            "",
            f"NOT {_is_empty(raw)} AND NOT coalesce({cross}, false)",
        ),
    ]


def _select(
    contract: Contract,
    checks: list[Check],
    received_on: date,
    dictionaries: frozenset[int],
    *,
    has_value_counts: bool,
) -> str:
    prepared, typed, names = ["*"], ["*"], []
    for index, column in enumerate(contract.columns):
        prepared += _prepared(index, column, received_on)
        values = _typed(index, column, dictionaries)
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


def _prepared(index: int, column: Column, received_on: date) -> list[str]:
    raw = f"r{index}"
    match column.kind:
        case Kind.TEXT:
            # The length is looked at first: it is cheap, and most texts are too short to hold one.
            return [
                f"CASE WHEN strlen({raw}) >= 11 AND regexp_matches({raw}, '{_LIKE_CODE}') "
                f"THEN {_holds_identity_code(raw, received_on)} ELSE false END AS i{index}"
            ]
        case Kind.DATE:
            return [f"try_cast({raw} AS DATE) AS d{index}"]
        case Kind.INTEGER | Kind.NUMBER:
            point, comma = f"try_cast({raw} AS DOUBLE)", f"replace({raw}, ',', '.')"
            return [f"coalesce({point}, try_cast({comma} AS DOUBLE)) AS m{index}"]
        case Kind.CODES:
            trimmed = f"list_transform(string_split({raw}, '|'), lambda t: trim(t))"
            parts = f"list_filter({trimmed}, lambda t: t <> '')"
            code = f"try_cast(t AS {_enum(column.code_list)})::VARCHAR"
            unknown = f"len(list_filter({parts}, lambda t: {code} IS NULL)) > 0"
            return [
                f"{parts} AS l{index}",
                f"list_transform({parts}, lambda t: {code}) AS x{index}",
                f"coalesce({unknown}, false) AS u{index}",
            ]
        case Kind.PERSON:
            normalised = f"upper({raw})"
            return [
                f"{normalised} AS n{index}",
                f"{_is_identity_code(normalised, received_on)} AS v{index}",
            ]
        case _:
            return []


def _typed(index: int, column: Column, dictionaries: frozenset[int]) -> list[tuple[str, str]]:
    raw = f"r{index}"
    match column.kind:
        case Kind.TEXT:
            value = f"CASE WHEN i{index} THEN '{MASK}' ELSE nullif({raw}, '') END"
        case Kind.DATE:
            value = _date(index)
        case Kind.BOOLEAN:
            value = _boolean(raw, "false" if column.required else "NULL")
        case Kind.INTEGER:
            whole = f"{_is_number(index)} AND m{index} = floor(m{index})"
            value = f"CASE WHEN {whole} THEN try_cast(m{index} AS INTEGER) END"
        case Kind.NUMBER:
            value = f"CASE WHEN {_is_number(index)} THEN m{index} END"
        case Kind.CODE:
            enum = _enum(column.code_list)
            value = f"try_cast({raw} AS {enum})"
            repaired = _repaired(raw, column)
            if repaired != raw:
                value = f"coalesce({value}, try_cast({repaired} AS {enum}))"
        case Kind.CODES:
            # A code named twice counts once; otherwise the order of the file is kept.
            value = (
                f"CASE WHEN len(l{index}) = 0 THEN NULL "
                f"WHEN len(list_distinct(x{index})) = len(x{index}) THEN x{index} "
                f"ELSE list_sort(list_distinct(x{index})) END"
            )
        case Kind.WORKER | Kind.PERSON:
            return _pseudonymised(index, column, dictionaries)
    return [(column.name, value)]


def _pseudonymised(
    index: int, column: Column, dictionaries: frozenset[int]
) -> list[tuple[str, str]]:
    raw = f"r{index}"
    if index in dictionaries:
        code = f"enum_code(try_cast({raw} AS raw_{index}))"
        value = f"list_extract(getvariable('pseudonyms_{index}'), {code}::INTEGER + 1)"
    else:
        value = pseudonym(identifier_message(column, raw))
    if column.kind is Kind.WORKER:
        return [(column.name, f"CASE WHEN NOT {_is_empty(raw)} THEN {value} END")]
    valid, code = f"v{index}", f"n{index}"
    year = f"({_century(code)} || substr({code}, 5, 2))::INTEGER"
    sex = f"CASE WHEN substr({code}, 10, 1)::INTEGER % 2 = 1 THEN 'male' ELSE 'female' END"
    masked = f"CASE WHEN NOT {_is_empty(raw)} THEN '{MASK}' END"
    return [
        (column.name, f"CASE WHEN {valid} THEN ({value})::VARCHAR ELSE {masked} END"),
        ("birth_year", f"CASE WHEN {valid} THEN {year} END"),
        ("sex", f"CASE WHEN {valid} THEN {sex} END"),
    ]


def _holds_identity_code(raw: str, received_on: date) -> str:
    """Return the SQL that tells a text with a personal identity code in it."""
    dashed = f"regexp_replace(upper({raw}), '{_DASH}', '-', 'g')"
    found = f"regexp_extract_all({dashed}, '{_HETU}')"
    valid = f"list_filter({found}, lambda t: {_is_identity_code('t', received_on)})"
    return (
        f"regexp_matches({raw}, '{_ALONE}') OR "
        f"NOT regexp_full_match({raw}, '{_HEXADECIMAL}') AND len({valid}) > 0"
    )


def _is_identity_code(code: str, received_on: date) -> str:
    """Return the SQL that tells a valid Finnish personal identity code.

    Source: Digital and Population Data Services Agency; separators of the decree in force since
    2023. Ten digits leave a remainder of 31 that names the check character; individual numbers
    begin at 002; the day of birth exists and is not after the day of receipt.
    """
    digits = f"(substr({code}, 1, 6) || substr({code}, 8, 3))::BIGINT"
    born = (
        f"try_cast({_century(code)} || substr({code}, 5, 2) || '-' || substr({code}, 3, 2) || '-' "
        f"|| substr({code}, 1, 2) AS DATE)"
    )
    return (
        f"CASE WHEN regexp_full_match({code}, '{_HETU}') THEN "
        f"coalesce(substr('{_HETU_CHARACTERS}', ({digits} % 31)::INTEGER + 1, 1) "
        f"= substr({code}, 11, 1) AND substr({code}, 8, 3)::INTEGER >= 2 "
        f"AND {born} <= DATE '{received_on}', false) ELSE false END"
    )


def _century(code: str) -> str:
    separator = f"substr({code}, 7, 1)"
    return (
        f"CASE WHEN {separator} = '+' THEN '18' "
        f"WHEN contains('-YXWVU', {separator}) THEN '19' ELSE '20' END"
    )


def _boolean(raw: str, empty: str) -> str:
    # Few enough words that DuckDB compares them in place; a longer list would become a join.
    word = f"lower({raw})"
    true = ", ".join(f"'{text}'" for text in _TRUE)
    false = ", ".join(f"'{text}'" for text in _FALSE)
    return (
        f"CASE WHEN {_is_empty(raw)} THEN {empty} "
        f"WHEN {word} IN ({true}) THEN true WHEN {word} IN ({false}) THEN false "
        f"WHEN try_cast({raw} AS DOUBLE) = 1 THEN true "
        f"WHEN try_cast({raw} AS DOUBLE) = 0 THEN false END"
    )


def _date(index: int) -> str:
    """Read a day; the engine's own cast takes ``2019-03-1O`` for the first of March, and ``epoch``.

    So its word is taken at once only where it would write the day the same way; anything else is
    held to the forms that are read, the time of day of a timestamp passed over.
    """
    raw, read = f"r{index}", f"d{index}"
    is_plain = f"strlen({raw}) = 10 AND {read}::VARCHAR = {raw}"
    return (
        f"CASE WHEN {is_plain} THEN {read} "
        f"WHEN regexp_full_match({raw}, '{_ISO_DATE}') THEN {read} "
        f"WHEN regexp_full_match({raw}, '{_FINNISH_DATE}') "
        f"THEN try_cast(try_strptime({raw}, '%d.%m.%Y') AS DATE) END"
    )


def _is_number(index: int) -> str:
    """Tell a decimal number from what the engine also casts: infinity, and ``1_000``."""
    return f"isfinite(m{index}) AND NOT contains(r{index}, '_')"


def _repaired(raw: str, column: Column) -> str:
    """Where all codes have one width in digits, give back a code its leading zeros."""
    listed = codes(column.code_list or "")
    widths = {len(code) for code in listed}
    if len(widths) != 1 or not all(code.isascii() and code.isdigit() for code in listed):
        return raw
    width = widths.pop()
    return (
        f"CASE WHEN regexp_full_match({raw}, '[0-9]{{1,{width}}}([.]0+)?') "
        f"THEN lpad(string_split({raw}, '.')[1], {width}, '0') END"
    )


def _allowed_codes(column: Column) -> str:
    listed = codes(column.code_list or "")
    if len(listed) > _LONG_LIST:
        return f"{column.code_list}: {listed[0]}, {listed[1]} … {listed[-1]} ({len(listed)})"
    return ", ".join(listed)


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


def _is_empty(raw: str) -> str:
    return f"(coalesce({raw}, '') = '')"


def _enum(code_list: str | None) -> str:
    return f"code_{code_list}"
