"""Finnish personal identity codes in a text that a person wrote: found, and masked.

The one detector for names of files, reasons and other short texts. The rows of a file are searched
by SQL (:mod:`ingest.identity_code_sql`), by the same rules.
"""

from __future__ import annotations

import re

MASK = "***"

# What looks like a personal identity code, whichever dash an office program made of its own; and
# what is one by its check character, even with letters or digits beside it.
_SEPARATOR = r"[-+A-FU-Ya-fu-y\u2010-\u2015\u2212]"
_LOOKS_LIKE_CODE = re.compile(
    rf"(?<![0-9A-Za-z])[0-9]{{6}}{_SEPARATOR}[0-9]{{3}}[0-9A-Za-z](?![0-9A-Za-z])"
)
_IS_CODE = re.compile(rf"([0-9]{{6}}){_SEPARATOR}([0-9]{{3}})([0-9A-Za-z])")
_CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def masked(text: str) -> str:
    """Replace whatever looks like a personal identity code, and make the text printable."""
    printable = text.encode("utf-8", "backslashreplace").decode("utf-8")
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in printable)
    return _mask_codes(printable)


def holds_identity_code(text: str) -> bool:
    """Return whether anything in a text looks like a personal identity code."""
    return _mask_codes(text) != text


def _mask_codes(text: str) -> str:
    return _IS_CODE.sub(_masked_code, _LOOKS_LIKE_CODE.sub(MASK, text))


def _masked_code(found: re.Match[str]) -> str:
    birth, individual, check = found.groups()
    return MASK if _CHECK_CHARACTERS[int(birth + individual) % 31] == check.upper() else found[0]
