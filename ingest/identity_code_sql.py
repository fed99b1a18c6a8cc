"""Finnish personal identity codes in DuckDB SQL: whether a text is one, or contains one.

Made from :mod:`ingest.identity_code_notation`, like the detector in Python.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from common.sql import literal
from ingest.identity_code_notation import (
    BORN_FROM,
    BORN_TO,
    CHECK_CHARACTERS,
    DAY_LENGTHS,
    FEWEST_DIGITS,
    OFFICIAL,
    SEPARATORS,
    SHORTEST,
    SIGNS,
    digits_of_any_kind,
    pattern,
    plain_characters,
)

_WORD = r"\p{L}\p{N}"


def holds_identity_code(raw: str, *, is_ascii: bool = False) -> str:
    """Return the SQL condition that a text contains a personal identity code, however written.

    Most texts cost a comparison of their length or one pass of an expression; only where something
    may have the form of a code are its beginnings looked at one by one.

    Args:
        raw: the SQL of the text; it is repeated.
        is_ascii: whether every text is known to be ASCII, which makes the SQL much shorter.
    """
    may_hold, plain = _has_form(raw), raw
    if not is_ascii:
        is_plain = f"strlen({raw}) = length({raw})"
        may_hold = f"CASE WHEN {is_plain} THEN {may_hold} ELSE {_has_digits(raw)} END"
        plain = f"CASE WHEN {is_plain} THEN {raw} ELSE {_translated(raw)} END"
    codes = " OR ".join(_is_code_at("p", n) for n in DAY_LENGTHS)
    starts = (
        f"list_filter(range(1, length(p) + 1), lambda i: CASE WHEN {_begins('p', 'i')} "
        f"THEN {codes} ELSE false END)"
    )
    return (
        f"CASE WHEN {raw} IS NULL OR strlen({raw}) < {SHORTEST} THEN false WHEN {may_hold} "
        f"THEN len(list_filter([{plain}], lambda p: len({starts}) > 0)) > 0 ELSE false END"
    )


def _has_form(raw: str) -> str:
    """Return the SQL condition that something in an ASCII text has the form of a code."""
    either = "|".join(pattern(length) for length in DAY_LENGTHS)
    no_word = "[^0-9A-Za-z]"
    return f"regexp_matches({raw}, {literal(f'(?:^|{no_word})(?:{either})(?:$|{no_word})')})"


def _has_digits(raw: str) -> str:
    """Return the SQL condition that a text has as many digits of any kind as a code has.

    To bring a text into plain characters takes long, and few texts have so many.
    """
    digits = digits_of_any_kind()
    return f"regexp_matches({raw}, {literal(f'(?:[{digits}][^{digits}]*){{{FEWEST_DIGITS}}}')})"


def is_identity_code(code: str, received_on: date) -> str:
    """Return the SQL condition that a text is a valid code in the official notation.

    Args:
        code: the SQL of the text, in capital letters.
        received_on: the day of receipt; nobody is born after it.

    Source: Digital and Population Data Services Agency; separators of the decree in force since
    2023. Ten digits leave a remainder of 31 that names the check character; individual numbers
    begin at 002; the day of birth exists and is not after the day of receipt.
    """
    digits = f"(substr({code}, 1, 6) || substr({code}, 8, 3))"
    born = (
        f"try_cast({century(code)} || substr({code}, 5, 2) || '-' || substr({code}, 3, 2) || '-' "
        f"|| substr({code}, 1, 2) AS DATE)"
    )
    return (
        f"CASE WHEN regexp_full_match({code}, '{OFFICIAL}') THEN "
        f"coalesce({_check_character(digits)} "
        f"= substr({code}, 11, 1) AND substr({code}, 8, 3)::INTEGER >= 2 "
        f"AND {born} <= DATE '{received_on}', false) ELSE false END"
    )


def century(code: str, place: int = 7) -> str:
    """Return the SQL of the first two digits of the year of birth that a century sign states.

    Args:
        code: the SQL of the code, in capital letters.
        place: where the sign stands, from one; where there is none, this century is taken.
    """
    separator = f"substr({code}, {place}, 1)"
    return (
        f"CASE WHEN {separator} = '{SIGNS['18']}' THEN '18' "
        f"WHEN contains('{SIGNS['19']}', {separator}) THEN '19' ELSE '20' END"
    )


@cache
def _translated(raw: str) -> str:
    """Return the SQL of a text in plain characters."""
    table = plain_characters()
    kept = "".join(character for character, plain in table.items() if plain)
    dropped = "".join(character for character, plain in table.items() if not plain)
    plain = "".join(table[character] for character in kept)
    return f"translate({raw}, {literal(kept + dropped)}, {literal(plain)})"


def _begins(plain: str, place: str) -> str:
    """Return the SQL condition that a token may begin at a place: no letter or digit before it."""
    before = f"substr({plain}, {place}::BIGINT - 1, 1)"
    here = f"substr({plain}, {place}::BIGINT, 1)"
    return (
        f"{here} BETWEEN '0' AND '9' "
        f"AND ({place} = 1 OR NOT regexp_matches({before}, '^[{_WORD}]'))"
    )


def _is_code_at(plain: str, day_length: int) -> str:
    """Return the SQL condition that a valid code begins at the place ``i`` of a text."""
    expression = literal(f"^({pattern(day_length)})(?:$|[^{_WORD}])")
    written = f"regexp_extract(substr({plain}, i::BIGINT), {expression}, 1)"
    compact = f"upper(translate({written}, {literal(SEPARATORS)}, ''))"
    return (
        f"len(list_filter([{compact}], lambda c: CASE WHEN c = '' THEN false "
        f"ELSE {_is_valid('c', day_length)} END)) > 0"
    )


def _is_valid(code: str, day_length: int) -> str:
    """Return the SQL condition that day and check character are right, without separators."""
    digits = (
        f"(substr({code}, 1, 4) || substr({code}, {day_length - 1}, 2) "
        f"|| substr({code}, length({code}) - 3, 3))"
    )
    if day_length == DAY_LENGTHS[0]:
        year = f"({century(code)} || substr({code}, 5, 2))"
    else:
        year = f"substr({code}, 5, 4)"
    born = f"try_cast({year} || '-' || substr({code}, 3, 2) || '-' || substr({code}, 1, 2) AS DATE)"
    return (
        f"coalesce({_check_character(digits)} = right({code}, 1) "
        f"AND {year} BETWEEN '{BORN_FROM}' AND '{BORN_TO}' AND {born} IS NOT NULL, false)"
    )


def _check_character(digits: str) -> str:
    return f"substr('{CHECK_CHARACTERS}', ({digits}::BIGINT % 31)::INTEGER + 1, 1)"
