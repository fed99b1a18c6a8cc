"""The sentences and the lists of codes of the report, from ``words.yaml``.

Knows no publication: names of codes come from :class:`exports.wording.Words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common.formats import Language


@cache
def _all_texts() -> Mapping[str, Any]:
    path = Path(__file__).with_name("words.yaml")
    texts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts


class Texts:
    """The sentences of the report in one language.

    Attributes:
        language: fi, sv or en.
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **fill: str | int) -> str:
        """Return a text with its placeholders filled in.

        Args:
            key: the key in ``words.yaml``; ``feeds.clients`` is the text ``clients`` of a group.
            fill: the value of each placeholder.

        Raises:
            KeyError: there is no such text, or a placeholder has no value.
        """
        found: Any = _all_texts()
        for step in key.split("."):
            found = found[step]
        return str(found[self.language]).format(**fill)

    def has(self, group: str, key: str) -> bool:
        """Return whether a group of texts has a key."""
        return key in _all_texts()[group]

    @staticmethod
    def lists(key: str) -> Any:
        """Return lists that are the same in every language, such as lists of codes."""
        return _all_texts()[key]
