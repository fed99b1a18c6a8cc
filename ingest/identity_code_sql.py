"""Finnish personal identity codes in DuckDB SQL: whether a text is one, or contains one."""

from __future__ import annotations

from datetime import date

# What looks like a personal identity code, whichever dash an office program made of its own. It is
# one where no letter or digit stands beside it, or by its check character in any text that is not
# hexadecimal.
_DASH = "[\\x{2010}-\\x{2015}\\x{2212}]"
LIKE_IDENTITY_CODE = f"[0-9]{{6}}([-+A-FU-Ya-fu-y]|{_DASH})[0-9]{{3}}[0-9A-Za-z]"
_ALONE = f"(^|[^0-9A-Za-z]){LIKE_IDENTITY_CODE}($|[^0-9A-Za-z])"
_HEXADECIMAL = "[0-9A-Fa-f-]*"
_HETU = "[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]"
_HETU_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def holds_identity_code(raw: str, received_on: date) -> str:
    """Return the SQL condition that a text contains a personal identity code.

    Args:
        raw: the SQL of the text.
        received_on: the day of receipt; nobody is born after it.
    """
    dashed = f"regexp_replace(upper({raw}), '{_DASH}', '-', 'g')"
    found = f"regexp_extract_all({dashed}, '{_HETU}')"
    valid = f"list_filter({found}, lambda t: {is_identity_code('t', received_on)})"
    return (
        f"regexp_matches({raw}, '{_ALONE}') OR "
        f"NOT regexp_full_match({raw}, '{_HEXADECIMAL}') AND len({valid}) > 0"
    )


def is_identity_code(code: str, received_on: date) -> str:
    """Return the SQL condition that a text is a valid Finnish personal identity code.

    Args:
        code: the SQL of the text, in capital letters.
        received_on: the day of receipt; nobody is born after it.

    Source: Digital and Population Data Services Agency; separators of the decree in force since
    2023. Ten digits leave a remainder of 31 that names the check character; individual numbers
    begin at 002; the day of birth exists and is not after the day of receipt.
    """
    digits = f"(substr({code}, 1, 6) || substr({code}, 8, 3))::BIGINT"
    born = (
        f"try_cast({century(code)} || substr({code}, 5, 2) || '-' || substr({code}, 3, 2) || '-' "
        f"|| substr({code}, 1, 2) AS DATE)"
    )
    return (
        f"CASE WHEN regexp_full_match({code}, '{_HETU}') THEN "
        f"coalesce(substr('{_HETU_CHARACTERS}', ({digits} % 31)::INTEGER + 1, 1) "
        f"= substr({code}, 11, 1) AND substr({code}, 8, 3)::INTEGER >= 2 "
        f"AND {born} <= DATE '{received_on}', false) ELSE false END"
    )


def century(code: str) -> str:
    """Return the SQL of the first two digits of the year of birth that a code states."""
    separator = f"substr({code}, 7, 1)"
    return (
        f"CASE WHEN {separator} = '+' THEN '18' "
        f"WHEN contains('-YXWVU', {separator}) THEN '19' ELSE '20' END"
    )
