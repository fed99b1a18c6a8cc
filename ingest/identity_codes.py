"""Finnish personal identity codes in a text that a person wrote: found, and masked.

The one detector for names of files, folders and sheets, headers, reasons, names, logs and error
texts. The rows of a file are searched by SQL (:mod:`ingest.identity_code_sql`), made from the same
definition (:mod:`ingest.identity_code_notation`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from ingest.identity_code_notation import (
    BORN_FROM,
    BORN_TO,
    CHECK_CHARACTERS,
    DAY_LENGTHS,
    SEPARATORS,
    SIGNS,
    pattern,
    plain_characters,
)

MASK = "***"

# What looks like a personal identity code in the official notation, whichever dash an office
# program made of its own; and what is one by its check character, even with letters or digits
# beside it. Both are masked, although neither is counted as a code.
_SEPARATOR = r"[-+A-FU-Ya-fu-y\u2010-\u2015\u2212]"
_LOOKS_LIKE_CODE = re.compile(
    rf"(?<![0-9A-Za-z])[0-9]{{6}}{_SEPARATOR}[0-9]{{3}}[0-9A-Za-z](?![0-9A-Za-z])"
)
_IS_CODE = re.compile(rf"([0-9]{{6}}){_SEPARATOR}([0-9]{{3}})([0-9A-Za-z])")
_NO_SEPARATORS = str.maketrans("", "", SEPARATORS)


def masked(text: str) -> str:
    """Replace whatever is or looks like a personal identity code, and make the text printable."""
    readable = masked_codes(text.encode("utf-8", "backslashreplace").decode("utf-8"))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in readable)


def masked_codes(text: str) -> str:
    """Replace whatever is or looks like a personal identity code, and leave the rest as it is."""
    parts, done = [], 0
    for start, end in _found(text):
        if start >= done:
            parts.append(text[done:start] + MASK)
        done = max(done, end)
    return _IS_CODE.sub(_masked_code, _LOOKS_LIKE_CODE.sub(MASK, "".join(parts) + text[done:]))


def holds_identity_code(text: str) -> bool:
    """Return whether anything in a text is or looks like a personal identity code."""
    return masked_codes(text) != text


def contains_identity_code(text: str) -> bool:
    """Return whether a text contains a personal identity code, in whatever notation.

    The same answer as the SQL of :func:`ingest.identity_code_sql.holds_identity_code`.
    """
    return next(_found(text), None) is not None


def _found(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the codes of a text begin and end, by their beginning."""
    plain, places = text, range(len(text) + 1)
    if not text.isascii():
        table = plain_characters()
        pairs = [(table.get(c, c), n) for n, c in enumerate(text) if table.get(c, c)]
        plain = "".join(c for c, _ in pairs)
        places = [*(n for _, n in pairs), len(text)]  # type: ignore[assignment]
    spans = {
        found.span(1)
        for expression in _expressions()
        for found in expression.finditer(plain)
        if _is_valid(found[1].translate(_NO_SEPARATORS).upper(), found.re is _expressions()[0])
    }
    for start, end in sorted(spans):
        yield places[start], places[end - 1] + 1


@cache
def _expressions() -> tuple[re.Pattern[str], ...]:
    """Return the expressions that find codes wherever they begin, those of the short day first."""
    # [^\W_] is a letter or digit of any language. The look-ahead lets what overlaps be found too.
    return tuple(
        re.compile(rf"(?<![^\W_])(?=({pattern(length)})(?![^\W_]))") for length in DAY_LENGTHS
    )


def _is_valid(code: str, is_short: bool) -> bool:
    """Return whether day and check character are right, in a code without separators."""
    length = DAY_LENGTHS[0] if is_short else DAY_LENGTHS[1]
    digits = code[:4] + code[length - 2 : length] + code[-4:-1]
    if CHECK_CHARACTERS[int(digits) % len(CHECK_CHARACTERS)] != code[-1]:
        return False
    sign = code[length]
    century = next((c for c, signs in SIGNS.items() if sign in signs), "20")
    year = int(century + code[4:6]) if is_short else int(code[4:8])
    if not BORN_FROM <= year <= BORN_TO:
        return False
    try:
        date(year, int(code[2:4]), int(code[:2]))
    except ValueError:
        return False
    return True


def _masked_code(found: re.Match[str]) -> str:
    birth, individual, check = found.groups()
    return MASK if CHECK_CHARACTERS[int(birth + individual) % 31] == check.upper() else found[0]
