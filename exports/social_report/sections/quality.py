"""The quality of the data: what is published, suppressed and missing, and how many responded."""

from __future__ import annotations

from typing import Any

from exports.social_report import facts
from exports.social_report.context import ReportContext
from exports.social_report.tables import Column, Row, Table


def quality(report: ReportContext) -> dict[str, Any]:
    """Return the counts by theme and the names of what is suppressed or missing."""
    text, values = report.text, report.values
    missing = report.missing_indicators()
    missing_by_theme: dict[str, list[str]] = {}
    for code in missing:
        missing_by_theme.setdefault(values.catalogue[code]["theme"], []).append(code)
    rows = [
        Row(
            report.words.label("theme", theme),
            (
                report.number(published),
                report.number(suppressed),
                report.number(len(missing_by_theme.get(theme, ()))),
            ),
        )
        for theme, published, suppressed in facts.count_published_and_suppressed(
            report.publication, report.area
        )
    ]
    suppressed_names = [
        report.label(code)
        for code in values.catalogue
        if values.status_of(report.year, code) == "suppressed"
    ]
    response = values.read(report.year, "staff.survey_response_rate")
    failures, _ = facts.failures_of(report.publication, report.area)
    rejects = sum(failure["expectation"].startswith("rejects.") for failure in failures)
    return {
        "lead": text("quality_lead", protection=report.info.protection),
        "table": Table(
            text("quality_caption"),
            (
                Column(text("table_theme"), False),
                Column(text("quality_published")),
                Column(text("quality_suppressed")),
                Column(text("quality_missing")),
            ),
            rows,
        ),
        "suppressed": (
            text("all_suppressed", names="; ".join(suppressed_names)) if suppressed_names else ""
        ),
        "response": (
            text("response_rate", value=report.value("staff.survey_response_rate", response))
            if response.value is not None
            else text(f"response_{response.status}")
        ),
        "rejects": text("rejects_known", count=rejects) if rejects else text("rejects_none"),
        "missing": [
            {
                "theme": report.words.label("theme", theme),
                "names": "; ".join(report.label(code) for code in codes),
            }
            for theme, codes in missing_by_theme.items()
        ],
    }
