"""The texts of one language: the publication's names and the pages' own sentences.

Turns cells into what a person reads. A suppressed and a missing value keep their sign and their
word together, so that no reader, with eyes or with a screen reader, takes one for the other or for
a zero. Knows no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common import formats
from common.formats import Language
from exports import wording
from exports.pages.content import Cell
from exports.publication import Publication

_WORDS = Path(__file__).parent / "words.yaml"


@cache
def sentences() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Read the pages' own sentences: by group, name and language."""
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(
        _WORDS.read_text(encoding="utf-8")
    )
    return found


def _family(failure: Mapping[str, Any]) -> str:
    """Return which kind of check failed: ``submitted`` of ``readiness.submitted.clients``."""
    return str(failure["expectation"]).removeprefix("readiness.").partition(".")[0]


@dataclass(frozen=True, slots=True)
class DisplayValue:
    """A value as a page shows it.

    Attributes:
        text: the number, or the sign that stands for it.
        status: ``published``, ``suppressed`` or ``missing``.
    """

    text: str
    status: str


class Texts:
    """The texts of the pages in one language.

    Attributes:
        language: the language.
        words: the names that come with the publication.
    """

    def __init__(self, publication: Publication, language: Language) -> None:
        self.language: Language = language
        self.words = wording.words(publication, language)
        self._protection = publication.info.protection

    def say(self, name: str, /, **given: Any) -> str:
        """Return a sentence with its placeholders filled in.

        Args:
            name: ``group.key`` in ``words.yaml``.
            given: the value of each placeholder; ``protection`` need not be given.

        Raises:
            KeyError: there is no such sentence, or a placeholder has no value.
        """
        group, _, key = name.partition(".")
        text = sentences()[group][key][self.language]
        return text.format_map({"protection": self._protection, **given})

    def feed(self, feed: str) -> str:
        """Return the name of a feed within a sentence; its code where it has none."""
        named = sentences()["feeds"].get(feed)
        return named[self.language] if named else feed

    def source(self, source: str | None) -> str:
        """Return an indicator's source; as the catalogue has it where words.yaml has no text."""
        named = sentences()["sources"].get(source or "")
        return named[self.language] if named else source or ""

    def download(self, key: str) -> str:
        """Return the name of a download; its key where words.yaml has no text."""
        named = sentences()["downloads"].get(key)
        return named[self.language] if named else key

    def why(self, code: str | None) -> str:
        """Say why a value was revised; the code where words.yaml has no text."""
        named = sentences()["whys"].get(code or "")
        return named[self.language] if named else code or ""

    def failures(self, failures: Iterable[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
        """Describe failed checks; all missing feeds of an organisation in one sentence.

        Returns:
            The sentences, each with the check's own message (in English) where words.yaml has no
            text for the check.
        """
        others: list[tuple[str, str | None]] = []
        missing: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for failure in failures:
            if _family(failure) == "submitted":
                key = str(failure.get("organisation")), str(failure.get("period"))
                missing.setdefault(key, []).append(failure)
            else:
                others.append(self._failure(failure))
        first = []
        for (_, period), found in missing.items():
            if len(found) == 1:
                first.append(self._failure(found[0]))
                continue
            feeds = ", ".join(self.feed(str(failure.get("feed"))) for failure in found)
            organisation = self._submitter(found[0])
            sentence = self.say(
                "failures.submitted_many", organisation=organisation, feeds=feeds, period=period
            )
            first.append((sentence, None))
        return first + others

    def _submitter(self, failure: Mapping[str, Any]) -> str:
        submitter = failure.get("organisation")
        if not submitter:
            return self.say("quality.no_organisation")
        kind, _, code = str(submitter).rpartition(":")
        return self.words.area(kind or "organisation", code)

    def _failure(self, failure: Mapping[str, Any]) -> tuple[str, str | None]:
        family = _family(failure)
        known = family in sentences()["failures"]
        sentence = self.say(
            f"failures.{family if known else 'other'}",
            organisation=self._submitter(failure),
            feed=self.feed(str(failure.get("feed") or "")),
            period=failure.get("period") or "–",
            expectation=failure["expectation"],
        )
        return sentence, None if known else str(failure.get("message") or "") or None

    def display(self, cell: Cell, unit: str) -> DisplayValue:
        """Return a cell's value as a page shows it, without its unit."""
        text = wording.value(cell.value, unit, self.language, cell.status)
        return DisplayValue(text, cell.status if cell.value is None else "published")

    def in_sentence(self, cell: Cell, unit: str) -> str:
        """Write a cell for a sentence: its value, or the word for its status."""
        shown = self.display(cell, unit)
        return shown.text if shown.status == "published" else self.say(f"status.{shown.status}")

    def unit(self, unit: str) -> str:
        """Return a unit's name; empty for a share, which is written in per cent."""
        return "" if unit == "share" else self.words.label("unit", unit)

    def change(self, before: Cell, now: Cell, unit: str) -> str:
        """Write how much a value changed; empty where either is not published."""
        return wording.change(before.value, now.value, unit, self.language)

    def counted(self, cell: Cell, unit: str) -> str:
        """Write the two counts of a share or rate; empty for a count and where not published."""
        if cell.numerator is None or cell.denominator is None or cell.value is None:
            return ""
        # What was counted, not what was divided: a rate's numerator is multiplied.
        counted = cell.numerator / (10_000 if unit.endswith("_per_10000_inhabitants") else 1)
        numbers = (
            formats.format_number(one, self.language, 1) for one in (counted, cell.denominator)
        )
        return " / ".join(numbers)

    def display_counts(self, cell: Cell, unit: str) -> DisplayValue:
        """Write the two counts of a value for a cell of a table; without a value, its sign."""
        if cell.value is None:
            return self.display(cell, unit)
        return DisplayValue(self.counted(cell, unit), "published")
