"""The texts that submitters read, in Finnish, Swedish and English.

``messages.yaml`` holds one entry for each check that every feed shares and for each reason that
a whole file is refused; the rules of one feed carry their messages in its contract.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from common.yaml_text import parsed
from ingest.contracts import LANGUAGES, Texts

_FILE = Path(__file__).parent / "messages.yaml"


def message(key: str, **values: object) -> Texts:
    """Return the text of a key with its placeholders filled.

    Args:
        key: an entry of messages.yaml.
        values: what the entry's placeholders stand for, such as the name of an organisation, which
            may be another one in each language; never a personal identifier.

    Raises:
        KeyError: there is no such entry, or a placeholder has no value.
    """
    entry = _entries()[key]
    return Texts(
        *(
            entry[language].format(
                **{
                    name: getattr(value, language) if isinstance(value, Texts) else value
                    for name, value in values.items()
                }
            )
            for language in LANGUAGES
        )
    )


@cache
def _entries() -> dict[str, dict[str, str]]:
    text = _FILE.read_text(encoding="utf-8")
    entries: dict[str, dict[str, str]] = parsed(text)
    return entries
