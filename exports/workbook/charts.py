"""The charts of the workbook as data: which charts each theme has, and the numbers of each.

A chart shows an indicator of its theme: by organisation, with the year before; by the parts of a
breakdown; or by month. Every chart has a table of its own in the workbook, from which it is drawn,
so that those who do not see the chart read the same numbers. A suppressed value has no bar and no
point, because a bar of zero would be wrong: the name beside it has the sign.

Does not know how a chart is drawn (``drawing``), nor where it stands (``chart_sheets``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from common import formats
from exports.missing_values import OpenPublication
from exports.presentation import DeclaredChart
from exports.wording import MISSING, SUPPRESSED, Words

Cell = tuple[float | None, str | None]

MOST_BARS = 12
MOST_LINES = 5

MOST_CHARTS = 4
"""Charts of a theme: the first of its declared charts that have enough values."""

# Breakdowns whose values have an order of their own; the others are shown largest first.
_ORDERED = frozenset({"band", "phase", "wave", "level"})

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
        title: its title.
        unit: the unit of its values, as a code of the catalogue.
        value_axis: the name of the axis of values.
        category_axis: the name of the axis of bars or points.
        series: the names of its series.
        rows: the name of each bar or point, with the value and the status of each series.
    """

    kind: Literal["bar", "line"]
    title: str
    unit: str
    value_axis: str
    category_axis: str
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def charts_of(
    tables: OpenPublication,
    year: int,
    declared: Sequence[DeclaredChart],
    words: Words,
    texts: Mapping[str, Any],
) -> list[Chart]:
    """Return the first charts of a theme that have enough published values.

    Args:
        tables: what is published.
        year: the year of the release.
        declared: the charts that the theme's indicators declare, in their order.
        words: names in the language of the charts.
        texts: the part ``charts`` of the texts of the workbook.
    """
    charts: list[Chart] = []
    catalogue = {row["indicator"]: row for row in tables.rows("FROM catalogue")}
    makers = {"areas": _by_area, "parts": _by_part, "months": _by_month}
    for one in declared:
        if len(charts) == MOST_CHARTS:
            break
        chart = makers[one.kind](
            tables, year, catalogue[one.indicator], one.breakdown, words, texts
        )
        if chart is not None:
            charts.append(chart)
    return charts


def _by_area(
    tables: OpenPublication,
    year: int,
    indicator: Mapping[str, Any],
    breakdown: str,
    words: Words,
    texts: Mapping[str, Any],
) -> Chart | None:
    """Compare organisations; where only one has a value, its municipalities."""
    found = tables.rows(_BY_AREA, _parameters(year, indicator))
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
    tables: OpenPublication,
    year: int,
    indicator: Mapping[str, Any],
    breakdown: str,
    words: Words,
    texts: Mapping[str, Any],
) -> Chart | None:
    found = tables.rows(
        _BY_PART,
        {
            **_parameters(year, indicator),
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
    tables: OpenPublication,
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


def _parameters(year: int, indicator: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "indicator": indicator["indicator"],
        "year": str(year),
        "previous_year": str(year - 1),
    }


def _unit(unit: str, words: Words) -> str:
    return _capital(words.label("unit", unit)) + (" (%)" if unit == "share" else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
