"""What the pages show, read from a publication: areas, values, numbers of charts, scorecards.

Reads sets of rows, with one query for each area. Knows no HTML and no sentence. A value is a
``Cell``: published, suppressed or missing. A value without a row is missing, and ``MISSING`` stands
for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import duckdb

from exports.presentation import Presentation, presentation
from exports.publication import Publication

AREA_TYPES = ("country", "welfare_area", "organisation", "municipality")
# The scorecards: table and order of their lines, by the name of their page.
SCORECARDS: Mapping[str, tuple[str, str]] = {
    "aikumetod": ("aikumetod_scorecard", "recommendation, line"),
    "strategy_map": (
        "strategy_map",
        "list_position(['client', 'personnel', 'process', 'economy'], perspective), position, line",
    ),
}
_ALAND = "91"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it may be shown.

    Attributes:
        status: ``published``, ``suppressed`` or ``missing``.
        value: the value; None unless published.
        numerator: what was counted; None unless published.
        denominator: what it is divided by; None for a count, and unless published.
    """

    status: str
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None


MISSING = Cell("missing")


@dataclass(frozen=True, slots=True)
class Area:
    """An area that has pages.

    Attributes:
        type: country, welfare_area, organisation or municipality.
        code: its code.
        welfare_area: the welfare area that it is or lies in; None for the country.
    """

    type: str
    code: str
    welfare_area: str | None

    @property
    def folder(self) -> str:
        """The name of the folder of its pages."""
        return f"{self.type}-{self.code}"

    @property
    def key(self) -> tuple[str, str]:
        """Its type and code."""
        return self.type, self.code

    @property
    def has_themes(self) -> bool:
        """Whether each theme has a page of its own; a municipality has one page for all."""
        return self.type != "municipality"


@dataclass(slots=True)
class Values:
    """The values of one area.

    Attributes:
        cells: by indicator, breakdown, breakdown value and period.
        parts: breakdown values in their order, by indicator and breakdown, of the release's year.
        months: indicators that have monthly values.
        feeds: feeds of the indicators that have a value of the year.
        indicators: indicators that have a value of the year.
    """

    cells: dict[tuple[str, str, str, str], Cell] = field(default_factory=dict)
    parts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)
    feeds: set[str] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)

    def cell(self, indicator: str, period: str, breakdown: str = "none", part: str = "all") -> Cell:
        """Return a value; ``MISSING`` where there is none."""
        return self.cells.get((indicator, breakdown, part, period), MISSING)


class Content:
    """Reads from a publication what the pages show.

    Attributes:
        publication: the tables.
        year: the release's year, as periods are written.
        before: the year before.
    """

    def __init__(self, publication: Publication) -> None:
        self.publication = publication
        self.info = publication.info
        self.year = str(publication.info.year)
        self.before = str(publication.info.year - 1)
        self._connection = publication.connect()
        self.values = lru_cache(maxsize=4)(self._values)
        self._kept: dict[tuple[str, str], Values] = {}

    def close(self) -> None:
        """Close the tables."""
        self._connection.close()

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Query the tables; return the rows by column name."""
        answer: duckdb.DuckDBPyConnection = self._connection.execute(query, dict(parameters or {}))
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    @cached_property
    def _presentation(self) -> Presentation:
        return presentation(self)

    @cached_property
    def catalogue(self) -> dict[str, dict[str, Any]]:
        """The indicators by code, in the order in which pages show them."""
        rows = {row["indicator"]: row for row in self.rows("FROM catalogue")}
        return {
            code: rows[code] for codes in self._presentation.indicators.values() for code in codes
        }

    @cached_property
    def key_figures(self) -> Mapping[str, tuple[str, ...]]:
        """The key figures of each theme, which an area's page shows."""
        return self._presentation.key_figures["pages"]

    @cached_property
    def themes(self) -> list[str]:
        """The themes, in their order."""
        rows = self.rows("SELECT code FROM labels WHERE kind = 'theme' ORDER BY position")
        known = {row["theme"] for row in self.catalogue.values()}
        return [row["code"] for row in rows if row["code"] in known]

    def of_theme(self, theme: str, area: Area) -> list[dict[str, Any]]:
        """Return the indicators of a theme that an area of this type can have."""
        return [
            row
            for row in self.catalogue.values()
            if row["theme"] == theme and area.type in row["areas"].split("|")
        ]

    def has_theme(self, theme: str, values: Values) -> bool:
        """Return whether an area with these values has any of the year in a theme."""
        return any(self.catalogue[code]["theme"] == theme for code in values.indicators)

    @cached_property
    def areas(self) -> dict[tuple[str, str], Area]:
        """The areas that have values of the year, wider ones first, then by their names."""
        rows = self.rows(
            """
            SELECT area_type, area, welfare_area
            FROM (
                SELECT DISTINCT area_type, area FROM "values"
                WHERE period_type = 'year' AND period = $year
            )
            LEFT JOIN areas USING (area_type, area)
            ORDER BY list_position($types, area_type), label_fi, area
            """,
            {"year": self.year, "types": list(AREA_TYPES)},
        )
        found = [Area(row["area_type"], row["area"], row["welfare_area"]) for row in rows]
        return {area.key: area for area in found}

    @cached_property
    def areas_without(self) -> list[str]:
        """The welfare areas that have no value of the year."""
        rows = self.rows("SELECT area FROM areas WHERE area_type = 'welfare_area' ORDER BY area")
        return [row["area"] for row in rows if ("welfare_area", row["area"]) not in self.areas]

    @cached_property
    def count_welfare_areas(self) -> int:
        """How many welfare areas there are, with or without values; Åland is not one by law."""
        having = [area.code for area in self.of_type("welfare_area")]
        return len([area for area in (*self.areas_without, *having) if area != _ALAND])

    def of_type(self, area_type: str, within: str | None = None) -> list[Area]:
        """Return the areas of a type; only those of one welfare area where it is given."""
        return [
            area
            for area in self.areas.values()
            if area.type == area_type and within in (None, area.welfare_area)
        ]

    def wider(self, area: Area) -> list[Area]:
        """Return the areas that an area is compared with: its welfare area and the country."""
        found = []
        if area.type in ("organisation", "municipality") and area.welfare_area is not None:
            found.append(self.areas.get(("welfare_area", area.welfare_area)))
        if area.type != "country":
            found += self.of_type("country")
        return [one for one in found if one is not None]

    def kept_values(self, area: Area) -> Values:
        """Return the values of an area that others are compared with; read once."""
        if area.key not in self._kept:
            self._kept[area.key] = self._values(*area.key)
        return self._kept[area.key]

    def _values(self, area_type: str, area: str) -> Values:
        rows = self.rows(
            """
            SELECT
                given.indicator, given.breakdown, given.breakdown_value, given.period,
                given.period_type, given.status, given.value, given.numerator, given.denominator
            FROM "values" AS given
            LEFT JOIN breakdown_values AS parts USING (breakdown, breakdown_value)
            WHERE given.area_type = $area_type AND given.area = $area
            ORDER BY
                given.indicator, given.period, given.breakdown, parts.position,
                given.breakdown_value
            """,
            {"area_type": area_type, "area": area},
        )
        found = Values()
        for row in rows:
            indicator, breakdown = row["indicator"], row["breakdown"]
            if indicator not in self.catalogue:
                continue  # an indicator of an earlier year that the catalogue no longer has
            found.cells[indicator, breakdown, row["breakdown_value"], row["period"]] = Cell(
                row["status"], row["value"], row["numerator"], row["denominator"]
            )
            if row["period"] == self.year:
                found.indicators.add(indicator)
                found.feeds.add(self.catalogue[indicator]["base_feed"])
                if breakdown != "none":
                    parts = found.parts.setdefault((indicator, breakdown), [])
                    parts.append(row["breakdown_value"])
            elif row["period_type"] == "month":
                found.months.add(indicator)
        return found

    @cached_property
    def _undivided(self) -> dict[tuple[str, str], list[tuple[Area, Cell]]]:
        """The year's undivided values of organisations and municipalities."""
        rows = self.rows(
            """
            SELECT indicator, area_type, area, status, value, numerator, denominator
            FROM "values"
            WHERE period_type = 'year' AND period = $year AND breakdown = 'none'
                AND area_type IN ('organisation', 'municipality')
            """,
            {"year": self.year},
        )
        place = {key: position for position, key in enumerate(self.areas)}
        found = defaultdict(list)
        for row in sorted(rows, key=lambda row: place[row["area_type"], row["area"]]):
            area = self.areas[row["area_type"], row["area"]]
            cell = Cell(row["status"], row["value"], row["numerator"], row["denominator"])
            found[row["indicator"], row["area_type"]].append((area, cell))
        return found

    def undivided(
        self, indicator: str, area_type: str, within: str | None = None
    ) -> Sequence[tuple[Area, Cell]]:
        """Return the year's undivided values of all areas of a type that have one, by name."""
        found = self._undivided.get((indicator, area_type), [])
        return [(area, cell) for area, cell in found if within in (None, area.welfare_area)]

    @cached_property
    def themes_of(self) -> dict[tuple[str, str], set[str]]:
        """The themes of which an area has a value of the year."""
        rows = self.rows(
            """
            SELECT DISTINCT area_type, area, theme
            FROM "values" INNER JOIN catalogue USING (indicator)
            WHERE period_type = 'year' AND period = $year
            """,
            {"year": self.year},
        )
        found = defaultdict(set)
        for row in rows:
            found[row["area_type"], row["area"]].add(row["theme"])
        return found

    @cached_property
    def _submitters(self) -> dict[str, list[Area]]:
        rows = self.rows(
            """
            SELECT DISTINCT indicator, area FROM "values"
            WHERE period_type = 'year' AND period = $year AND area_type = 'organisation'
            """,
            {"year": self.year},
        )
        pairs = {(row["indicator"], row["area"]) for row in rows}
        found = defaultdict(list)
        for indicator in self.catalogue:
            for area in self.of_type("organisation"):
                if (indicator, area.code) in pairs:
                    found[indicator].append(area)
        return found

    def submitters(self, indicator: str, within: str | None = None) -> list[Area]:
        """Return the organisations whose data is in an indicator's wider values."""
        found = self._submitters.get(indicator, [])
        return [area for area in found if within in (None, area.welfare_area)]

    @cached_property
    def ranks(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Rank of an organisation's undivided value, by indicator and organisation."""
        rows = self.rows(
            """
            SELECT indicator, area, organisation_rank, organisations_ranked, ranked_by
            FROM comparison
            WHERE breakdown = 'none' AND organisation_rank IS NOT NULL
                AND organisations_ranked > 1
            """
        )
        return {(row["indicator"], row["area"]): row for row in rows}

    def scorecard(self, card: str, area: Area) -> list[dict[str, Any]]:
        """Return the lines of a scorecard (of ``SCORECARDS``) for an area, in their order."""
        table, order = SCORECARDS[card]
        return self.rows(
            f'SELECT * FROM "{table}" WHERE area_type = $area_type AND area = $area '
            f"ORDER BY {order}",
            {"area_type": area.type, "area": area.code},
        )

    @cached_property
    def count_revisions(self) -> int:
        """How many values differ from the release that this one corrects."""
        return int(self.rows("SELECT count(*) AS n FROM revisions")[0]["n"])

    @cached_property
    def revisions(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The year's undivided values that were revised, by area."""
        rows = self.rows(
            """
            SELECT * FROM revisions
            WHERE period_type = 'year' AND breakdown = 'none'
            ORDER BY indicator
            """
        )
        place = {code: position for position, code in enumerate(self.catalogue)}
        found = defaultdict(list)
        for row in sorted(rows, key=lambda row: place.get(row["indicator"], len(place))):
            found[row["area_type"], row["area"]].append(row)
        return found
