"""Stages 4 to 9, measures: what was proposed, decided, carried out and evaluated."""

from __future__ import annotations

from typing import Literal

from exports.social_report.context import ReportContext
from exports.social_report.facts import Reading
from exports.social_report.tables import Column, Row, Table
from exports.social_report.texts import Texts

Stage = Literal["decide", "implement", "evaluate"]


def stage_figures(report: ReportContext, stage: Stage) -> Table:
    """Return the figures of a stage of the annual clock, for the measures of two years."""
    text, years = report.text, (report.year, report.year - 1)
    indicators = [
        code for code in Texts.lists("stage_figures")[stage] if code in report.values.catalogue
    ]
    return Table(
        text(f"{stage}_caption"),
        [
            Column(text("table_indicator"), False),
            *(Column(str(year)) for year in years),
            Column(text("table_target"), False),
        ],
        [
            Row(
                report.label(code),
                [
                    *(_with_counts(report, code, report.values.read(year, code)) for year in years),
                    report.target(code, report.values.read(report.year, code)),
                ],
            )
            for code in indicators
        ],
    )


def proposed_measures(report: ReportContext) -> list[str]:
    """Return a sentence for each of two years: how many measures were proposed, by problem."""
    text, indicator = report.text, "structural.measures_proposed"
    sentences = []
    for year in (report.year, report.year - 1):
        proposed = report.values.read(year, indicator)
        if proposed.value is None:
            sentences.append(text("no_measures", year=year))
            continue
        if not proposed.value:
            sentences.append(text("zero_measures", year=year))
            continue
        by_theme = ", ".join(
            f"{report.words.part('theme', theme)} {report.value(indicator, reading)}"
            for theme, reading in report.values.parts(year, indicator, "theme").items()
        )
        if by_theme:
            sentences.append(text("measures_by_theme", year=year, list=by_theme))
    return sentences


def _with_counts(report: ReportContext, indicator: str, reading: Reading) -> str:
    """Write a value; a share with the two counts it is made of, because measures are few."""
    written = report.value(indicator, reading)
    if reading.numerator is None or reading.denominator is None:
        return written
    counts = report.text(
        "of_measures",
        count=report.number(reading.numerator),
        total=report.number(reading.denominator),
    )
    return f"{written} ({counts})"
