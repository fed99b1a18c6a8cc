"""How a Finnish personal identity code may be written: the one definition of its notations.

The detectors in Python (:mod:`ingest.identity_codes`) and in SQL
(:mod:`ingest.identity_code_sql`) are both made from what stands here, so they find the same codes.
The expressions are read alike by Python's ``re`` and by RE2; they know neither of the two.

A code is a day of birth (``ddmmyy`` or ``ddmmyyyy``), perhaps a century sign, an individual number
of three digits and a check character. Where the check character is a letter, separators may stand
anywhere in it and the sign may be left out. Where it is a digit, the sign must be there and
separators may stand only beside a part of the code: a telephone number ``040-123-4567`` is none.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import chain

CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
# Century signs of the decree in force since 2023, by the century of birth.
SIGNS = {"18": "+", "19": "-YXWVU", "20": "ABCDEF"}
# The official notation, in capital letters.
OFFICIAL = "[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]"
# The lengths of a day of birth.
DAY_LENGTHS = (6, 8)
# A code is at least so many characters long: six digits, no sign, three digits, a letter.
SHORTEST = 10
# The fewest digits that a code has.
FEWEST_DIGITS = SHORTEST - 1
# Years of birth that a day of eight digits may state.
BORN_FROM, BORN_TO = 1800, 2099

# What may stand between the characters of a code, once a text is in plain characters.
SEPARATORS = "-_/. \t\r\n\f\v"
_DIGITS = "0123456789"
_CHECK_LETTERS = "ABCDEFHJKLMNPRSTUVWXYabcdefhjklmnprstuvwxy"
_LETTER_SIGNS = "+ABCDEFUVWXYabcdefuvwxy"

# Kept within ASCII: digits, letters, the century sign + and the separators.
_PLAIN = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+_/. ")
# Hyphens and dashes that are no punctuation by their category.
_MORE_DASHES = "\u02d7\u2043\u2212\u2796\u00ad"
# Signs without a width: they are left out.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# Where Unicode keeps characters of these kinds; to look through all of it takes half a second.
_BLOCKS = (
    *(range(0x80, 0x3400), range(0xA7F0, 0xA800), range(0xF900, 0x10000), range(0x10E80, 0x10EC0)),
    *(range(0x1D400, 0x1D800), range(0x1F100, 0x1F200), range(0x1FBF0, 0x1FBFA)),
)


@cache
def pattern(day_length: int) -> str:
    """Return the expression of a code whose day of birth has so many digits.

    It is written over a text in plain characters (:func:`plain_characters`), and has no groups that
    capture.

    Args:
        day_length: six or eight.
    """
    digit, letter, sign, any_sign, separator = map(
        _character_class,
        (_DIGITS, _CHECK_LETTERS, _LETTER_SIGNS, "-" + _LETTER_SIGNS, SEPARATORS),
    )
    # The first digits of day, month and century rule out most of what is no day at once.
    firsts = {
        place: _character_class(digits)
        for place, digits in ((0, "0123"), (2, "01"), (4, "12" if day_length == 8 else _DIGITS))
    }
    day = [firsts.get(place, digit) for place in range(day_length)]
    between = f"{separator}*"
    spread, individual = between.join(day), between.join([digit] * 3)
    with_letter = f"{spread}{between}(?:{sign}{between})?{individual}{between}{letter}"
    # Nothing stands inside a part.
    parts = between.join("".join(part) for part in (day[:2], day[2:4], day[4:]))
    with_digit = f"{parts}{between}{any_sign}{between}{digit * 3}{between}{digit}"
    return f"(?:{with_letter}|{with_digit})"


@cache
def digits_of_any_kind() -> str:
    """Return what stands in the class of every character that is a digit in plain characters."""
    others = (c for c, plain in plain_characters().items() if plain and plain in _DIGITS)
    return _character_class("".join((_DIGITS, *others)))[1:-1]


def _character_class(characters: str) -> str:
    """Return the class of these characters."""
    numbers = sorted({ord(character) for character in characters})
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return f"[{''.join(f'{_escaped(low)}-{_escaped(high)}' for low, high in ranges)}]"


def _escaped(number: int) -> str:
    return rf"\x{number:02x}" if number < 0x100 else chr(number)


@cache
def plain_characters() -> dict[str, str]:
    """Return the plain character of every other character that stands for one in a code.

    Compatibility forms (NFKC) such as full-width digits become digits and letters, spaces of any
    kind a space, hyphens of any kind a hyphen; what has no width becomes nothing. A character that
    NFKC takes apart into several stays as it is.
    """
    found: dict[str, str] = {}
    for character in map(chr, chain(*_BLOCKS)):
        category = unicodedata.category(character)
        compatible = unicodedata.normalize("NFKC", character)
        if character in _INVISIBLE:
            found[character] = ""
        elif category == "Pd" or character in _MORE_DASHES or compatible in _MORE_DASHES:
            found[character] = "-"
        elif category in ("Zs", "Zl", "Zp") or character == "\x85":
            found[character] = " "
        elif compatible in _PLAIN or compatible == "-":
            found[character] = compatible
    return found
