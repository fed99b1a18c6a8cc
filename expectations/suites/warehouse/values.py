"""Whether each value of an indicator can be true by itself: its key, its kind, what it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from common.indicator_key import KEY
from common.sql import literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import Check
from expectations.suites.warehouse.check import (
    CATALOGUE_RELATION,
    DECLARED_VALUES,
    MEND_THE_MODEL,
    PLACE,
    TOLERANCE,
    VALUES_RELATION,
    warehouse_check,
)
from expectations.suites.warehouse.sums import sums_of_areas, sums_of_parts


def value_checks(catalog: Catalog, thresholds: Thresholds) -> Iterable[Check]:
    """Yield the checks on the values, each by itself and together."""
    yield _key(thresholds)
    yield _catalogued(thresholds)
    if catalog.has("marts", "dim_period"):
        yield _known_areas_and_periods(catalog, thresholds)
    yield from _single_values(thresholds)
    yield _undivided(thresholds)
    yield from sums_of_parts(catalog, thresholds)
    yield from sums_of_areas(catalog, thresholds)


def _key(thresholds: Thresholds) -> Check:
    check_id = "values.key"
    key = ", ".join(KEY)
    nothing = " OR ".join(f"{column} IS NULL" for column in KEY)
    query = f"""\
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    breakdown,
    breakdown_value,
    count(*) AS observed
FROM {DECLARED_VALUES}
GROUP BY {key}, base_feed
HAVING count(*) > 1 OR {nothing}"""
    return warehouse_check(
        check_id,
        "Every value stands once, with indicator, area, period and breakdown",
        "A value that stands twice, or nowhere in particular, is counted wrongly by every reader.",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) stands "
        "{observed} times, or without one of its names." + MEND_THE_MODEL,
        query,
        thresholds,
    )


def _catalogued(thresholds: Thresholds) -> Check:
    check_id = "values.catalogued"
    query = f"""\
SELECT
    {literal(check_id)} AS "check",
    NULL::VARCHAR AS organisation,
    NULL::VARCHAR AS feed,
    NULL::VARCHAR AS period,
    indicator,
    count(*) AS observed
FROM {VALUES_RELATION}
ANTI JOIN {CATALOGUE_RELATION} USING (indicator)
GROUP BY indicator"""
    return warehouse_check(
        check_id,
        "Every indicator with a value is in the catalogue",
        "What is not in the catalogue has no label, no unit and no word on whether it is personal, "
        "so it can neither be read nor published.",
        "{indicator} has {observed} values and no row in the catalogue. Declare it there.",
        query,
        thresholds,
    )


def _teams(catalog: Catalog) -> str:
    """Return the SQL of the teams that clients, workers and visits name."""
    relations = ("dim_client_spell", "dim_worker_spell", "fct_outreach_visit")
    named = [
        f"SELECT 'team', organisation || ':' || team FROM marts.{relation} WHERE team IS NOT NULL"
        for relation in relations
        if catalog.has("marts", relation, "team")
    ]
    return " UNION ".join(named) or "SELECT 'team', NULL WHERE false"


def _known_areas_and_periods(catalog: Catalog, thresholds: Thresholds) -> Check:
    check_id = "values.known_area_and_period"
    query = f"""\
WITH areas AS (
    SELECT 'country' AS area_type, 'FI' AS area
    UNION ALL
    SELECT 'welfare_area', welfare_area FROM marts.dim_welfare_area
    UNION ALL
    SELECT 'municipality', municipality FROM marts.dim_municipality
    UNION ALL
    SELECT 'organisation', organisation FROM marts.dim_organisation
    UNION ALL
    {_teams(catalog)}
),
unknown AS (
    SELECT *
    FROM {DECLARED_VALUES}
    ANTI JOIN areas USING (area_type, area)
    UNION ALL
    SELECT *
    FROM {DECLARED_VALUES}
    SEMI JOIN areas USING (area_type, area)
    ANTI JOIN marts.dim_period USING (period_type, period)
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    count(*) AS observed
FROM unknown
GROUP BY indicator, base_feed, area_type, area, period"""
    return warehouse_check(
        check_id,
        "Every value is of an area and a period that there is",
        "A value of an area that no code list knows, or of a period that has not begun, is found "
        "by no reader.",
        "{observed} values of {indicator} are of {organisation} for {period}, an area or a period "
        "that there is not." + MEND_THE_MODEL,
        query,
        thresholds,
    )


def _single_values(thresholds: Thresholds) -> Iterable[Check]:
    """Check each value by itself; all of these share one scan."""
    wholeness = f"greatest(1.0, abs(value)) * {TOLERANCE}"
    conditions = {
        "values.finite": (
            "Every value is a number",
            "is empty or no number",
            "value IS NULL OR numerator IS NULL OR NOT isfinite(value)",
        ),
        "values.share_in_range": (
            "A share lies between 0 and 1",
            "is a share outside 0 to 1",
            f"kind = 'share' AND (value < -{TOLERANCE} OR value > 1 + {TOLERANCE})",
        ),
        "values.count_not_negative": (
            "A count or a quantile is its numerator, has no denominator and is not below 0",
            "is a count below 0, or not the count itself",
            "kind IN ('count', 'quantile') AND (denominator IS NOT NULL OR value < 0 "
            f"OR abs(value - numerator) > {wholeness})",
        ),
        "values.denominator_above_zero": (
            "What is no count and no quantile has a denominator above 0",
            "has no denominator above 0",
            "kind NOT IN ('count', 'quantile') AND (denominator IS NULL OR denominator <= 0)",
        ),
        "values.is_the_ratio": (
            "A value is its numerator divided by its denominator",
            "is not its numerator divided by its denominator",
            f"denominator > 0 AND abs(value - numerator / denominator) > {wholeness}",
        ),
        "values.rests_on_something": (
            "persons and events are counts",
            "rests on a number of persons or events that is below 0 or missing",
            "events IS NULL OR events < 0 OR persons < 0",
        ),
        "values.as_declared": (
            "Areas, periods and breakdowns are those that the catalogue declares",
            "is of a kind of area, period or breakdown that the catalogue does not declare",
            "NOT list_contains(string_split(areas, '|'), area_type) "
            "OR NOT list_contains(string_split(period_types, '|'), period_type) "
            "OR (breakdown <> 'none' "
            "AND NOT list_contains(string_split(coalesce(breakdowns, ''), '|'), breakdown))",
        ),
    }
    counts = ",\n        ".join(
        f"count(*) FILTER (WHERE {breaks}) AS broken_{number}"
        for number, (_, _, breaks) in enumerate(conditions.values())
    )
    listed = ",\n            ".join(
        f"{{'check': {literal(check_id)}, 'observed': broken_{number}}}"
        for number, check_id in enumerate(conditions)
    )
    query = f"""\
WITH scanned AS (
    SELECT
        indicator,
        base_feed,
        area_type,
        area,
        period,
        {counts}
    FROM {DECLARED_VALUES}
    GROUP BY indicator, base_feed, area_type, area, period
),
counted AS (
    SELECT
        indicator,
        base_feed,
        area_type,
        area,
        period,
        unnest([
            {listed}
        ], recursive := true)
    FROM scanned
)
SELECT
    "check",
{PLACE},
    observed
FROM counted
WHERE observed > 0"""
    for check_id, (title, wrong, breaks) in conditions.items():
        yield warehouse_check(
            check_id,
            title,
            "An indicator is declared once, with numerator and denominator; its values follow.",
            "Of the values of {indicator} for {organisation} in {period}, {observed} "
            f"{_plural(wrong)}." + MEND_THE_MODEL,
            query,
            thresholds,
            rows=f"SELECT * FROM {DECLARED_VALUES} WHERE {breaks}",
        )


def _undivided(thresholds: Thresholds) -> Check:
    check_id = "values.undivided"
    place = "indicator, base_feed, area_type, area, period"
    query = f"""\
WITH counted AS (
    SELECT
        {place},
        period_type,
        breakdown_rule,
        count(*) FILTER (WHERE breakdown = 'none' AND breakdown_value = 'all') AS undivided
    FROM {DECLARED_VALUES}
    GROUP BY {place}, period_type, breakdown_rule
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    undivided AS observed,
    CASE breakdown_rule WHEN 'within' THEN 1 ELSE 0 END AS declared
FROM counted
WHERE undivided <> CASE breakdown_rule WHEN 'within' THEN 1 ELSE 0 END"""
    return warehouse_check(
        check_id,
        "Every indicator has its undivided value, except where it is declared by part only",
        "breakdown_rule of the catalogue says which.",
        "{indicator} of {organisation} for {period} has {observed} undivided values; the catalogue "
        "declares {declared}." + MEND_THE_MODEL,
        query,
        thresholds,
    )


def _plural(wrong: str) -> str:
    verb, rest = wrong.split(" ", 1)
    return f"{ {'is': 'are', 'has': 'have', 'rests': 'rest'}[verb] } {rest}"
