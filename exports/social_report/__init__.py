"""The social report: what HYTE groups and the board read once a year, by area and language.

Reads a ``Publication`` and nothing else, so that no number can bypass disclosure control. Follows
the annual clock: what was observed, the one to three problems that stand out by stated rules, and
what happened to the measures. The same publication gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.formats import Language
from exports import wording
from exports.presentation import presentation
from exports.publication import Publication
from exports.social_report.context import ReportContext
from exports.social_report.document import template_values
from exports.social_report.facts import Area, areas_with_values, values_of
from exports.social_report.problems import stated_rules

__all__ = ["pages", "write_social_report"]

_COUNTRY = Area("country", "FI")


def write_social_report(
    publication: Publication, out: Path, language: Language
) -> tuple[Path, ...]:
    """Write the social report in one language: of the country and of each area with values.

    Args:
        publication: the tables of the release.
        out: the folder for the files; created.
        language: fi, sv or en.

    Returns:
        The files: ``social-report.<language>.html`` and ``.pdf`` of the country, then
        ``social-report.<welfare area>.<language>.html`` and ``.pdf`` of each welfare area that has
        a value in the release's year. A release without any value has a country's report too.
    """
    # WeasyPrint takes a second to load; whoever reads facts or makes pages needs none of it.
    from exports.social_report.pdf import write_pdf

    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for area, html in pages(publication, language):
        name = "social-report" if area == _COUNTRY else f"social-report.{area.area}"
        page, document = (out / f"{name}.{language}.{kind}" for kind in ("html", "pdf"))
        page.write_text(html, encoding="utf-8")
        document.write_bytes(write_pdf(html))
        written += [page, document]
    return tuple(written)


def pages(publication: Publication, language: Language) -> Iterator[tuple[Area, str]]:
    """Make the report of each area as one HTML document, the country's first.

    Args:
        publication: the tables of the release.
        language: fi, sv or en.

    Yields:
        The area and its document.
    """
    areas = areas_with_values(publication)
    if _COUNTRY not in areas:
        areas.insert(0, _COUNTRY)
    values = values_of(publication, areas)
    words = wording.words(publication, language)
    presented = presentation(publication)
    template = _environment().get_template("report.html.j2")
    for area in areas:
        report = ReportContext(publication, stated_rules(), area, values, words, presented)
        yield area, template.render(template_values(report))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
