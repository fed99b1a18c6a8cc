"""Texts before they are judged: one form of every letter, and nothing invisible at the ends.

A text gets Unicode's composed form (NFC); spaces, controls, soft hyphens and zero-width characters
at its ends are dropped, zero-width ones everywhere. The same is done in SQL to the values of a file
and in Python to the few texts that are looked at beforehand: names of columns, lines of a title.
Most texts are plain ASCII and need nothing, so the SQL first asks, cheaply, whether they are. This
module knows no format and no contract.
"""

from __future__ import annotations

import re
import unicodedata

from common.sql import literal

# A cell that is there but holds no value that could be read. No text of a file is cleaned to it.
UNREADABLE = "\x1a"

# Zero-width characters: joiners, marks and changes of the direction of writing, word joiners, the
# byte order mark.
_ZERO_WIDTH = (
    *((0x180E, 0x180E), (0x061C, 0x061C), (0x200B, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x2064), (0x2066, 0x206F), (0xFEFF, 0xFEFF)),
)
_ZERO_WIDTH_SQL = "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in _ZERO_WIDTH)
_ZERO_WIDTH_TEXT = re.compile(
    "[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _ZERO_WIDTH) + "]"
)
_END = r"[\s\p{Z}\p{Cc}\p{Cf}]"

# What programs write where a database has nothing, in small letters.
NOTHING = (
    *("null", "(null)", "<null>", "[null]", "\\n", "nan", "nat", "na", "n/a", "n.a.", "<na>"),
    *("none", "nil", "undefined", "-", "--", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014"),
    *("\u2212", ".", "#n/a", "#n/a!", "#puuttuu!", "#saknas!", "#null!", "#tyhjä!", "#null"),
    *("#ref!", "#viittaus!", "#referens!", "#div/0!", "#jako/0!", "#division/0!", "#value!"),
    *("#arvo!", "#värdefel!", "#name?", "#nimi?", "#namn?", "#num!", "#luku!", "#ogiltigt!"),
)
_LONGEST_NOTHING = max(len(word.encode()) for word in NOTHING)


def cleaned(text: str) -> str:
    """Return a text in its composed form without what cannot be seen at its ends."""
    composed = _ZERO_WIDTH_TEXT.sub("", unicodedata.normalize("NFC", text.replace("\0", "")))
    begin, end = 0, len(composed)
    while begin < end and _is_dropped(composed[begin]):
        begin += 1
    while end > begin and _is_dropped(composed[end - 1]):
        end -= 1
    return composed[begin:end]


def _is_dropped(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "Z" or category in ("Cc", "Cf")


def cleaned_sql(value: str, ends: str | None, *, has_unreadable: bool = False) -> str:
    """Return the SQL of a text in its composed form without what cannot be seen at its ends.

    Args:
        value: the SQL of the text.
        ends: the ASCII characters to drop that a text of the file may end with; None is any.
        has_unreadable: whether the text may be :data:`UNREADABLE`, which stays.
    """
    # The engine's function ends a text at its first NUL.
    whole = f"replace({value}, chr(0), '')"
    composed = f"regexp_replace(nfc_normalize({whole}), '[{_ZERO_WIDTH_SQL}]', '', 'g')"
    clean = f"regexp_replace({composed}, '^{_END}+|{_END}+$', '', 'g')"
    if has_unreadable:
        clean = f"CASE WHEN {value} = {_character(UNREADABLE)} THEN {value} ELSE {clean} END"
    if ends is None:
        visible = f"{value}[-1] > ' ' AND {value}[-1] <> chr(127)"
    else:
        visible = " AND ".join(f"NOT suffix({value}, {_character(end)})" for end in ends)
    return (
        f"CASE WHEN {value} >= '!' AND {value} < chr(127) AND {visible or 'true'} "
        f"AND strlen({value}) = length({value}) THEN {value} ELSE {clean} END"
    )


def without_nothing_sql(value: str) -> str:
    """Return the SQL of a text that is empty where it is a word by which programs write nothing.

    The words begin with few characters, and comparing the beginning of a text is fast.

    Args:
        value: the SQL of a clean text.
    """
    begins = f"{value} < '0' OR {value} > 'z'"
    for first in ("<", "N", "U", "[", "\\", "n", "u"):
        begins += f" OR {value} >= '{first}' AND {value} < '{chr(ord(first) + 1)}'"
    words = ", ".join(literal(word) for word in NOTHING)
    return (
        f"CASE WHEN {begins} THEN CASE WHEN strlen({value}) <= {_LONGEST_NOTHING} "
        f"AND list_contains([{words}], lower({value})) THEN '' ELSE {value} END ELSE {value} END"
    )


def _character(character: str) -> str:
    return f"chr({ord(character)})"
