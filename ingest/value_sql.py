"""Values in DuckDB SQL: how the text of a cell becomes a typed value or a pseudonym.

For each column there are prepared columns (``d0``, ``m0``, …: parts that several checks need) and
typed ones, under their name in the lake. What cannot be typed becomes NULL; that it is wrong is for
the checks of :mod:`ingest.contract_sql` to say.
"""

from __future__ import annotations

from datetime import date

from ingest.contracts import Column, Kind, codes
from ingest.identity_code_sql import century, holds_identity_code, is_identity_code
from ingest.identity_codes import MASK
from ingest.readers.source import TIME_ZONE

# What stands between organisation and id in the text that an id's pseudonym is made of. A worker's
# text is in capital letters, so no worker and no id have the same one.
OF_AN_ID = "/id/"
_TRUE = ("1", "true", "kyllä", "ja", "yes", "tosi", "x")
_FALSE = ("0", "false", "ei", "nej", "no", "epätosi")
BOOLEAN_WORDS = "1/0, true/false, kyllä/ei, ja/nej, yes/no, tosi/epätosi, x"
_OFFSET = "(Z|[-+](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_ISO_DATE = (
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    f"([T ][0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?( ?{_OFFSET})?)?"
)
_MOMENT = f".*[0-9]:.*{_OFFSET}"
_FINNISH_DATE = "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}"
_MIDNIGHT = "[T ]+(klo )?0?0([:.]00){1,2}([.,]0+)?"
# Groups of three digits with a space of any kind between them.
_SPACE = "[ \\x{00A0}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}]"
_THOUSANDS = f"[-+]?[0-9]{{1,3}}({_SPACE}[0-9]{{3}})+([.,][0-9]+)?"
_AMBIGUOUS = "[-+]?[0-9]+[.,][0-9]{3}"


def prepared_columns(
    index: int, column: Column, received_on: date, *, is_ascii: bool = False
) -> list[str]:
    """Return the SQL of what is computed once from a column's text and used several times.

    Args:
        index: the column's place in the contract.
        column: the column.
        received_on: the day of receipt.
        is_ascii: whether every text of the file is ASCII.
    """
    raw = f"r{index}"
    match column.kind:
        case Kind.TEXT | Kind.ID:
            return [f"{holds_identity_code(raw, is_ascii=is_ascii)} AS i{index}"]
        case Kind.DATE:
            return [f"try_cast({raw} AS DATE) AS d{index}"]
        case Kind.INTEGER | Kind.NUMBER:
            point, comma = f"try_cast({raw} AS DOUBLE)", f"replace({raw}, ',', '.')"
            joined = f"regexp_replace({comma}, '{_SPACE}', '', 'g')"
            thousands = f"CASE WHEN regexp_full_match({raw}, '{_THOUSANDS}') THEN {joined} END"
            number = (
                f"coalesce({point}, try_cast({comma} AS DOUBLE), try_cast({thousands} AS DOUBLE))"
            )
            if column.kind is Kind.NUMBER:
                return [f"{number} AS m{index}"]
            # Nearly all whole numbers are written as the engine writes them, and need no more.
            whole = f"try_cast({raw} AS INTEGER)"
            plain = f"CASE WHEN {whole}::VARCHAR = {raw} THEN {whole} END"
            return [
                f"{plain} AS w{index}",
                f"CASE WHEN {plain} IS NULL THEN {number} END AS m{index}",
            ]
        case Kind.CODES:
            trimmed = f"list_transform(string_split({raw}, '|'), lambda t: trim(t))"
            parts = f"list_filter({trimmed}, lambda t: t <> '')"
            code = f"try_cast(t AS {enum_type(column.code_list)})::VARCHAR"
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
                f"{is_identity_code(normalised, received_on)} AS v{index}",
            ]
        case _:
            return []


def typed_columns(
    index: int, column: Column, pseudonym_made: str | None = None
) -> list[tuple[str, str]]:
    """Return the columns of the lake that a column becomes: their names and their SQL.

    Args:
        index: its place in the contract.
        column: the column.
        pseudonym_made: of an identifier whose pseudonyms are made already, the SQL of the row's;
            None: they are made row by row.
    """
    raw = f"r{index}"
    match column.kind:
        case Kind.TEXT:
            value = f"CASE WHEN i{index} THEN '{MASK}' ELSE nullif({raw}, '') END"
        case Kind.DATE:
            value = _date(index)
        case Kind.BOOLEAN:
            value = _boolean(raw, "false" if column.required else "NULL")
        case Kind.INTEGER:
            whole = (
                f"{_is_number(index)} AND m{index} = floor(m{index}) AND NOT {is_ambiguous(raw)}"
            )
            value = (
                f"CASE WHEN w{index} IS NOT NULL THEN w{index} "
                f"WHEN {whole} THEN try_cast(m{index} AS INTEGER) END"
            )
        case Kind.NUMBER:
            value = f"CASE WHEN {_is_number(index)} THEN m{index} END"
        case Kind.CODE:
            enum = enum_type(column.code_list)
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
        case Kind.ID | Kind.WORKER | Kind.PERSON:
            return _pseudonymised(index, column, pseudonym_made)
    return [(column.name, value)]


def _pseudonymised(index: int, column: Column, pseudonym_made: str | None) -> list[tuple[str, str]]:
    raw = f"r{index}"
    value = pseudonym_made or pseudonym(identifier_message(column, raw))
    if column.kind is not Kind.PERSON:
        return [(column.name, f"CASE WHEN NOT {is_empty(raw)} THEN {value} END")]
    valid, code = f"v{index}", f"n{index}"
    year = f"({century(code)} || substr({code}, 5, 2))::INTEGER"
    sex = f"CASE WHEN substr({code}, 10, 1)::INTEGER % 2 = 1 THEN 'male' ELSE 'female' END"
    masked = f"CASE WHEN NOT {is_empty(raw)} THEN '{MASK}' END"
    return [
        (column.name, f"CASE WHEN {valid} THEN ({value})::VARCHAR ELSE {masked} END"),
        ("birth_year", f"CASE WHEN {valid} THEN {year} END"),
        ("sex", f"CASE WHEN {valid} THEN {sex} END"),
    ]


def identifier_message(column: Column, raw: str) -> str:
    """Return the SQL text of what a pseudonym is made of, normalised.

    The reader has dropped surrounding space. A person's pseudonym is made of the personal identity
    code in capital letters, separators as they are; a worker's of organisation and worker id in
    capital letters; that of an ``id`` of organisation and id, in which case and leading zeros
    count. A whole number is the same id with and without decimals: spreadsheets and data frames
    write ``12`` as ``12.0``.
    """
    match column.kind:
        case Kind.ID:
            whole = f"regexp_replace({raw}, '^([0-9]+)[.]0+$', '\\1')"
            normalised = f"CASE WHEN suffix({raw}, '0') THEN {whole} ELSE {raw} END"
            return f"$organisation || '{OF_AN_ID}' || {normalised}"
        case Kind.WORKER:
            return f"$organisation || '/' || upper({raw})"
        case _:
            return f"upper({raw})"


def pseudonym(message_sql: str) -> str:
    """Return the SQL of HMAC-SHA-256 over a text, with the key's id before it."""
    inner = f"sha256($inner || encode({message_sql}))"
    return f"$key_id || ':' || sha256($outer || unhex({inner}))"


def _boolean(raw: str, empty: str) -> str:
    # Few enough words that DuckDB compares them in place; a longer list would become a join.
    word = f"lower({raw})"
    true = ", ".join(f"'{text}'" for text in _TRUE)
    false = ", ".join(f"'{text}'" for text in _FALSE)
    return (
        f"CASE WHEN {is_empty(raw)} THEN {empty} "
        f"WHEN {word} IN ({true}) THEN true WHEN {word} IN ({false}) THEN false "
        f"WHEN try_cast({raw} AS DOUBLE) = 1 THEN true "
        f"WHEN try_cast({raw} AS DOUBLE) = 0 THEN false END"
    )


def _date(index: int) -> str:
    """Return the SQL of a day.

    The engine's own cast accepts too much: ``2019-03-1O`` as the first of March, and ``epoch``. Its
    result is used at once only where it is written in the same way; any other text must have one
    of the accepted forms. A moment with an offset from UTC is turned to Finnish time first; of one
    without, the time of day is ignored. After a Finnish day only midnight may follow.
    """
    raw, read = f"r{index}", f"d{index}"
    is_plain = f"strlen({raw}) = 10 AND {read}::VARCHAR = {raw}"
    day = f"regexp_replace({raw}, '{_MIDNIGHT}$', '')"
    return (
        f"CASE WHEN {is_plain} THEN {read} "
        f"WHEN regexp_full_match({raw}, '{_ISO_DATE}') THEN "
        f"CASE WHEN regexp_full_match({raw}, '{_MOMENT}') THEN {_finnish_day(raw)} ELSE {read} END "
        f"WHEN regexp_full_match({raw}, '{_FINNISH_DATE}({_MIDNIGHT})?') "
        f"THEN try_cast(try_strptime({day}, '%d.%m.%Y') AS DATE) END"
    )


def _finnish_day(raw: str) -> str:
    """Return the SQL of the day that it was in Finland at a moment with an offset from UTC."""
    local = f"try_cast(regexp_replace({raw}, ' ?{_OFFSET}$', '') AS TIMESTAMP)"
    parts = [f"regexp_extract({raw}, '([-+])([0-9]{{2}}):?([0-9]{{2}})?$', {n})" for n in (1, 2, 3)]
    sign, hours, minutes = parts
    offset = (
        f"CASE {sign} WHEN '-' THEN -1 ELSE 1 END * "
        f"(60 * coalesce(try_cast({hours} AS INTEGER), 0) "
        f"+ coalesce(try_cast({minutes} AS INTEGER), 0))"
    )
    utc = f"({local} - to_minutes({offset})) AT TIME ZONE 'UTC'"
    return f"({utc} AT TIME ZONE '{TIME_ZONE}')::DATE"


def is_ambiguous(raw: str) -> str:
    """Return the SQL condition that a whole number may be one with decimals, as in ``36,000``.

    Nobody can tell whether such a sign parts thousands or decimals.
    """
    return f"(strlen({raw}) >= 5 AND regexp_full_match({raw}, '{_AMBIGUOUS}'))"


def _is_number(index: int) -> str:
    """Return the SQL condition that a text is a decimal number, not infinity or ``1_000``."""
    return f"isfinite(m{index}) AND NOT contains(r{index}, '_')"


def _repaired(raw: str, column: Column) -> str:
    """Return the SQL of a code with its leading zeros, where all codes have the same width."""
    listed = codes(column.code_list or "")
    widths = {len(code) for code in listed}
    if len(widths) != 1 or not all(code.isascii() and code.isdigit() for code in listed):
        return raw
    width = widths.pop()
    return (
        f"CASE WHEN regexp_full_match({raw}, '[0-9]{{1,{width}}}([.]0+)?') "
        f"THEN lpad(string_split({raw}, '.')[1], {width}, '0') END"
    )


def is_empty(raw: str) -> str:
    """Return the SQL condition that a cell is empty."""
    return f"(coalesce({raw}, '') = '')"


def enum_type(code_list: str | None) -> str:
    """Return the name of the ENUM type of a code list."""
    return f"code_{code_list}"
