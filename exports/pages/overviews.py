"""Overviews of an area: its key figures, its targets, a municipality's themes, and revisions.

Takes figures and links and puts them together for the front page and an area's page. Knows nothing
of files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exports.pages.content import Area, Cell, Content, Values
from exports.pages.figures import Figures
from exports.pages.links import Link, anchor
from exports.pages.texts import Texts
from exports.pages.verdicts import count_verdicts, verdict


class Overviews:
    """Makes the overviews of areas in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
        figures: makes the figures of indicators.
    """

    def __init__(self, content: Content, texts: Texts, figures: Figures) -> None:
        self.content = content
        self.texts = texts
        self.figures = figures

    def key_figures(self, area: Area, values: Values) -> list[dict[str, Any]]:
        """Return the key figures of each theme: theme, name, has_page and figures."""
        found = []
        for theme in self.content.themes:
            indicators = [
                self.content.catalogue[code]
                for code in self.content.key_figures[theme]
                if area.type in self.content.catalogue[code]["areas"].split("|")
            ]
            found.append(
                {
                    "theme": theme,
                    "name": self.texts.words.label("theme", theme),
                    "has_page": self.content.has_theme(theme, values),
                    "figures": [self.figures.figure(area, one, values) for one in indicators],
                }
            )
        return found

    def targets(self, area: Area, values: Values, folder: str = "") -> dict[str, Any]:
        """Sort the targets of an area by whether they are met, and link to their figures.

        Args:
            area: the area.
            values: its values.
            folder: the folder of the area's pages as seen from the page, with a slash at its end.

        Returns:
            ``counts``, and links in ``met``, ``not_met`` and ``untold`` (without a value).
        """
        by_verdict: dict[str, list[Link]] = {"met": [], "not_met": [], "untold": []}
        verdicts = []
        for theme in self.content.themes:
            page = f"{folder}{theme}.html" if area.has_themes else ""
            has_page = self.content.has_theme(theme, values)
            for indicator in self.content.of_theme(theme, area):
                if indicator["target"] is None:
                    continue
                code = indicator["indicator"]
                cell = values.cell(code, self.content.year)
                found = verdict(indicator, cell)
                verdicts.append(found)
                value = self.texts.in_sentence(cell, indicator["unit"])
                target = self.texts.words.target(indicator)
                link = Link(
                    indicator[f"label_{self.texts.language}"],
                    f"{page}#{anchor(code)}" if has_page else None,
                    f"{value} ({self.texts.say('charts.target')} {target})",
                )
                by_verdict[found if found in ("met", "not_met") else "untold"].append(link)
        return {"counts": count_verdicts(verdicts), **by_verdict}

    def municipality_themes(self, area: Area, values: Values) -> list[dict[str, Any]]:
        """Return the themes of a municipality, which has all of them on one page."""
        found = []
        for theme in self.content.themes:
            indicators = self.content.of_theme(theme, area)
            if not indicators:
                continue
            # An indicator that is published only broken down has nothing to show but its bars.
            figures = [
                self.figures.figure(
                    area, one, values, with_charts=one["breakdown_rule"] != "within"
                )
                for one in indicators
            ]
            charts = [
                (self.content.catalogue[code][f"label_{self.texts.language}"], chart)
                for code in self.content.key_figures[theme]
                for chart in [self.figures.months(self.content.catalogue[code], values)]
                if chart is not None
            ]
            found.append(
                {
                    "theme": theme,
                    "name": self.texts.words.label("theme", theme),
                    "figures": [one for one in figures if one.has_data and not one.is_only_divided],
                    "divided": [one for one in figures if one.has_data and one.is_only_divided],
                    "without": [one for one in figures if not one.has_data],
                    "charts": charts,
                }
            )
        return found

    def revisions(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return revised values as a page shows them: area, name, old, new and why."""
        found = []
        for row in rows:
            indicator = self.content.catalogue.get(row["indicator"])
            if indicator is None:
                continue
            old = Cell(row["old_status"], row["old_value"])
            new = Cell(row["new_status"], row["new_value"])
            found.append(
                {
                    "area": self.texts.words.area(row["area_type"], row["area"]),
                    "name": indicator[f"label_{self.texts.language}"],
                    "old": self.texts.display(old, indicator["unit"]),
                    "new": self.texts.display(new, indicator["unit"]),
                    "why": self.texts.why(row["why"]),
                }
            )
        return found
