"""How the indicators of a publication are presented: their order, the key figures, the charts.

All of it is declared with each indicator and comes with the catalogue of the publication, so that
pages, workbook and social report agree. Knows no page, no sheet and no section: what each of them
shows of it, they decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, get_args

ChartKind = Literal["areas", "parts", "months"]
Surface = Literal["pages", "report"]

_COLUMNS = ("position", "key_figure_in", "charts")
_KEY_FIGURE = re.compile(r"pages|report@(?P<place>\d+)")
_CHART = re.compile(r"(?P<kind>areas|parts|months)(:(?P<breakdown>\w+))?@(?P<place>\d+)")


class NoPresentation(ValueError):
    """The catalogue of a publication does not say how its indicators are presented."""


class Tables(Protocol):
    """The tables of a publication, open or not."""

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a query by column name."""


@dataclass(frozen=True, slots=True)
class DeclaredChart:
    """A chart that an indicator declares.

    Attributes:
        indicator: the indicator's code.
        kind: by area, by the parts of a breakdown, or by month.
        breakdown: the breakdown of a chart of parts; ``none`` for the other kinds.
    """

    indicator: str
    kind: ChartKind
    breakdown: str = "none"


@dataclass(frozen=True, slots=True)
class Presentation:
    """The declared presentation of a publication's indicators; themes are in their order.

    Attributes:
        indicators: the indicators of each theme, in their order.
        key_figures: those that stand for their theme on the pages and in the social report, in
            the order of each.
        charts: the charts of each theme, in their order.
    """

    indicators: Mapping[str, tuple[str, ...]]
    key_figures: Mapping[Surface, Mapping[str, tuple[str, ...]]]
    charts: Mapping[str, tuple[DeclaredChart, ...]]


def presentation(tables: Tables) -> Presentation:
    """Read how the indicators of a publication are presented.

    Args:
        tables: the tables of the publication; of them ``catalogue`` and ``labels`` are read.

    Raises:
        NoPresentation: the catalogue lacks the columns, as one of an earlier version does, or an
            indicator has no position, or a key figure or chart that cannot be read.
    """
    columns = {row["column_name"] for row in tables.rows("DESCRIBE catalogue")}
    if lacking := [column for column in _COLUMNS if column not in columns]:
        raise NoPresentation(
            f"The catalogue of this publication has no column {', '.join(lacking)}: its warehouse "
            "was built by an earlier version, which kept the order of indicators, the key figures "
            "and the charts elsewhere. Build the warehouse again with: vuosikello build "
            "--full-refresh"
        )
    rows = tables.rows(
        """
        SELECT
            catalogue.indicator, catalogue.theme, catalogue.position, catalogue.key_figure_in,
            catalogue.charts
        FROM catalogue
        LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = catalogue.theme
        ORDER BY labels.position, catalogue.theme, catalogue.position, catalogue.indicator
        """
    )
    if unplaced := [row["indicator"] for row in rows if row["position"] is None]:
        raise NoPresentation(
            f"The catalogue has no position for {', '.join(unplaced)}. Write presentation.position "
            "in the declaration of each."
        )
    themes = dict.fromkeys(row["theme"] for row in rows)
    placed = {theme: [row for row in rows if row["theme"] == theme] for theme in themes}
    return Presentation(
        {theme: tuple(row["indicator"] for row in found) for theme, found in placed.items()},
        {
            surface: {theme: _key_figures(found, surface) for theme, found in placed.items()}
            for surface in get_args(Surface)
        },
        {theme: _charts(found) for theme, found in placed.items()},
    )


def _key_figures(rows: list[dict[str, Any]], surface: Surface) -> tuple[str, ...]:
    """Return the key figures of a theme by their place; at one place, in the order of indicators.

    Args:
        rows: the indicators of the theme, in their order.
        surface: where the key figures are shown.
    """
    found: list[tuple[int, str]] = []
    for row in rows:
        for text in (row["key_figure_in"] or "").split("|"):
            if not text:
                continue
            declared = _KEY_FIGURE.fullmatch(text)
            if declared is None:
                raise NoPresentation(
                    f"{row['indicator']} has {text!r} in key_figure_in of the catalogue; each part "
                    "is pages or report@place."
                )
            if text.partition("@")[0] == surface:
                found.append((int(declared["place"] or 0), row["indicator"]))
    return tuple(indicator for _, indicator in sorted(found, key=lambda one: one[0]))


def _charts(rows: list[dict[str, Any]]) -> tuple[DeclaredChart, ...]:
    """Return the charts of a theme by their place; at one place, in the order of indicators."""
    found: list[tuple[int, DeclaredChart]] = []
    for row in rows:
        for text in (row["charts"] or "").split("|"):
            if not text:
                continue
            declared = _CHART.fullmatch(text)
            if declared is None:
                raise NoPresentation(
                    f"{row['indicator']} has a chart {text!r} in the catalogue; a chart is "
                    "kind@place or parts:breakdown@place, and its kind areas, parts or months."
                )
            chart = DeclaredChart(
                row["indicator"],
                cast(ChartKind, declared["kind"]),
                declared["breakdown"] or "none",
            )
            found.append((int(declared["place"]), chart))
    return tuple(chart for _, chart in sorted(found, key=lambda one: one[0]))
