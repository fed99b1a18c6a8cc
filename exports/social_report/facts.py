"""The yearly values of the areas that have a social report, read from a publication.

Reads the tables of a publication and nothing else. Knows no rule, no sentence and no page.
Where there is no row for a value, it is one of three things: a true zero, suppressed or missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from exports.publication import Publication

Status = Literal["published", "suppressed", "missing"]
AreaType = Literal["country", "welfare_area"]
Key = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it is published.

    Attributes:
        status: whether it is published, suppressed or missing.
        value: the number; None unless published.
        numerator: what was counted; None unless published.
        denominator: what it is counted of; None for a count.
    """

    status: Status
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None

    @property
    def base(self) -> float | None:
        """The size of what the value is computed from: its denominator, or the count itself."""
        return self.value if self.denominator is None else self.denominator


MISSING = Reading("missing")
SUPPRESSED = Reading("suppressed")


@dataclass(frozen=True, slots=True)
class Area:
    """An area that has a report of its own.

    Attributes:
        area_type: ``country`` or ``welfare_area``.
        area: its code.
    """

    area_type: AreaType
    area: str


@dataclass(frozen=True, slots=True)
class AreaValues:
    """The yearly values of one area.

    Attributes:
        area: whose values.
        catalogue: the indicators by code, in the catalogue's order.
        readings: by year, indicator, breakdown and breakdown value.
    """

    area: Area
    catalogue: Mapping[str, Mapping[str, Any]]
    readings: Mapping[Key, Reading]

    def read(
        self, year: int, indicator: str, breakdown: str = "none", part: str = "all"
    ) -> Reading:
        """Read a value; a part that has no row is a true zero where its whole was counted."""
        found = self.readings.get((year, indicator, breakdown, part))
        if found is not None:
            return found
        if breakdown == "none" or not self._counts_parts(indicator):
            return MISSING
        whole = self.readings.get((year, indicator, "none", "all"))
        siblings = self.parts(year, indicator, breakdown)
        if whole is None and not siblings:
            return MISSING
        if whole is not None and whole.status == "suppressed":
            return SUPPRESSED
        # Every part of a share "by … only" has the undivided denominator.
        totals = {
            reading.denominator for reading in siblings.values() if reading.denominator is not None
        }
        return Reading("published", 0.0, 0.0, max(totals) if totals else None)

    def parts(self, year: int, indicator: str, breakdown: str) -> dict[str, Reading]:
        """Return the readings of a breakdown by its values, in the table's order."""
        return {
            part: reading
            for (when, code, division, part), reading in self.readings.items()
            if (when, code, division) == (year, indicator, breakdown)
        }

    def of_indicator(self, year: int, indicator: str) -> list[Reading]:
        """Return all readings of an indicator in a year, whole and parts."""
        return [
            reading
            for (when, code, _, _), reading in self.readings.items()
            if (when, code) == (year, indicator)
        ]

    def status_of(self, year: int, indicator: str) -> Status:
        """Return the status of an indicator in a year: of its parts and of the undivided value.

        Returns:
            ``published`` where any value is, else ``suppressed`` where any is, else ``missing``.
        """
        statuses = {reading.status for reading in self.of_indicator(year, indicator)}
        if "published" in statuses:
            return "published"
        return "suppressed" if statuses else "missing"

    def _counts_parts(self, indicator: str) -> bool:
        entry = self.catalogue[indicator]
        return bool(entry["kind"] == "count" or entry["breakdown_rule"] == "only")


def areas_with_values(publication: Publication) -> list[Area]:
    """Return the country and the welfare areas that have a value in the release's year."""
    rows = publication.rows(
        """
        SELECT DISTINCT area_type, area FROM comparison
        WHERE area_type IN ('country', 'welfare_area')
        ORDER BY area_type, area
        """
    )
    return [Area(row["area_type"], row["area"]) for row in rows]


def values_of(publication: Publication, areas: Iterable[Area]) -> dict[Area, AreaValues]:
    """Read the yearly values of several areas with one query.

    Args:
        publication: the tables of the release.
        areas: the areas; each is a key of the result, with or without values.
    """
    catalogue = {
        row["indicator"]: row
        for row in publication.rows(
            """
            SELECT catalogue.* FROM catalogue
            LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = catalogue.theme
            ORDER BY labels.position, catalogue.indicator
            """
        )
    }
    readings: dict[Area, dict[Key, Reading]] = {area: {} for area in areas}
    rows = publication.rows(
        """
        SELECT yearly.*
        FROM "values" AS yearly
        LEFT JOIN breakdown_values USING (breakdown, breakdown_value)
        WHERE yearly.period_type = 'year' AND yearly.area_type IN ('country', 'welfare_area')
        ORDER BY
            yearly.indicator, yearly.period, yearly.breakdown,
            breakdown_values.position, yearly.breakdown_value
        """
    )
    for row in rows:
        own = readings.get(Area(row["area_type"], row["area"]))
        if own is None:
            continue
        key = (int(row["period"]), row["indicator"], row["breakdown"], row["breakdown_value"])
        own[key] = (
            SUPPRESSED
            if row["status"] == "suppressed"
            else Reading("published", row["value"], row["numerator"], row["denominator"])
        )
    return {area: AreaValues(area, catalogue, found) for area, found in readings.items()}


@dataclass(frozen=True, slots=True)
class Submitter:
    """An organisation or, in the country's report, a welfare area, and what it has values of.

    Attributes:
        area_type: ``organisation`` or ``welfare_area``.
        area: its code.
        indicators: number of indicators with a published value, by theme.
        suppressed: themes of which every value is suppressed.
    """

    area_type: str
    area: str
    indicators: Mapping[str, int]
    suppressed: Sequence[str]


def submitters(publication: Publication, area: Area) -> list[Submitter]:
    """Return the organisations of an area that have values; of the country, the welfare areas."""
    rows = publication.rows(
        """
        SELECT
            comparison.area_type,
            comparison.area,
            catalogue.theme,
            count(DISTINCT comparison.indicator) FILTER (status = 'published') AS published
        FROM comparison
        INNER JOIN catalogue USING (indicator)
        WHERE comparison.area_type = $parts
            AND ($parts = 'welfare_area' OR comparison.welfare_area = $area)
        GROUP BY ALL
        ORDER BY ALL
        """,
        {
            "parts": "welfare_area" if area.area_type == "country" else "organisation",
            "area": area.area,
        },
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        found.setdefault((row["area_type"], row["area"]), {})[row["theme"]] = row["published"]
    return [
        Submitter(
            area_type,
            code,
            {theme: count for theme, count in themes.items() if count},
            [theme for theme, count in themes.items() if not count],
        )
        for (area_type, code), themes in found.items()
    ]


def areas_without_values(publication: Publication) -> list[str]:
    """Return the codes of the welfare areas that have no value in the release's year."""
    rows = publication.rows(
        """
        SELECT area FROM areas
        WHERE area_type = 'welfare_area'
            AND NOT EXISTS (
                SELECT * FROM comparison
                WHERE comparison.area_type = areas.area_type AND comparison.area = areas.area
            )
        ORDER BY area
        """
    )
    return [row["area"] for row in rows]


def smaller_areas(
    publication: Publication, area: Area, indicators: Sequence[str]
) -> dict[str, dict[str, Reading]]:
    """Read undivided values of an area's municipalities, or of the country's welfare areas.

    Returns:
        The readings by the smaller area's code and by indicator; what has no row is not there.
    """
    rows = publication.rows(
        """
        SELECT areas.area, comparison.indicator, value, numerator, denominator, status
        FROM areas
        INNER JOIN comparison
            ON comparison.area_type = areas.area_type AND comparison.area = areas.area
        WHERE areas.area_type = $parts
            AND ($parts = 'welfare_area' OR areas.welfare_area = $area)
            AND comparison.breakdown = 'none'
            AND list_contains($indicators, comparison.indicator)
        ORDER BY areas.area, comparison.indicator
        """,
        {
            "parts": "welfare_area" if area.area_type == "country" else "municipality",
            "area": area.area,
            "indicators": list(indicators),
        },
    )
    found: dict[str, dict[str, Reading]] = {}
    for row in rows:
        found.setdefault(row["area"], {})[row["indicator"]] = (
            SUPPRESSED
            if row["status"] == "suppressed"
            else Reading("published", row["value"], row["numerator"], row["denominator"])
        )
    return found


def failures_of(publication: Publication, area: Area) -> tuple[list[Mapping[str, Any]], int]:
    """Return the failed checks of an area, and how many belong to an unknown organisation.

    An organisation that no code list has cannot be placed in a welfare area: its failed checks are
    listed in the report of the country only, and counted for the others.
    """
    failures = list(publication.info.signed.failures)
    if area.area_type == "country":
        return failures, 0
    belongs = {
        (row["area_type"], row["area"]): row["welfare_area"]
        for row in publication.rows(
            "SELECT area_type, area, welfare_area FROM areas "
            "UNION SELECT area_type, area, welfare_area FROM submitters"
        )
    }
    own: list[Mapping[str, Any]] = []
    unknown = 0
    for failure in failures:
        named = failure.get("organisation") or ""
        area_type, colon, code = named.partition(":")
        home = belongs.get((area_type, code) if colon else ("organisation", named))
        if home == area.area:
            own.append(failure)
        elif named and home is None and area_type != "country":
            unknown += 1
    return own, unknown


def count_published_and_suppressed(
    publication: Publication, area: Area
) -> list[tuple[str, int, int]]:
    """Count an area's published and suppressed yearly values by theme, in the themes' order."""
    rows = publication.rows(
        """
        SELECT
            labels.code AS theme,
            count(comparison.indicator) FILTER (comparison.status = 'published') AS published,
            count(comparison.indicator) FILTER (comparison.status = 'suppressed') AS suppressed
        FROM labels
        LEFT JOIN catalogue ON catalogue.theme = labels.code
        LEFT JOIN comparison
            ON comparison.indicator = catalogue.indicator
            AND comparison.area_type = $area_type AND comparison.area = $area
        WHERE labels.kind = 'theme'
        GROUP BY labels.code, labels.position
        ORDER BY labels.position
        """,
        {"area_type": area.area_type, "area": area.area},
    )
    return [(row["theme"], row["published"], row["suppressed"]) for row in rows]


def count_revised(publication: Publication, area: Area) -> int:
    """Count the area's values that the release which this one corrects published otherwise."""
    (row,) = publication.rows(
        "SELECT count(*) AS revised FROM revisions WHERE area_type = $area_type AND area = $area",
        {"area_type": area.area_type, "area": area.area},
    )
    return int(row["revised"])
