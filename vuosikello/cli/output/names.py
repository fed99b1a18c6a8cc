"""Names of organisations and feeds beside their codes, in one language."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from ingest.contracts import CODES, load_contracts


@dataclass(frozen=True, slots=True)
class Names:
    """What organisations and feeds are called, by code.

    Attributes:
        organisations: names of organisations.
        feeds: names of feeds.
    """

    organisations: dict[str, str]
    feeds: dict[str, str]

    def organisation(self, code: str) -> str:
        """Return *name (code)*, or the code alone where it has no name."""
        return _with_code(self.organisations, code)

    def feed(self, code: str) -> str:
        """Return *name (code)*, or the code alone where it has no name."""
        return _with_code(self.feeds, code)


def names_in(language: str) -> Names:
    """Return the names in a language: fi, sv or en."""
    with (CODES / "organisations.csv").open(encoding="utf-8", newline="") as file:
        organisations = {row["code"]: row[f"label_{language}"] for row in csv.DictReader(file)}
    feeds = {
        feed: str(getattr(contract.label, language)) for feed, contract in load_contracts().items()
    }
    return Names(organisations, feeds)


def _with_code(names: dict[str, str], code: str) -> str:
    name = names.get(code)
    return f"{name} ({code})" if name else code
