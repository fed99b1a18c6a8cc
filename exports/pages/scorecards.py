"""The lines of the scorecards, under their headings, as a page shows them.

Knows the order and the columns of the two scorecards; nothing of files and navigation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from exports.pages.content import MISSING, Area, Cell, Content
from exports.pages.links import anchor
from exports.pages.texts import Texts
from exports.pages.verdicts import count_verdicts


class Scorecards:
    """Makes the content of the scorecards' pages in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
    """

    def __init__(self, content: Content, texts: Texts) -> None:
        self.content = content
        self.texts = texts

    def counts(self, area: Area, card: str) -> dict[str, int]:
        """Count the verdicts of a scorecard's lines for an area."""
        lines = self.content.scorecard(card, area)
        return count_verdicts(str(row["status"]) for row in lines if row["indicator"])

    def groups(self, area: Area, card: str) -> list[dict[str, Any]]:
        """Return the lines of a scorecard for an area, by heading: label, title and lines."""
        lines = self.content.scorecard(card, area)
        return self._recommendations(lines) if card == "aikumetod" else self._factors(lines)

    def _recommendations(self, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Group the lines of the AIKUMETOD scorecard by recommendation."""
        groups = []
        for number, rows in groupby(lines, key=lambda row: row["recommendation"]):
            group = list(rows)
            groups.append(
                {
                    "label": self.texts.say("scorecards.recommendation", number=number),
                    "title": group[0][f"recommendation_{self.texts.language}"],
                    "lines": [self._line(row) for row in group],
                }
            )
        return groups

    def _factors(self, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Group the lines of the strategy map by perspective and success factor."""
        groups = []
        for (perspective, _), rows in groupby(
            lines, key=lambda row: (row["perspective"], row["success_factor"])
        ):
            group = list(rows)
            groups.append(
                {
                    "label": self.texts.words.label("scorecard_perspective", perspective),
                    "title": group[0][f"success_factor_{self.texts.language}"],
                    "lines": [self._line(row) for row in group],
                }
            )
        return groups

    def _line(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a line; one without an indicator has its note only."""
        words, texts, language = self.texts.words, self.texts, self.texts.language
        place = ""
        if "level" in row:
            level = words.label("scorecard_level", row["level"])
            place = f"{level} · {words.label('scorecard_part', row['part'])}"
        indicator = self.content.catalogue.get(row["indicator"] or "")
        line = {
            "place": place,
            "note": row[f"note_{language}"],
            "name": "",
            "definition": "",
            "href": None,
            "value": None,
            "unit": "",
            "target": "",
            "verdict": "no_data",
            "change": "",
            "no_change": texts.display(MISSING, ""),
        }
        if indicator is None:
            return line
        has_page = row["value"] is not None or row["status"] == "suppressed"
        status = row["status"] if row["status"] == "suppressed" else "published"
        cell = Cell(status, row["value"]) if has_page else MISSING
        part = ""
        if row["breakdown"] != "none":
            part = words.part(row["breakdown"], row["breakdown_value"])
        before = Cell("published", row["previous_value"])
        return line | {
            "name": indicator[f"label_{language}"] + (f": {part}" if part else ""),
            "definition": indicator[f"definition_{language}"],
            "href": (
                f"{indicator['theme']}.html#{anchor(str(row['indicator']))}" if has_page else None
            ),
            "value": texts.display(cell, indicator["unit"]),
            "unit": texts.unit(indicator["unit"]),
            "target": words.target(indicator) if row["target"] is not None else "",
            "verdict": str(row["status"]),
            "change": texts.change(before, cell, indicator["unit"]),
        }
