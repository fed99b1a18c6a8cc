"""Whether values can be true together: parts sum to their whole, areas to larger areas."""

from __future__ import annotations

from collections.abc import Iterable

from common.indicator_key import KEY
from common.sql import identifier, literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import Check
from expectations.suites.warehouse.check import (
    CATALOGUE_RELATION,
    DECLARED_VALUES,
    MEND_THE_MODEL,
    PLACE,
    TOLERANCE,
    warehouse_check,
)


def sums_of_parts(
    catalog: Catalog, thresholds: Thresholds, declared: str = DECLARED_VALUES
) -> Iterable[Check]:
    """Check that what is divided into parts is the sum of them."""
    same = ", ".join(KEY[:5])
    overlapping = _matches("indicator || '/' || breakdown", thresholds.overlapping_parts)
    check_id = "values.parts_sum_to_whole"
    query = f"""\
WITH counts AS (
    SELECT * FROM {declared} WHERE kind = 'count'
),
whole AS (
    SELECT {same}, base_feed, numerator AS whole FROM counts WHERE breakdown = 'none'
),
divided AS (
    SELECT DISTINCT indicator, breakdown
    FROM counts
    WHERE breakdown <> 'none' AND NOT ({overlapping})
),
parts AS (
    SELECT {same}, breakdown, sum(numerator) AS parts
    FROM counts
    WHERE breakdown <> 'none'
    GROUP BY {same}, breakdown
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    breakdown,
    whole,
    coalesce(parts, 0) AS observed
FROM whole
INNER JOIN divided USING (indicator)
LEFT JOIN parts USING ({same}, breakdown)
WHERE abs(coalesce(parts, 0) - whole) > greatest(1.0, abs(whole)) * {TOLERANCE}"""
    yield warehouse_check(
        check_id,
        "The parts of a count sum to the undivided count",
        "Where every row falls in exactly one part, none may be lost or counted twice. Breakdowns "
        "whose parts may overlap are named in thresholds.yaml (overlapping_parts).",
        "{indicator} of {organisation} for {period} is {whole}, but its parts by {breakdown} "
        "sum to {observed}."
        + MEND_THE_MODEL
        + " If the parts may overlap, name the breakdown in thresholds.yaml.",
        query,
        thresholds,
    )
    check_id = "values.shares_sum_to_one"
    query = f"""\
WITH disjoint AS (
    {_disjoint(catalog)}
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    breakdown,
    sum(value) AS observed
FROM {declared}
INNER JOIN disjoint USING (indicator)
WHERE kind = 'share' AND breakdown_rule = 'only' AND breakdown <> 'none' AND is_disjoint
GROUP BY {same}, base_feed, breakdown
HAVING abs(sum(value) - 1) > {TOLERANCE} * 100"""
    yield warehouse_check(
        check_id,
        "Shares that divide a whole sum to one",
        "Time and workers fall in one part each. An indicator that is declared by part only, with "
        "disjoint parts, divides its whole.",
        "The shares of {indicator} by {breakdown} of {organisation} for {period} sum to {observed} "
        "instead of 1." + MEND_THE_MODEL,
        query,
        thresholds,
    )


def _disjoint(catalog: Catalog) -> str:
    """Return the query that says whether the parts of an indicator "by … only" are disjoint."""
    # The catalogue itself, or the declarations that it is made from, wherever those are kept.
    for relation, columns in catalog.columns.items():
        if {"indicator", "parts_disjoint"} <= set(columns):
            return (
                "SELECT indicator, try_cast(parts_disjoint AS BOOLEAN) AS is_disjoint "
                f"FROM {identifier(*relation)}"
            )
    return f"SELECT indicator, NULL::BOOLEAN AS is_disjoint FROM {CATALOGUE_RELATION}"


def sums_of_areas(
    catalog: Catalog, thresholds: Thresholds, declared: str = DECLARED_VALUES
) -> Iterable[Check]:
    """Check that counts of smaller areas sum to those of larger ones."""
    if not catalog.has("marts", "dim_organisation", "organisation", "welfare_area"):
        return
    check_id = "values.organisations_sum_to_area"
    same = "indicator, base_feed, period_type, period, breakdown, breakdown_value"
    not_additive = _matches("indicator", thresholds.not_additive)
    counts = f"""\
counts AS (
    SELECT * FROM {declared} WHERE kind = 'count' AND NOT ({not_additive})
)"""
    query = f"""\
WITH {counts},
organisations AS (
    SELECT counts.*, dim_organisation.welfare_area
    FROM counts
    INNER JOIN marts.dim_organisation ON counts.area = dim_organisation.organisation
    WHERE counts.area_type = 'organisation'
),
summed AS (
    SELECT 'country' AS area_type, 'FI' AS area, {same}, sum(numerator) AS organisations
    FROM organisations
    GROUP BY {same}
    UNION ALL
    SELECT 'welfare_area', welfare_area, {same}, sum(numerator)
    FROM organisations
    WHERE welfare_area IS NOT NULL
    GROUP BY welfare_area, {same}
),
areas AS (
    SELECT area_type, area, {same}, numerator AS whole
    FROM counts
    WHERE
        area_type IN ('country', 'welfare_area')
        AND indicator IN (SELECT indicator FROM organisations)
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    breakdown,
    breakdown_value,
    coalesce(printf('%.15g', whole), 'missing') AS whole,
    coalesce(organisations, 0) AS observed
FROM summed
FULL JOIN areas USING (area_type, area, {same})
WHERE
    whole IS NULL
    OR abs(coalesce(organisations, 0) - whole) > greatest(1.0, abs(whole)) * {TOLERANCE}"""
    yield warehouse_check(
        check_id,
        "The counts of the organisations sum to those of their welfare area and of the country",
        "No row may be lost or counted twice on the way up. Counts of distinct things that "
        "organisations share are named in thresholds.yaml (not_additive).",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) is {whole}, "
        "but its organisations sum to {observed}." + MEND_THE_MODEL,
        query,
        thresholds,
    )
    check_id = "values.municipalities_not_above_country"
    query = f"""\
WITH {counts},
municipalities AS (
    SELECT {same}, sum(numerator) AS municipalities
    FROM counts
    WHERE area_type = 'municipality'
    GROUP BY {same}
),
country AS (
    SELECT {same}, area_type, area, numerator AS whole
    FROM counts
    WHERE area_type = 'country'
)
SELECT
    {literal(check_id)} AS "check",
{PLACE},
    breakdown,
    breakdown_value,
    whole,
    municipalities AS observed
FROM municipalities
INNER JOIN country USING ({same})
WHERE municipalities > whole * (1 + {TOLERANCE})"""
    yield warehouse_check(
        check_id,
        "The counts of the municipalities sum to no more than the country's",
        "A row counts in one municipality, or in none where its client or worker is unknown.",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) is {whole}, "
        "but its municipalities sum to {observed}." + MEND_THE_MODEL,
        query,
        thresholds,
    )


def _matches(expression: str, patterns: Iterable[str]) -> str:
    """Return the SQL condition that a text fits one of the patterns (``*``: anything)."""
    listed = tuple(patterns)
    if not listed:
        return "false"
    # An underscore of a name is no wildcard, the only one is *.
    likes = [
        pattern.replace("!", "!!").replace("_", "!_").replace("%", "!%").replace("*", "%")
        for pattern in listed
    ]
    return " OR ".join(f"{expression} LIKE {literal(like)} ESCAPE '!'" for like in likes)
