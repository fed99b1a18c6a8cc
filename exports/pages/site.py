"""Writing the site: which pages there are, what each is given, and where it is written.

Layout of the folder: ``index.html`` (choice of language), ``<language>/index.html`` (the release),
``<language>/<area type>-<area>/index.html`` (an area), ``…/<theme>.html``, ``…/aikumetod.html`` and
``…/strategy_map.html``; ``style.css`` and ``charts/`` are shared. A theme without any value of an
area has no page; the area's page says so.

Knows no indicator. The same publication gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from common import clock
from common.formats import LANGUAGES, Language, format_date
from common.progress import Progress
from exports.pages.charts import WIDTH, Charts
from exports.pages.content import AREA_TYPES, SCORECARDS, Area, Content, Values
from exports.pages.figures import Figures
from exports.pages.links import Link, Links
from exports.pages.overviews import Overviews
from exports.pages.scorecards import Scorecards
from exports.pages.texts import Texts
from exports.pages.verdicts import count_verdicts
from exports.publication import Publication

_TEMPLATES = Path(__file__).parent / "templates"


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
        progress: called after each area: how many are written, of how many, and which.

    Returns:
        The pages, in the order of their paths.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_TEMPLATES / "style.css", out / "style.css")
    content = Content(publication)
    try:
        charts = Charts(out / "charts")
        sites = [
            _LanguageSite(content, language, charts, out, downloads or {}) for language in LANGUAGES
        ]
        pages = [_write_choice_of_language(content, out)]
        areas = list(content.areas.values())
        for done, area in enumerate(areas, start=1):
            values = content.values(*area.key)
            for site in sites:
                pages += site.write_area(area, values)
            if progress is not None:
                progress(done, len(areas), area.folder)
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


def _write_choice_of_language(content: Content, out: Path) -> Path:
    page = out / "index.html"
    texts = {language: Texts(content.publication, language) for language in LANGUAGES}
    template = _environment().get_template("choice.html.j2")
    page.write_text(
        template.render(texts=texts, info=content.info, year=content.year), encoding="utf-8"
    )
    return page


class _LanguageSite:
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
        self.links = Links(content, self.texts)
        self.overviews = Overviews(content, self.texts, self.figures)
        self.scorecards = Scorecards(content, self.texts)
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
            released=format_date(content.info.released_on, language),
            protection=content.info.protection,
        )
        self._templates = {
            name: environment.get_template(f"{name}.html.j2")
            for name in ("front", "area", "municipality", "theme", "scorecard")
        }

    def write_front(self) -> Path:
        """Write the page of the release."""
        content, info = self.content, self.content.info
        failures: dict[str, list[Mapping[str, Any]]] = {"critical": [], "warning": []}
        for failure in info.signed.failures:
            is_critical = failure.get("severity") == "critical"
            failures["critical" if is_critical else "warning"].append(failure)
        return self._write(
            "front",
            Path("index.html"),
            [Link(self.texts.say("site.name"), None)],
            frozen=self._day(info.frozen_at),
            signed_at=self._day(info.signed.at),
            failures={key: self.texts.failures(found) for key, found in failures.items()},
            submitters=len(content.of_type("organisation")),
            **self._country_overview(),
            areas={area_type: self.links.areas(area_type) for area_type in AREA_TYPES},
            without=[self.texts.words.area("welfare_area", area) for area in content.areas_without],
            scorecards=[
                Link(
                    self.texts.say(f"scorecards.{card}"),
                    f"{area.folder}/{card}.html",
                    self.texts.say("area.targets_told", **self.scorecards.counts(area, card)),
                )
                for area in content.of_type("country")
                for card in SCORECARDS
            ],
            revisions=self.overviews.revisions(
                [row for rows in content.revisions.values() for row in rows]
            ),
            count_revisions=content.count_revisions,
        )

    def _country_overview(self) -> dict[str, Any]:
        """Return what the front page shows of the country; empty where it has no value."""
        country = next(iter(self.content.of_type("country")), None)
        if country is None:
            return {"country": None, "summary": None, "key_figures": [], "theme_links": []}
        values = self.content.kept_values(country)
        return {
            "country": country,
            "summary": self.overviews.targets(country, values, f"{country.folder}/"),
            "key_figures": self.overviews.key_figures(country, values),
            "theme_links": self.links.themes(country, values, country.folder),
        }

    def _day(self, moment: datetime) -> str:
        """Write the day of a moment in Finland."""
        if moment.tzinfo is not None:
            moment = moment.astimezone(clock.FINLAND)
        return format_date(moment.date(), self.language)

    def write_area(self, area: Area, values: Values) -> list[Path]:
        """Write an area's page, and those of its themes and scorecards."""
        name = self.texts.words.area(*area.key)
        trail = self.links.trail(area)
        common = {
            "area": area,
            "area_name": name,
            "area_note": self._area_note(area),
            "theme_links": self.links.themes(area, values, ""),
            "scorecards": [
                Link(self.texts.say(f"scorecards.{card}"), f"{card}.html") for card in SCORECARDS
            ],
        }
        own = {
            "summary": self.overviews.targets(area, values),
            "revisions": self.overviews.revisions(self.content.revisions.get(area.key, [])),
        }
        page = Path(area.folder) / "index.html"
        here = [*trail, Link(name, None)]
        if not area.has_themes:
            themes = self.overviews.municipality_themes(area, values)
            return [self._write("municipality", page, here, themes=themes, **own, **common)]
        pages = [
            self._write(
                "area",
                page,
                here,
                key_figures=self.overviews.key_figures(area, values),
                organisations=self.links.within(area, "organisation"),
                municipalities=self.links.within(area, "municipality"),
                belongs=next(iter(trail[1:]), None),
                **own,
                **common,
            )
        ]
        below = [*trail, Link(name, "index.html")]
        pages += [
            self._write_theme(area, theme, values, below, common)
            for theme in self.content.themes
            if self.content.has_theme(theme, values)
        ]
        pages += [self._write_scorecard(area, card, below, common) for card in SCORECARDS]
        return pages

    def _write_theme(
        self,
        area: Area,
        theme: str,
        values: Values,
        trail: Sequence[Link],
        common: Mapping[str, Any],
    ) -> Path:
        figures = [
            self.figures.figure(area, indicator, values, with_charts=True)
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
            counts=count_verdicts(figure.verdict for figure in figures),
            elsewhere=self.links.other_areas(area, theme),
            **common,
        )

    def _write_scorecard(
        self, area: Area, card: str, trail: Sequence[Link], common: Mapping[str, Any]
    ) -> Path:
        title = self.texts.say(f"scorecards.{card}")
        return self._write(
            "scorecard",
            Path(area.folder) / f"{card}.html",
            [*trail, Link(title, None)],
            card=card,
            title=title,
            lead=self.texts.say(f"scorecards.{card}_lead"),
            groups=self.scorecards.groups(area, card),
            counts=self.scorecards.counts(area, card),
            **common,
        )

    def _area_note(self, area: Area) -> str:
        """Say which organisations an area's values come from."""
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

    def _write(self, template: str, path: Path, trail: Sequence[Link], **given: Any) -> Path:
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
