"""How a chart of the workbook is drawn from its table: series, axes, colours and its description.

Knows XlsxWriter and the texts of charts. Does not know which charts there are: it is given one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.chart import Chart as ExcelChart

from common.formats import Language
from exports import wording
from exports.workbook.charts import Chart

_SIZE = {"width": 590, "height": 385}  # pixels
_FONT = {"size": 9}

# Dark enough to differ from white (contrast above 3) and from each other without colour vision;
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


@dataclass(frozen=True, slots=True)
class ChartTable:
    """Where the table of a chart is.

    Attributes:
        sheet: the name of its sheet; the names of its rows are in column 0.
        header: the row of its header, from 0.
        first: its first row.
        last: its last row.
    """

    sheet: str
    header: int
    first: int
    last: int


def draw(
    book: xlsxwriter.Workbook,
    chart: Chart,
    table: ChartTable,
    language: Language,
    texts: Mapping[str, Any],
    *,
    percent: str,
) -> tuple[ExcelChart, str]:
    """Draw a chart from its table.

    Args:
        book: the workbook that it belongs to.
        chart: what it shows.
        table: where its table is.
        language: the language of its description.
        texts: the part ``charts`` of the texts of the workbook.
        percent: the sign for percent in a number's pattern.

    Returns:
        The chart, to be put into a sheet, and what it shows in words.
    """
    drawn = book.add_chart({"type": chart.kind})
    highest, _ = _extremes(chart)
    for number, _ in enumerate(chart.series):
        drawn.add_series(_series(chart, table, number, _number_format(chart, highest[0], percent)))
    drawn.set_title(
        {"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False}
    )
    _set_axes(drawn, chart, percent)
    if chart.kind == "bar" and len(chart.series) == 1:
        drawn.set_legend({"none": True})
    else:
        drawn.set_legend({"position": "bottom", "font": _FONT})
    drawn.show_blanks_as("gap")
    drawn.set_size(_SIZE)
    return drawn, _description(chart, table, language, texts)


def _extremes(chart: Chart) -> tuple[tuple[float, str, str], tuple[float, str, str]]:
    """Return the highest and the lowest value that is shown, each with its row and its series.

    Of bars, only those of the year count, not those of the year before.
    """
    shown = [
        (value, name, series)
        for name, cells in chart.rows
        for series, (value, _) in zip(chart.series, cells, strict=True)
        if value is not None and (chart.kind == "line" or series == chart.series[0])
    ]
    return max(shown), min(shown)


def _number_format(chart: Chart, highest: float, percent: str) -> str:
    """Return the pattern of the values beside the bars."""
    if chart.unit == "share":
        return f"0.0{percent}"
    decimals = wording.decimals(chart.unit)
    if decimals and highest >= 10:
        return "#,##0.0"
    return {0: "#,##0", 1: "#,##0.0"}.get(decimals, "#,##0.00")


def _series(chart: Chart, table: ChartTable, number: int, number_format: str) -> dict[str, Any]:
    """Return a series as XlsxWriter takes it: its cells, colours and labels."""
    cells = {
        "name": [table.sheet, table.header, number + 1],
        "categories": [table.sheet, table.first, 0, table.last, 0],
        "values": [table.sheet, table.first, number + 1, table.last, number + 1],
    }
    has_few_bars = len(chart.rows) <= 8
    if chart.kind == "bar":
        bars: dict[str, Any] = {
            "fill": {"color": _NOW if number == 0 else _BEFORE},
            "gap": 60 if has_few_bars else 30,
            "overlap": 0,
        }
        if number == 0:
            bars["data_labels"] = {
                "value": True,
                "num_format": number_format,
                "font": {"size": 9 if has_few_bars else 8},
            }
        return cells | bars
    colour, dash, marker = _LINES[number % len(_LINES)]
    return cells | {
        "line": {"color": colour, "width": 2.25, "dash_type": dash},
        "marker": {
            "type": marker,
            "size": 6,
            "fill": {"color": colour},
            "border": {"color": colour},
        },
    }


def _set_axes(drawn: ExcelChart, chart: Chart, percent: str) -> None:
    categories = {"name": chart.category_axis, "name_font": _FONT, "num_font": _FONT}
    values = {
        "name": chart.value_axis,
        "name_font": _FONT,
        "num_font": _FONT,
        "num_format": f"0{percent}" if chart.unit == "share" else "General",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}},
    }
    if chart.kind == "bar":
        # The first row is on top, as in the table. This turns the other axis too: its numbers are
        # at the bottom where they are "high". Names stay outside bars that go below zero.
        _, lowest = _extremes(chart)
        start = {} if lowest[0] < 0 else {"min": 0}
        drawn.set_x_axis(values | start | {"label_position": "high"})
        drawn.set_y_axis(categories | {"reverse": True, "label_position": "low"})
    else:
        drawn.set_x_axis(categories)
        drawn.set_y_axis(values | {"min": 0})


def _description(
    chart: Chart, table: ChartTable, language: Language, texts: Mapping[str, Any]
) -> str:
    """Describe a chart in words: its title, its extremes, and where its table is."""
    highest, lowest = _extremes(chart)

    def name(extreme: tuple[float, str, str]) -> str:
        _, row, series = extreme
        return row if chart.kind == "bar" else f"{row} ({series})"

    template: str = texts["alt_bar" if chart.kind == "bar" else "alt_line"][language]
    return template.format(
        title=chart.title,
        high_name=name(highest),
        high=wording.value(highest[0], chart.unit, language),
        low_name=name(lowest),
        low=wording.value(lowest[0], chart.unit, language),
        sheet=table.sheet,
        first=table.first + 1,
        last=table.last + 1,
    )
