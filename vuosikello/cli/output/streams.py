"""The two streams of the terminal, the notes and errors on them, and JSON.

Characters that the terminal's encoding does not have are replaced; no output ever fails for them.
"""

from __future__ import annotations

import codecs
import io
import json
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

# What is written in place of a character that the encoding does not have; others become "?".
_SUBSTITUTES = {
    "→": "->",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "‑": "-",
    "•": "*",
    "·": "*",
    "✓": "yes",
    "✗": "no",
    "×": "x",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "€": "EUR",
    "≤": "<=",
    "≥": ">=",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
}
_SUBSTITUTING = "vuosikello.substitute"


def make_encoding_safe() -> None:
    """Replace what the encoding of standard output or error does not have, from now on."""
    codecs.register_error(_SUBSTITUTING, _substitute)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SUBSTITUTING)


def print_json(values: Any) -> None:
    """Print JSON-able values; in an encoding without all of Unicode, as ASCII with escapes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    is_unicode = encoding.lower().replace("-", "").replace("_", "").startswith("utf")
    print(json.dumps(values, ensure_ascii=not is_unicode, indent=2, default=str))


def error(text: str) -> None:
    """Print what went wrong."""
    err.print(Text.assemble(("Error: ", "bold red"), text), soft_wrap=not err.is_terminal)


def note(text: str) -> None:
    """Print something worth knowing."""
    err.print(Text.assemble(("Note: ", "bold yellow"), text), soft_wrap=not err.is_terminal)


def _substitute(failed: UnicodeError) -> tuple[str, int]:
    if not isinstance(failed, UnicodeEncodeError):
        raise failed
    text = failed.object[failed.start : failed.end]
    replaced = "".join(_SUBSTITUTES.get(character, "?") for character in text)
    return replaced, failed.end
