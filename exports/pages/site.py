"""Writing the site: which pages there are, what each is given, and how they link to each other.

Layout of the folder: ``index.html`` (choice of language), ``<language>/index.html`` (the release),
``<language>/<area type>-<area>/index.html`` (an area), ``…/<theme>.html``, ``…/aikumetod.html`` and
``…/strategy_map.html``; ``style.css`` and ``charts/`` are shared. A theme without any value of an
area has no page; the area's page says so.

Same publication, same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from common import clock, formats
from common.formats import LANGUAGES, Language
from common.progress import Progress
from exports.pages.charts import WIDTH, Charts
from exports.pages.content import (
    MISSING,
    SCORECARDS,
    Area,
    Cell,
    Content,
    Values,
    counts,
    verdict,
)
from exports.pages.figures import Figures
from exports.pages.texts import Texts
from exports.publication import Publication

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its text and address; without an address what stands there is no link."""

    text: str
    href: str | None
    note: str = ""


def write_pages(
    publication: Publication,
    out: Path,
    *,
    downloads: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the site of a release.

    Args:
        publication: the release's tables.
        out: folder for the site; created. Files of another site in it are not removed.
        downloads: what else of the release can be downloaded: path relative to ``out`` by label
            key (``open_data``, ``workbook``, ``report`` … of words.yaml); ``{language}`` in a path
            stands for the page's language.
        progress: told after each area: how many are written, of how many, and which.

    Returns:
        The pages, in the order of their paths.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_TEMPLATES / "style.css", out / "style.css")
    content = Content(publication)
    try:
        charts = Charts(out / "charts")
        sites = [_Site(content, language, charts, out, downloads or {}) for language in LANGUAGES]
        pages = [_write_choice(content, out)]
        areas = list(content.areas.values())
        for place, area in enumerate(areas, start=1):
            values = content.values(*area.key)
            for site in sites:
                pages += site.write_area(area, values)
            if progress is not None:
                progress(place, len(areas), area.folder)
        for site in sites:
            pages.append(site.write_front())
    finally:
        content.close()
    return tuple(sorted(pages))


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _write_choice(content: Content, out: Path) -> Path:
    page = out / "index.html"
    texts = {language: Texts(content.publication, language) for language in LANGUAGES}
    template = _environment().get_template("choice.html.j2")
    page.write_text(
        template.render(texts=texts, info=content.info, year=content.year), encoding="utf-8"
    )
    return page


class _Site:
    """The pages of one language."""

    def __init__(
        self,
        content: Content,
        language: Language,
        charts: Charts,
        out: Path,
        downloads: Mapping[str, str],
    ) -> None:
        self.content = content
        self.language = language
        self.texts = Texts(content.publication, language)
        self.figures = Figures(content, self.texts, charts)
        self.out = out
        self.downloads = downloads
        environment = _environment()
        environment.globals.update(
            say=self.texts.say,
            names=self.texts.words,
            language=language,
            info=content.info,
            year=content.year,
            before=content.before,
            chart_width=WIDTH,
            released=formats.format_date(content.info.released_on, language),
            protection=content.info.protection,
        )
        self._templates = {
            name: environment.get_template(f"{name}.html.j2")
            for name in ("front", "area", "municipality", "theme", "scorecard")
        }

    def write_front(self) -> Path:
        """Write the page of the release."""
        country = self.content.of_type("country")
        critical: list[Mapping[str, Any]] = []
        other: list[Mapping[str, Any]] = []
        for failure in self.content.info.signed.failures:
            (critical if failure.get("severity") == "critical" else other).append(failure)
        first = country[0] if country else None
        values = self.content.kept_values(first) if first else None
        return self._write(
            "front",
            Path("index.html"),
            [Link(self.texts.say("site.name"), None)],
            frozen=self._day(self.content.info.frozen_at),
            signed_at=self._day(self.content.info.signed.at),
            failures={
                "critical": self.texts.failures(critical),
                "warning": self.texts.failures(other),
            },
            country=first,
            submitters=len(self.content.of_type("organisation")),
            summary=self._summary(first, values, f"{first.folder}/") if first and values else None,
            key_figures=self._key_figures(first, values) if first and values else [],
            theme_links=self._theme_links(first, values, first.folder) if first and values else [],
            areas={
                kind: [
                    Link(self.texts.words.area(*area.key), f"{area.folder}/index.html")
                    for area in self.content.of_type(kind)
                ]
                for kind in ("country", "welfare_area", "organisation", "municipality")
            },
            without=[
                self.texts.words.area("welfare_area", area) for area in self.content.areas_without
            ],
            scorecards=[
                Link(
                    self.texts.say(f"scorecards.{card}"),
                    f"{one.folder}/{card}.html",
                    self.texts.say("area.targets_told", **self._card_counts(one, card)),
                )
                for one in country
                for card in SCORECARDS
            ],
            revisions=self._revisions(
                [row for rows in self.content.revisions.values() for row in rows]
            ),
            count_revisions=self.content.count_revisions,
        )

    def _day(self, moment: datetime) -> str:
        """Write the day that a moment is in, in Finland."""
        if moment.tzinfo is not None:
            moment = moment.astimezone(clock.FINLAND)
        return formats.format_date(moment.date(), self.language)

    def write_area(self, area: Area, values: Values) -> list[Path]:
        """Write an area's page, and those of its themes and scorecards."""
        name = self.texts.words.area(*area.key)
        folder = Path(area.folder)
        trail = [Link(self.texts.say("site.name"), "../index.html")]
        of_area = self.content.areas.get(("welfare_area", area.welfare_area or ""))
        if of_area is not None and of_area.key != area.key:
            of_name = self.texts.words.area(*of_area.key)
            trail.append(Link(of_name, f"../{of_area.folder}/index.html"))
        common = {
            "area": area,
            "area_name": name,
            "area_note": self._area_note(area),
            "theme_links": self._theme_links(area, values, ""),
            "scorecards": [
                Link(self.texts.say(f"scorecards.{card}"), f"{card}.html") for card in SCORECARDS
            ],
        }
        if not area.has_themes:
            page = self._write(
                "municipality",
                folder / "index.html",
                [*trail, Link(name, None)],
                themes=self._municipality_themes(area, values),
                summary=self._summary(area, values),
                revisions=self._revisions(self.content.revisions.get(area.key, [])),
                **common,
            )
            return [page]
        pages = [
            self._write(
                "area",
                folder / "index.html",
                [*trail, Link(name, None)],
                key_figures=self._key_figures(area, values),
                summary=self._summary(area, values),
                organisations=self._area_links("organisation", area),
                municipalities=self._area_links("municipality", area),
                belongs=next((link for link in trail[1:]), None),
                revisions=self._revisions(self.content.revisions.get(area.key, [])),
                **common,
            )
        ]
        trail.append(Link(name, "index.html"))
        pages += [
            self._write_theme(area, theme, values, trail, common)
            for theme in self.content.themes
            if self._has_theme(theme, values)
        ]
        pages += [self._write_scorecard(area, card, trail, common) for card in SCORECARDS]
        return pages

    def _write_theme(
        self,
        area: Area,
        theme: str,
        values: Values,
        trail: list[Link],
        common: Mapping[str, Any],
    ) -> Path:
        figures = [
            self.figures.of(area, indicator, values, drawn=True)
            for indicator in self.content.of_theme(theme, area)
        ]
        title = self.texts.words.label("theme", theme)
        return self._write(
            "theme",
            Path(area.folder) / f"{theme}.html",
            [*trail, Link(title, None)],
            theme=theme,
            title=title,
            figures=[figure for figure in figures if figure.has_data],
            without=[figure for figure in figures if not figure.has_data],
            counts=counts(figure.verdict for figure in figures),
            elsewhere=self._elsewhere(area, theme),
            **common,
        )

    def _card_counts(self, area: Area, card: str) -> dict[str, int]:
        lines = self.content.scorecard(card, area)
        return counts(str(row["status"]) for row in lines if row["indicator"])

    def _write_scorecard(
        self, area: Area, card: str, trail: list[Link], common: Mapping[str, Any]
    ) -> Path:
        lines = self.content.scorecard(card, area)
        title = self.texts.say(f"scorecards.{card}")
        return self._write(
            "scorecard",
            Path(area.folder) / f"{card}.html",
            [*trail, Link(title, None)],
            card=card,
            title=title,
            lead=self.texts.say(f"scorecards.{card}_lead"),
            groups=self._scorecard_groups(card, lines),
            counts=self._card_counts(area, card),
            **common,
        )

    def _scorecard_groups(self, card: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put the lines of a scorecard under the headings they stand for."""
        words, language = self.texts.words, self.language
        groups = []
        if card == "aikumetod":
            for number, rows in groupby(lines, key=lambda row: row["recommendation"]):
                told = list(rows)
                groups.append(
                    {
                        "label": self.texts.say("scorecards.recommendation", number=number),
                        "title": told[0][f"recommendation_{language}"],
                        "lines": [self._line(row) for row in told],
                    }
                )
            return groups
        for (perspective, _), rows in groupby(
            lines, key=lambda row: (row["perspective"], row["success_factor"])
        ):
            told = list(rows)
            groups.append(
                {
                    "label": words.label("scorecard_perspective", perspective),
                    "title": told[0][f"success_factor_{language}"],
                    "lines": [self._line(row) for row in told],
                }
            )
        return groups

    def _line(self, row: Mapping[str, Any]) -> dict[str, Any]:
        words, texts = self.texts.words, self.texts
        place = ""
        if "level" in row:
            level = words.label("scorecard_level", row["level"])
            place = f"{level} · {words.label('scorecard_part', row['part'])}"
        indicator = self.content.catalogue.get(row["indicator"] or "")
        line = {
            "place": place,
            "note": row[f"note_{self.language}"],
            "name": "",
            "definition": "",
            "href": None,
            "told": None,
            "unit": "",
            "target": "",
            "verdict": "no_data",
            "change": "",
            "untold": texts.tell(MISSING, ""),
        }
        if indicator is None:
            return line
        status = row["status"] if row["status"] == "suppressed" else "published"
        cell = MISSING
        if row["value"] is not None or row["status"] == "suppressed":
            cell = Cell(status, row["value"])
        part = ""
        if row["breakdown"] != "none":
            part = words.part(row["breakdown"], row["breakdown_value"])
        code = str(row["indicator"])
        has_page = row["value"] is not None or row["status"] == "suppressed"
        anchor = code.replace(".", "-").replace("_", "-")
        return line | {
            "name": indicator[f"label_{self.language}"] + (f": {part}" if part else ""),
            "definition": indicator[f"definition_{self.language}"],
            "href": f"{indicator['theme']}.html#{anchor}" if has_page else None,
            "told": texts.tell(cell, indicator["unit"]),
            "unit": texts.unit(indicator["unit"]),
            "target": words.target(indicator) if row["target"] is not None else "",
            "verdict": str(row["status"]),
            "change": texts.change(
                Cell("published", row["previous_value"]), cell, indicator["unit"]
            ),
        }

    def _area_note(self, area: Area) -> str:
        if area.type == "country":
            count = len(self.content.of_type("organisation"))
            return self.texts.say("front.country_note", count=count)
        if area.type == "welfare_area":
            organisations = ", ".join(
                self.texts.words.area(*one.key)
                for one in self.content.of_type("organisation", area.code)
            )
            if organisations:
                return self.texts.say("front.welfare_area_note", organisations=organisations)
        if area.type == "municipality":
            return self.texts.say("area.municipality_note")
        return ""

    def _has_theme(self, theme: str, values: Values) -> bool:
        return any(
            self.content.catalogue[indicator]["theme"] == theme for indicator in values.indicators
        )

    def _verdicts(self, area: Area, theme: str, values: Values) -> list[str]:
        return [
            verdict(indicator, values.cell(indicator["indicator"], self.content.year))
            for indicator in self.content.of_theme(theme, area)
        ]

    def _theme_links(self, area: Area, values: Values, folder: str) -> list[Link]:
        """Link to the themes of an area; those without a value have no page and no link."""
        prefix = f"{folder}/" if folder else ""
        links = []
        for theme in self.content.themes:
            name = self.texts.words.label("theme", theme)
            if not self._has_theme(theme, values):
                note = self.texts.say("area.theme_missing", year=self.content.year)
                links.append(Link(name, None, note))
                continue
            told = counts(self._verdicts(area, theme, values))
            note = ""
            if told["all"]:
                note = self.texts.say("area.with_targets", met=told["met"], all=told["all"])
            href = f"{prefix}{theme}.html" if area.has_themes else f"#{theme}"
            links.append(Link(name, href, note))
        return links

    def _area_links(self, area_type: str, area: Area) -> list[Link]:
        if area.type != "welfare_area":
            return []
        return [
            Link(self.texts.words.area(*one.key), f"../{one.folder}/index.html")
            for one in self.content.of_type(area_type, area.code)
        ]

    def _elsewhere(self, area: Area, theme: str) -> list[Link]:
        """Link to the same theme of the other areas that have it."""
        return [
            Link(self.texts.words.area(*one.key), f"../{one.folder}/{theme}.html")
            for one in self.content.areas.values()
            if one.key != area.key
            and one.has_themes
            and theme in self.content.themes_of.get(one.key, ())
        ]

    def _key_figures(self, area: Area, values: Values) -> list[dict[str, Any]]:
        """Return the figures that stand for each theme, with the theme's link."""
        found = []
        for theme in self.content.themes:
            indicators = [
                self.content.catalogue[code]
                for code in self.content.key_indicators.get(theme, [])
                if code in self.content.catalogue
                and area.type in self.content.catalogue[code]["areas"].split("|")
            ]
            found.append(
                {
                    "theme": theme,
                    "name": self.texts.words.label("theme", theme),
                    "has_page": self._has_theme(theme, values),
                    "figures": [self.figures.of(area, one, values) for one in indicators],
                }
            )
        return found

    def _municipality_themes(self, area: Area, values: Values) -> list[dict[str, Any]]:
        found = []
        for theme in self.content.themes:
            indicators = self.content.of_theme(theme, area)
            if not indicators:
                continue
            # What is told only broken down is nothing without its bars.
            figures = [
                self.figures.of(area, one, values, drawn=one["breakdown_rule"] != "within")
                for one in indicators
            ]
            charts = [
                (self.content.catalogue[code][f"label_{self.language}"], chart)
                for code in self.content.key_indicators.get(theme, [])
                if code in self.content.catalogue
                for chart in [self.figures.trend_of(area, self.content.catalogue[code], values)]
                if chart is not None
            ]
            found.append(
                {
                    "theme": theme,
                    "name": self.texts.words.label("theme", theme),
                    "figures": [one for one in figures if one.has_data and not one.is_divided_only],
                    "divided": [one for one in figures if one.has_data and one.is_divided_only],
                    "without": [one for one in figures if not one.has_data],
                    "charts": charts,
                }
            )
        return found

    def _summary(self, area: Area, values: Values, folder: str = "") -> dict[str, Any]:
        """Sort the area's targets by whether they are met, count them and link to their figures."""
        by_verdict: dict[str, list[Link]] = {"met": [], "not_met": [], "untold": []}
        verdicts = []
        for theme in self.content.themes:
            for indicator in self.content.of_theme(theme, area):
                if indicator["target"] is None:
                    continue
                cell = values.cell(indicator["indicator"], self.content.year)
                told = verdict(indicator, cell)
                verdicts.append(told)
                anchor = indicator["indicator"].replace(".", "-").replace("_", "-")
                page = f"{folder}{theme}.html" if area.has_themes else ""
                has_page = self._has_theme(theme, values)
                written = self.texts.written(cell, indicator["unit"])
                target = self.texts.words.target(indicator)
                note = f"{written} ({self.texts.say('charts.target')} {target})"
                link = Link(
                    indicator[f"label_{self.language}"],
                    f"{page}#{anchor}" if has_page else None,
                    note,
                )
                by_verdict[told if told in ("met", "not_met") else "untold"].append(link)
        return {"counts": counts(verdicts), **by_verdict}

    def _revisions(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        told = []
        for row in rows:
            indicator = self.content.catalogue.get(row["indicator"])
            if indicator is None:
                continue
            old = Cell(row["old_status"], row["old_value"])
            new = Cell(row["new_status"], row["new_value"])
            told.append(
                {
                    "area": self.texts.words.area(row["area_type"], row["area"]),
                    "name": indicator[f"label_{self.language}"],
                    "old": self.texts.tell(old, indicator["unit"]),
                    "new": self.texts.tell(new, indicator["unit"]),
                    "why": self.texts.why(row["why"]),
                }
            )
        return told

    def _write(self, template: str, path: Path, trail: list[Link], **given: Any) -> Path:
        """Write a page at its place in the language's folder."""
        depth = len(path.parts)
        root = "../" * depth
        page = self.out / self.language / path
        page.parent.mkdir(parents=True, exist_ok=True)
        text = self._templates[template].render(
            root=root,
            home="../" * (depth - 1) + "index.html",
            trail=trail,
            alternatives={other: f"{root}{other}/{path.as_posix()}" for other in LANGUAGES},
            download_links=[
                Link(self.texts.download(key), root + target.replace("{language}", self.language))
                for key, target in self.downloads.items()
            ],
            **given,
        )
        page.write_text(text, encoding="utf-8")
        return page
