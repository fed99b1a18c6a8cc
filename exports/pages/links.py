"""Links of the pages, and the ids that they lead to.

Knows which page there is of which area and theme, and nothing of what a page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exports.pages.content import Area, Content, Values
from exports.pages.texts import Texts
from exports.pages.verdicts import count_verdicts, verdict


@dataclass(frozen=True, slots=True)
class Link:
    """A link.

    Attributes:
        text: its text.
        href: its address; None where the text is no link.
        note: a text in small print after it.
    """

    text: str
    href: str | None
    note: str = ""


def anchor(indicator: str) -> str:
    """Return the id of an indicator's element on a page."""
    return indicator.replace(".", "-").replace("_", "-")


class Links:
    """Makes the links of the pages in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
    """

    def __init__(self, content: Content, texts: Texts) -> None:
        self.content = content
        self.texts = texts

    def themes(self, area: Area, values: Values, folder: str) -> list[Link]:
        """Link to the themes of an area; a theme without a value has no page and no link.

        Args:
            area: the area.
            values: its values.
            folder: the folder of the area's pages as seen from the page; empty on its own pages.
        """
        prefix = f"{folder}/" if folder else ""
        links = []
        for theme in self.content.themes:
            name = self.texts.words.label("theme", theme)
            if not self.content.has_theme(theme, values):
                note = self.texts.say("area.theme_missing", year=self.content.year)
                links.append(Link(name, None, note))
                continue
            verdicts = count_verdicts(
                verdict(indicator, values.cell(indicator["indicator"], self.content.year))
                for indicator in self.content.of_theme(theme, area)
            )
            note = ""
            if verdicts["all"]:
                note = self.texts.say("area.with_targets", met=verdicts["met"], all=verdicts["all"])
            href = f"{prefix}{theme}.html" if area.has_themes else f"#{theme}"
            links.append(Link(name, href, note))
        return links

    def areas(self, area_type: str) -> list[Link]:
        """Link from the front page to the areas of a type."""
        return [
            Link(self.texts.words.area(*area.key), f"{area.folder}/index.html")
            for area in self.content.of_type(area_type)
        ]

    def within(self, area: Area, area_type: str) -> list[Link]:
        """Link from a welfare area to its areas of a type."""
        if area.type != "welfare_area":
            return []
        return [
            Link(self.texts.words.area(*one.key), f"../{one.folder}/index.html")
            for one in self.content.of_type(area_type, area.code)
        ]

    def other_areas(self, area: Area, theme: str) -> list[Link]:
        """Link to the same theme of the other areas that have a page of it."""
        return [
            Link(self.texts.words.area(*one.key), f"../{one.folder}/{theme}.html")
            for one in self.content.areas.values()
            if one.key != area.key
            and one.has_themes
            and theme in self.content.themes_of.get(one.key, ())
        ]

    def trail(self, area: Area) -> Sequence[Link]:
        """Link to what an area's page is below: the front page and, of smaller areas, its area."""
        links = [Link(self.texts.say("site.name"), "../index.html")]
        wider = self.content.areas.get(("welfare_area", area.welfare_area or ""))
        if wider is not None and wider.key != area.key:
            links.append(Link(self.texts.words.area(*wider.key), f"../{wider.folder}/index.html"))
        return links
