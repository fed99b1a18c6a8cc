"""The charts of the workbook: which there are of each theme, and how one is drawn.

A chart shows a key indicator of its theme: by organisation beside the year before, by the parts
that it is divided into, or by month. Every chart has a table of its own in the workbook, which it
is drawn from, so that whoever does not see the picture reads the same. A suppressed value has no
bar and no point: the name beside it carries the sign, because a bar of nought would be a lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.chart import Chart as Drawn

from common import formats
from common.formats import Language
from exports import wording
from exports.missing_values import Reading
from exports.wording import MISSING, SUPPRESSED, Words

Cell = tuple[float | None, str | None]

MOST_BARS = 12
MOST_LINES = 5

# Of each theme its key indicators: by area, by a breakdown of the country, by month.
WANTED: Mapping[str, tuple[tuple[Literal["area", "part", "month"], str, str], ...]] = {
    "caseload": (
        ("area", "caseload.clients_per_worker", "none"),
        ("month", "caseload.open_clients", "none"),
        ("part", "caseload.workers_by_band", "band"),
        ("area", "caseload.open_clients", "none"),
        ("part", "caseload.open_clients", "intensity"),
        ("month", "caseload.clients_per_worker", "none"),
    ),
    "time": (
        ("part", "time.allocation", "activity"),
        ("month", "time.community_hours", "none"),
        ("area", "time.client_process_share", "none"),
        ("part", "time.contact_minutes_per_client", "channel"),
        ("month", "time.contact_minutes_per_client", "none"),
    ),
    "outreach": (
        ("area", "outreach.visits", "none"),
        ("month", "outreach.visits", "none"),
        ("part", "outreach.topic_share", "topic"),
        ("area", "outreach.visits_per_10000", "none"),
    ),
    "process": (
        ("area", "process.plan_coverage", "none"),
        ("part", "process.support_need_share", "support_need"),
        ("part", "process.primary_reason", "reason"),
        ("area", "process.assessment_started_in_7_days", "none"),
        ("part", "process.initiated_by", "initiator"),
    ),
    "outcome": (
        ("part", "outcome.mean_change", "instrument_domain"),
        ("part", "outcome.client_feedback", "question"),
        ("part", "outcome.method_share", "method"),
        ("area", "outcome.measurements", "none"),
        ("area", "outcome.followed_up", "none"),
    ),
    "staff": (
        ("part", "staff.workers", "profession"),
        ("area", "staff.workers_per_10000", "none"),
        ("area", "staff.turnover", "none"),
        ("part", "staff.survey_mean", "question"),
        ("area", "staff.workers", "none"),
    ),
    "structural": (
        ("part", "structural.observations", "theme"),
        ("part", "structural.measures_proposed", "theme"),
        ("area", "structural.observations", "none"),
        ("area", "structural.decision_maker_meetings", "none"),
        ("part", "structural.observations", "source"),
    ),
    "access": (
        ("part", "access.places", "kind"),
        ("area", "access.places_per_10000", "none"),
        ("part", "access.places", "target_group"),
        ("area", "access.places", "none"),
    ),
}
MOST_CHARTS = 4
"""Of the wanted ones, the first that there are numbers for."""

# Breakdowns whose values have an order of their own; the others are shown largest first.
_ORDERED = frozenset({"band", "phase", "wave", "level"})

# Dark enough to be told from white (contrast above 3) and from each other without colour vision;
# lines differ in dash and marker as well.
_NOW, _BEFORE = "#1F4E79", "#8C8C8C"
_LINES = (
    ("#1F4E79", "solid", "circle"),
    ("#C55A11", "dash", "square"),
    ("#2E7D4F", "round_dot", "triangle"),
    ("#7B3F8C", "dash_dot", "diamond"),
    ("#404040", "long_dash", "x"),
    ("#9C6500", "square_dot", "star"),
)

_BY_AREA = """
SELECT now.area_type, now.area, now.value, now.status, before.value AS previous_value,
    before.status AS previous_status
FROM complete AS now
LEFT JOIN "values" AS before
    ON before.indicator = now.indicator
    AND before.area_type = now.area_type AND before.area = now.area
    AND before.period_type = 'year' AND before.period = $previous_year
    AND before.breakdown = 'none'
WHERE now.indicator = $indicator AND now.breakdown = 'none'
    AND now.period_type = 'year' AND now.period = $year
    AND now.area_type IN ('organisation', 'municipality')
ORDER BY now.value DESC NULLS LAST, now.status DESC, now.area
"""

_BY_PART = """
SELECT now.breakdown_value, now.value, now.status, before.value AS previous_value,
    before.status AS previous_status
FROM "values" AS now
LEFT JOIN breakdown_values AS parts USING (breakdown, breakdown_value)
LEFT JOIN "values" AS before
    ON before.indicator = now.indicator
    AND before.area_type = 'country'
    AND before.period_type = 'year' AND before.period = $previous_year
    AND before.breakdown = now.breakdown AND before.breakdown_value = now.breakdown_value
WHERE now.indicator = $indicator AND now.breakdown = $breakdown
    AND now.period_type = 'year' AND now.period = $year
    AND now.area_type = 'country'
ORDER BY CASE WHEN NOT $is_ordered THEN now.value END DESC NULLS LAST, parts.position,
    now.breakdown_value
"""

_BY_MONTH = """
SELECT area_type, area, period, value, status
FROM complete
WHERE indicator = $indicator AND breakdown = 'none' AND period_type = 'month'
    AND left(period, 4) = $year AND area_type IN ('country', 'organisation')
ORDER BY area_type, area, period
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its table.

    Attributes:
        kind: bar or line.
        title: what it shows.
        unit: unit of its values, as the catalogue names it.
        value_axis: what the values are.
        category_axis: what the bars or points are.
        series: names of its series.
        rows: name of each bar or point, and the value and status of every series there.
    """

    kind: Literal["bar", "line"]
    title: str
    unit: str
    value_axis: str
    category_axis: str
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Data:
    """Where the table of a chart stands: its sheet, and its rows from 0; names in column 0."""

    sheet: str
    header: int
    first: int
    last: int


def charts_of(
    tables: Reading, year: int, theme: str, words: Words, texts: Mapping[str, Any]
) -> list[Chart]:
    """Return the charts of a theme that there are enough published values for.

    Args:
        tables: what is published.
        year: the year of the release.
        theme: its code.
        words: names in the language of the charts.
        texts: the part ``charts`` of the texts of the workbook.
    """
    charts: list[Chart] = []
    catalogue = {row["indicator"]: row for row in tables.rows("FROM catalogue")}
    makers = {"area": _by_area, "part": _by_part, "month": _by_month}
    for kind, indicator, breakdown in WANTED.get(theme, ()):
        if indicator not in catalogue or len(charts) == MOST_CHARTS:
            continue
        chart = makers[kind](tables, year, catalogue[indicator], breakdown, words, texts)
        if chart is not None:
            charts.append(chart)
    return charts


def _by_area(
    tables: Reading,
    year: int,
    indicator: Mapping[str, Any],
    breakdown: str,
    words: Words,
    texts: Mapping[str, Any],
) -> Chart | None:
    """Compare organisations; where only one has a value, its municipalities."""
    found = tables.rows(_BY_AREA, _asked(year, indicator))
    for area_type in ("organisation", "municipality"):
        rows = [row for row in found if row["area_type"] == area_type]
        if sum(row["value"] is not None for row in rows) >= 2:
            named = [(words.area(area_type, row["area"]), row) for row in rows]
            axis = words.label("area_type", area_type)
            text = str(texts[area_type][words.language])
            # All organisations; of municipalities the first ones.
            most = len(named) if area_type == "organisation" else MOST_BARS
            return _bars(year, indicator, named, axis, text, words, texts, most)
    return None


def _by_part(
    tables: Reading,
    year: int,
    indicator: Mapping[str, Any],
    breakdown: str,
    words: Words,
    texts: Mapping[str, Any],
) -> Chart | None:
    found = tables.rows(
        _BY_PART,
        {
            **_asked(year, indicator),
            "breakdown": breakdown,
            "is_ordered": breakdown in _ORDERED,
        },
    )
    if sum(row["value"] is not None for row in found) < 2:
        return None
    named = [(words.part(breakdown, row["breakdown_value"]), row) for row in found]
    axis, text = words.label("breakdown", breakdown), str(texts["part"][words.language])
    return _bars(year, indicator, named, axis, text, words, texts, MOST_BARS)


def _bars(
    year: int,
    indicator: Mapping[str, Any],
    named: Sequence[tuple[str, Mapping[str, Any]]],
    axis: str,
    of: str,
    words: Words,
    texts: Mapping[str, Any],
    most: int,
) -> Chart:
    """Make a bar chart of the year, and of the year before where that has anything."""
    shown = list(named[:most])
    has_before = any(row["previous_value"] is not None for _, row in shown)
    title = f"{indicator[f'label_{words.language}']} {of} {year}"
    if of == texts["part"][words.language]:
        title = f"{indicator[f'label_{words.language}']}, {of} {year}"
    if len(named) > most:
        title += f" ({texts['largest'][words.language].format(count=most)})"
    rows = []
    for name, row in shown:
        sign = {"suppressed": SUPPRESSED, "missing": MISSING}.get(row["status"])
        cells: tuple[Cell, ...] = ((row["value"], row["status"]),)
        if has_before:
            cells = (*cells, (row["previous_value"], row["previous_status"]))
        rows.append((f"{name} ({sign})" if sign else name, cells))
    return Chart(
        "bar",
        title,
        indicator["unit"],
        _unit(indicator["unit"], words),
        _capital(axis),
        (str(year), str(year - 1)) if has_before else (str(year),),
        tuple(rows),
    )


def _by_month(
    tables: Reading,
    year: int,
    indicator: Mapping[str, Any],
    breakdown: str,
    words: Words,
    texts: Mapping[str, Any],
) -> Chart | None:
    """Draw the months of each organisation; of more than a few, of the country."""
    found = tables.rows(_BY_MONTH, {"indicator": indicator["indicator"], "year": str(year)})
    areas: dict[tuple[str, str], dict[str, Cell]] = {}
    for row in found:
        months = areas.setdefault((row["area_type"], row["area"]), {})
        months[row["period"]] = (row["value"], row["status"])
    areas = {
        area: months
        for area, months in areas.items()
        if sum(value is not None for value, _ in months.values()) >= 2
    }
    organisations = [area for area in areas if area[0] == "organisation"]
    if not 1 <= len(organisations) <= MOST_LINES:
        organisations = [area for area in areas if area[0] == "country"]
    if not organisations:
        return None
    periods = [f"{year}-{month:02d}" for month in range(1, 13)]
    return Chart(
        "line",
        f"{indicator[f'label_{words.language}']} {texts['month'][words.language]} {year}",
        indicator["unit"],
        _unit(indicator["unit"], words),
        str(texts["month_axis"][words.language]),
        tuple(words.area(*area) for area in organisations),
        tuple(
            (
                formats.format_period(period, words.language, short=True),
                tuple(areas[area].get(period, (None, None)) for area in organisations),
            )
            for period in periods
        ),
    )


def _asked(year: int, indicator: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "indicator": indicator["indicator"],
        "year": str(year),
        "previous_year": str(year - 1),
    }


def _unit(unit: str, words: Words) -> str:
    return _capital(words.label("unit", unit)) + (" (%)" if unit == "share" else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def draw(
    book: xlsxwriter.Workbook,
    chart: Chart,
    data: Data,
    language: Language,
    texts: Mapping[str, Any],
    *,
    percent: str,
) -> tuple[Drawn, str]:
    """Draw a chart from its table.

    Args:
        book: the workbook that it belongs to.
        chart: what it shows.
        data: where its table stands.
        language: of its alternative text.
        texts: the part ``charts`` of the texts of the workbook.
        percent: the sign for percent in a number's pattern.

    Returns:
        The chart, to be put into a sheet, and what it shows in words.
    """
    is_bar = chart.kind == "bar"
    told = [
        (value, name, serie)
        for name, cells in chart.rows
        for serie, (value, _) in zip(chart.series, cells, strict=True)
        if value is not None and (not is_bar or serie == chart.series[0])
    ]
    high, low = max(told), min(told)
    decimals = wording.decimals(chart.unit)
    number_format = {0: "#,##0", 1: "#,##0.0"}.get(decimals, "#,##0.00")
    if chart.unit == "share":
        number_format = f"0.0{percent}"
    elif decimals and high[0] >= 10:
        number_format = "#,##0.0"
    drawn = book.add_chart({"type": chart.kind})
    for number, _ in enumerate(chart.series):
        series: dict[str, Any] = {
            "name": [data.sheet, data.header, number + 1],
            "categories": [data.sheet, data.first, 0, data.last, 0],
            "values": [data.sheet, data.first, number + 1, data.last, number + 1],
        }
        if is_bar:
            series |= {
                "fill": {"color": _NOW if number == 0 else _BEFORE},
                "gap": 60 if len(chart.rows) <= 8 else 30,
                "overlap": 0,
            }
            if number == 0:
                series["data_labels"] = {
                    "value": True,
                    "num_format": number_format,
                    "font": {"size": 9 if len(chart.rows) <= 8 else 8},
                }
        else:
            colour, dash, marker = _LINES[number % len(_LINES)]
            series |= {
                "line": {"color": colour, "width": 2.25, "dash_type": dash},
                "marker": {
                    "type": marker,
                    "size": 6,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        drawn.add_series(series)
    drawn.set_title(
        {"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False}
    )
    font = {"size": 9}
    categories = {"name": chart.category_axis, "name_font": font, "num_font": font}
    values = {
        "name": chart.value_axis,
        "name_font": font,
        "num_font": font,
        "num_format": f"0{percent}" if chart.unit == "share" else "General",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}},
    }
    if is_bar:
        # The first row on top, as in the table, which turns the other axis too: its numbers are
        # at the bottom where they are "high". Names stay outside bars that go below zero.
        start = {} if low[0] < 0 else {"min": 0}
        drawn.set_x_axis(values | start | {"label_position": "high"})
        drawn.set_y_axis(categories | {"reverse": True, "label_position": "low"})
    else:
        drawn.set_x_axis(categories)
        drawn.set_y_axis(values | {"min": 0})
    if is_bar and len(chart.series) == 1:
        drawn.set_legend({"none": True})
    else:
        drawn.set_legend({"position": "bottom", "font": font})
    drawn.show_blanks_as("gap")
    drawn.set_size({"width": 590, "height": 385})
    named = {
        place: f"{name} ({serie})" if not is_bar else name
        for place, (_, name, serie) in (("high", high), ("low", low))
    }
    alt = texts["alt_bar" if is_bar else "alt_line"][language].format(
        title=chart.title,
        high_name=named["high"],
        high=wording.value(high[0], chart.unit, language),
        low_name=named["low"],
        low=wording.value(low[0], chart.unit, language),
        sheet=data.sheet,
        first=data.first + 1,
        last=data.last + 1,
    )
    return drawn, alt
