"""The social report of one area in one language: everything that the template shows.

Puts the sections together. Makes no number and holds no sentence: see ``context`` and ``sections``.
"""

from __future__ import annotations

from typing import Any

from common import formats
from exports.social_report.context import ReportContext
from exports.social_report.sections.appendices import definitions, rules, sources
from exports.social_report.sections.collect import collect
from exports.social_report.sections.deliberate import deliberate
from exports.social_report.sections.measures import proposed_measures, stage_figures
from exports.social_report.sections.process import process
from exports.social_report.sections.quality import quality
from exports.social_report.sections.summary import corrects, summary


def template_values(report: ReportContext) -> dict[str, Any]:
    """Return the values of the variables of ``report.html.j2``."""
    text, info = report.text, report.info
    title = text("title", year=report.year)
    name = report.words.area(report.area.area_type, report.area.area)
    name = (name[:1].upper() + name[1:]).strip()
    return {
        "language": report.language,
        "text": text,
        "title": title,
        "area": name,
        "running": f"{title} · {name}",
        "description": text("description", year=report.year),
        "info": info,
        "created": info.released_on.isoformat(),
        "released": text(
            "released",
            release=info.name,
            day=formats.format_date(info.released_on, report.language),
        ),
        "corrects": corrects(report),
        "brief": summary(report),
        "collect": collect(report),
        "process": process(report),
        "deliberate": deliberate(report),
        "decide": stage_figures(report, "decide"),
        "measures": proposed_measures(report),
        "implement": stage_figures(report, "implement"),
        "evaluate": stage_figures(report, "evaluate"),
        "evaluate_lead": text("evaluate_lead", year=report.year),
        "quality": quality(report),
        "appendix": rules(report),
        "definitions": definitions(report),
        "sources": sources(report),
    }
