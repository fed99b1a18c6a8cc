"""Stage 2, processing the data: observations, key figures and the smaller areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from exports import wording
from exports.social_report import chart, facts
from exports.social_report.context import SIGNS, ReportContext
from exports.social_report.facts import Reading
from exports.social_report.tables import Column, Row, Table
from exports.social_report.texts import Texts

_OBSERVATIONS = "structural.observations"


def process(report: ReportContext) -> dict[str, Any]:
    """Return the observations, the key figures by theme, and the values of smaller areas."""
    tables = []
    without = []
    for theme, codes in report.key_figures.items():
        if any(report.values.status_of(report.year, code) != "missing" for code in codes):
            tables.append(_key_figures(report, report.words.label("theme", theme), codes))
        elif codes:
            without.append(report.words.label("theme", theme))
    return {
        **_observations(report),
        "figures": tables,
        "without": report.text("themes_without", themes=", ".join(without)) if without else "",
        "parts": _smaller_areas(report),
    }


def _observations(report: ReportContext) -> dict[str, Any]:
    """Return the observations by social problem and by source, of two years."""
    text, year, indicator = report.text, report.year, _OBSERVATIONS
    total, before = (report.values.read(when, indicator) for when in (year, year - 1))
    if total.status == "missing":
        return {"observed_none": text("observed_none"), "observed": None}
    themes = {
        theme: (
            report.values.read(year, indicator, "theme", theme),
            report.values.read(year - 1, indicator, "theme", theme),
        )
        for theme in _parts_with_rows(report, indicator, "theme")
    }
    ordered = sorted(themes.items(), key=lambda one: -(one[1][0].value or 0))
    rows = [
        Row(
            report.words.part("theme", theme),
            (
                report.value(indicator, now),
                report.share(now.value / total.value)
                if now.value is not None and total.value
                else SIGNS.get(now.status, wording.MISSING),
                report.value(indicator, then),
            ),
        )
        for theme, (now, then) in ordered
    ]
    raised = report.values.read(year, "structural.themes_raised")
    return {
        "observed_none": "",
        "observed_lead": text(
            "observed_lead",
            count=report.value(indicator, total),
            before=report.value(indicator, before),
            themes=report.value("structural.themes_raised", raised),
        ),
        "observed": Table(
            text("observed_caption"),
            [
                Column(text("table_theme"), False),
                Column(str(year)),
                Column(text("observed_share")),
                Column(str(year - 1)),
            ],
            rows,
        ),
        "observed_sources": _sources(report),
        "chart": _chart(report, ordered) if total.value else None,
    }


def _sources(report: ReportContext) -> Table:
    """Return the observations by source and by level, of two years."""
    text, years = report.text, (report.year, report.year - 1)
    return Table(
        text("observed_sources_caption"),
        (Column(text("table_source"), False), *(Column(str(year)) for year in years)),
        [
            Row(
                report.words.part(breakdown, part),
                [
                    report.value(
                        _OBSERVATIONS, report.values.read(year, _OBSERVATIONS, breakdown, part)
                    )
                    for year in years
                ],
            )
            for breakdown in ("source", "level")
            for part in _parts_with_rows(report, _OBSERVATIONS, breakdown)
        ],
    )


def _parts_with_rows(report: ReportContext, indicator: str, breakdown: str) -> list[str]:
    """Return the values of a breakdown that have a row in either year, in their own order."""
    seen = {
        *report.values.parts(report.year, indicator, breakdown),
        *report.values.parts(report.year - 1, indicator, breakdown),
    }
    return [part for of, part in report.words.breakdown_values if of == breakdown and part in seen]


def _chart(
    report: ReportContext, themes: Sequence[tuple[str, tuple[Reading, Reading]]]
) -> dict[str, str]:
    """Draw the observations by social problem, with a text for those who do not see the chart."""
    bars = [
        chart.Bar(
            report.words.part("theme", theme),
            (now.value, report.value(_OBSERVATIONS, now)),
            (then.value, report.value(_OBSERVATIONS, then)),
        )
        for theme, (now, then) in themes
    ]
    year, text = report.year, report.text
    most = ", ".join(f"{bar.name} {bar.now[1]}" for bar in bars[:3])
    return {
        "source": chart.bars(bars, str(year), str(year - 1)),
        "alt": text("chart_alt", before=year - 1, year=year, most=most),
        "caption": text("figure", number=1, caption=text("observed_caption")),
    }


def _key_figures(report: ReportContext, caption: str, indicators: Iterable[str]) -> Table:
    """Return the key figures of a theme: value, change, target and, of an area, the country's."""
    text, year = report.text, report.year
    columns = [
        Column(text("table_indicator"), False),
        Column(str(year)),
        Column(text("table_change", before=year - 1, year=year)),
        Column(text("table_target"), False),
    ]
    if report.country is not None:
        columns.append(Column(text("table_country")))
    rows = []
    for code in indicators:
        now, before = (report.values.read(when, code) for when in (year, year - 1))
        cells = [
            report.value(code, now),
            report.change(code, before, now),
            report.target(code, now),
        ]
        if report.country is not None:
            cells.append(report.value(code, report.country.read(year, code)))
        rows.append(Row(report.label(code), cells, report.unit(code)))
    return Table(caption, columns, rows)


def _smaller_areas(report: ReportContext) -> dict[str, Any]:
    """Return the values of the municipalities of an area or of the welfare areas of the country."""
    text, of = report.text, report.area.area_type
    indicators = [code for code in Texts.lists("part_figures") if code in report.values.catalogue]
    found = facts.smaller_areas(report.publication, report.area, indicators)
    kind = "welfare_area" if of == "country" else "municipality"
    names = sorted((report.words.area(kind, part).strip(), part) for part in found)
    table = Table(
        text(f"parts_caption_{of}", year=report.year),
        [Column(text(f"part_{of}"), False)] + [Column(report.label(code)) for code in indicators],
        [
            Row(
                name,
                [report.value(code, found[part].get(code, facts.MISSING)) for code in indicators],
            )
            for name, part in names
        ],
    )
    return {
        "heading": text(f"parts_heading_{of}"),
        "table": table if found else None,
        "note": text("parts_note_welfare_area") if of == "welfare_area" else "",
        "none": "" if found else text("parts_none"),
    }
