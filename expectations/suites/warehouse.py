"""The suite ``warehouse``: the indicators are numbers that can be true together.

Every check is written over `indicator_values` and `indicator_catalogue` as a whole, never for one
indicator: a new indicator, or a new theme, is checked from the day it appears. Where an indicator
is of its own kind (parts that overlap, counts that organisations share), `thresholds.yaml` says so.
The references between the feeds are measured here too, since files arrive in any order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import (
    CURRENT_SUBMISSIONS,
    Check,
    CheckedRelation,
    quoted,
    text,
)
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.feeds import staging
from ingest.contracts import Contract

INDICATORS = "indicators"
VALUES = "indicator_values"
CATALOGUE = "indicator_catalogue"
_VALUES = quoted(INDICATORS, VALUES)
_CATALOGUE = quoted(INDICATORS, CATALOGUE)
# Two sums of the same numbers may differ in the last digits.
TOLERANCE = 1e-9
_KEY = (
    "indicator",
    "area_type",
    "area",
    "period_type",
    "period",
    "breakdown",
    "breakdown_value",
)
# What the checks read: the values with what the catalogue declares of them.
_DECLARED_VALUES = f"(SELECT * FROM {_VALUES} LEFT JOIN {_CATALOGUE} USING (indicator)) AS declared"
_PLACE = """\
    CASE WHEN area_type = 'organisation' THEN area ELSE area_type || ':' || area END
        AS organisation,
    base_feed AS feed,
    period,
    indicator"""
_BUILD = (
    " The model of the indicator needs mending: no submission can cause this. "
    "vuosikello explain shows what the value rests on."
)


def compile_warehouse(
    contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> tuple[CheckedRelation, ...]:
    """Compile the checks on the indicators and on the references between feeds.

    Args:
        contracts: the contracts by feed; their ``references`` are measured.
        catalog: what the warehouse holds; what it does not hold is not checked.
        thresholds: severities, the share of orphans allowed, and indicators of their own kind.
    """
    relations = []
    if catalog.has(INDICATORS, VALUES) and catalog.has(INDICATORS, CATALOGUE):
        relations.append(
            CheckedRelation(
                "warehouse.indicator_values",
                INDICATORS,
                VALUES,
                tuple(_value_checks(catalog, thresholds)),
            )
        )
    references = tuple(_reference_checks(contracts, catalog, thresholds))
    if references:
        relations.append(
            CheckedRelation("warehouse.references", STAGING, "stg_current_submissions", references)
        )
    return tuple(relations)


def sums_of_year(catalog: Catalog, thresholds: Thresholds, year: int) -> CheckedRelation | None:
    """Compile the checks on sums for one reporting year, as part of its readiness.

    Args:
        catalog: what the warehouse holds.
        thresholds: severities, under the suite ``readiness``, and indicators of their own kind.
        year: the reporting year; its months are checked too.

    Returns:
        None where the warehouse holds no indicators.
    """
    if not (catalog.has(INDICATORS, VALUES) and catalog.has(INDICATORS, CATALOGUE)):
        return None
    declared = (
        f"(SELECT * FROM {_VALUES} LEFT JOIN {_CATALOGUE} USING (indicator) "
        f"WHERE left(period, 4) = '{year}') AS declared"
    )
    checks = (*_parts(catalog, thresholds, declared), *_areas(catalog, thresholds, declared))
    return CheckedRelation(
        "readiness.indicator_values",
        INDICATORS,
        VALUES,
        tuple(
            dataclasses.replace(check, severity=thresholds.severity_of(f"readiness.{check.id}"))
            for check in checks
        ),
    )


def _value_checks(catalog: Catalog, thresholds: Thresholds) -> Iterable[Check]:
    yield _key(thresholds)
    yield _catalogued(thresholds)
    if catalog.has("marts", "dim_period"):
        yield _known_areas_and_periods(thresholds)
    yield from _single_values(thresholds)
    yield _undivided(thresholds)
    yield from _parts(catalog, thresholds)
    yield from _areas(catalog, thresholds)


def _key(thresholds: Thresholds) -> Check:
    identifier = "values.key"
    key = ", ".join(_KEY)
    nothing = " OR ".join(f"{column} IS NULL" for column in _KEY)
    query = f"""\
SELECT
    {text(identifier)} AS "check",
{_PLACE},
    breakdown,
    breakdown_value,
    count(*) AS observed
FROM {_DECLARED_VALUES}
GROUP BY {key}, base_feed
HAVING count(*) > 1 OR {nothing}"""
    return _check(
        identifier,
        "Every value stands once, with indicator, area, period and breakdown",
        "A value that stands twice, or nowhere in particular, is counted wrongly by every reader.",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) stands "
        "{observed} times, or without one of its names." + _BUILD,
        query,
        thresholds,
    )


def _catalogued(thresholds: Thresholds) -> Check:
    identifier = "values.catalogued"
    query = f"""\
SELECT
    {text(identifier)} AS "check",
    NULL::VARCHAR AS organisation,
    NULL::VARCHAR AS feed,
    NULL::VARCHAR AS period,
    indicator,
    count(*) AS observed
FROM {_VALUES}
ANTI JOIN {_CATALOGUE} USING (indicator)
GROUP BY indicator"""
    return _check(
        identifier,
        "Every indicator with a value is in the catalogue",
        "What is not in the catalogue has no label, no unit and no word on whether it is personal, "
        "so it can neither be read nor published.",
        "{indicator} has {observed} values and no row in the catalogue. Declare it there.",
        query,
        thresholds,
    )


def _known_areas_and_periods(thresholds: Thresholds) -> Check:
    identifier = "values.known_area_and_period"
    query = f"""\
WITH areas AS (
    SELECT 'country' AS area_type, 'FI' AS area
    UNION ALL
    SELECT 'welfare_area', welfare_area FROM marts.dim_welfare_area
    UNION ALL
    SELECT 'municipality', municipality FROM marts.dim_municipality
    UNION ALL
    SELECT 'organisation', organisation FROM marts.dim_organisation
),
unknown AS (
    SELECT *
    FROM {_DECLARED_VALUES}
    ANTI JOIN areas USING (area_type, area)
    UNION ALL
    SELECT *
    FROM {_DECLARED_VALUES}
    SEMI JOIN areas USING (area_type, area)
    ANTI JOIN marts.dim_period USING (period_type, period)
)
SELECT
    {text(identifier)} AS "check",
{_PLACE},
    count(*) AS observed
FROM unknown
GROUP BY indicator, base_feed, area_type, area, period"""
    return _check(
        identifier,
        "Every value is of an area and a period that there is",
        "A value of an area that no code list knows, or of a period that has not begun, is found "
        "by no reader.",
        "{observed} values of {indicator} are of {organisation} for {period}, an area or a period "
        "that there is not." + _BUILD,
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
            "A count is its numerator, has no denominator and is not below 0",
            "is a count below 0, or not the count itself",
            "kind = 'count' AND (denominator IS NOT NULL OR value < 0 "
            f"OR abs(value - numerator) > {wholeness})",
        ),
        "values.denominator_above_zero": (
            "What is no count has a denominator above 0",
            "has no denominator above 0",
            "kind <> 'count' AND (denominator IS NULL OR denominator <= 0)",
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
        f"{{'check': {text(identifier)}, 'observed': broken_{number}}}"
        for number, identifier in enumerate(conditions)
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
    FROM {_DECLARED_VALUES}
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
{_PLACE},
    observed
FROM counted
WHERE observed > 0"""
    for identifier, (title, wrong, breaks) in conditions.items():
        yield _check(
            identifier,
            title,
            "An indicator is declared once, with numerator and denominator; its values follow.",
            "Of the values of {indicator} for {organisation} in {period}, {observed} "
            f"{_plural(wrong)}." + _BUILD,
            query,
            thresholds,
            rows=f"SELECT * FROM {_DECLARED_VALUES} WHERE {breaks}",
        )


def _undivided(thresholds: Thresholds) -> Check:
    identifier = "values.undivided"
    place = "indicator, base_feed, area_type, area, period"
    query = f"""\
WITH counted AS (
    SELECT
        {place},
        period_type,
        breakdown_rule,
        count(*) FILTER (WHERE breakdown = 'none' AND breakdown_value = 'all') AS undivided
    FROM {_DECLARED_VALUES}
    GROUP BY {place}, period_type, breakdown_rule
)
SELECT
    {text(identifier)} AS "check",
{_PLACE},
    undivided AS observed,
    CASE breakdown_rule WHEN 'within' THEN 1 ELSE 0 END AS declared
FROM counted
WHERE undivided <> CASE breakdown_rule WHEN 'within' THEN 1 ELSE 0 END"""
    return _check(
        identifier,
        "Every indicator has its undivided value, except where it is declared by part only",
        "breakdown_rule of the catalogue says which.",
        "{indicator} of {organisation} for {period} has {observed} undivided values; the catalogue "
        "declares {declared}." + _BUILD,
        query,
        thresholds,
    )


def _parts(
    catalog: Catalog, thresholds: Thresholds, declared: str = _DECLARED_VALUES
) -> Iterable[Check]:
    """Check that what is divided into parts is the sum of them."""
    same = ", ".join(_KEY[:5])
    overlapping = _matches("indicator || '/' || breakdown", thresholds.overlapping_parts)
    identifier = "values.parts_sum_to_whole"
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
    {text(identifier)} AS "check",
{_PLACE},
    breakdown,
    whole,
    coalesce(parts, 0) AS observed
FROM whole
INNER JOIN divided USING (indicator)
LEFT JOIN parts USING ({same}, breakdown)
WHERE abs(coalesce(parts, 0) - whole) > greatest(1.0, abs(whole)) * {TOLERANCE}"""
    yield _check(
        identifier,
        "The parts of a count sum to the undivided count",
        "Where every row falls in exactly one part, none may be lost or counted twice. Breakdowns "
        "whose parts may overlap are named in thresholds.yaml (overlapping_parts).",
        "{indicator} of {organisation} for {period} is {whole}, but its parts by {breakdown} "
        "sum to {observed}."
        + _BUILD
        + " If the parts may overlap, name the breakdown in thresholds.yaml.",
        query,
        thresholds,
    )
    identifier = "values.shares_sum_to_one"
    query = f"""\
WITH disjoint AS (
    {_disjoint(catalog)}
)
SELECT
    {text(identifier)} AS "check",
{_PLACE},
    breakdown,
    sum(value) AS observed
FROM {declared}
INNER JOIN disjoint USING (indicator)
WHERE kind = 'share' AND breakdown_rule = 'only' AND breakdown <> 'none' AND is_disjoint
GROUP BY {same}, base_feed, breakdown
HAVING abs(sum(value) - 1) > {TOLERANCE} * 100"""
    yield _check(
        identifier,
        "Shares that divide a whole sum to one",
        "Time and workers fall in one part each. An indicator that is declared by part only, with "
        "disjoint parts, divides its whole.",
        "The shares of {indicator} by {breakdown} of {organisation} for {period} sum to {observed} "
        "instead of 1." + _BUILD,
        query,
        thresholds,
    )


def _disjoint(catalog: Catalog) -> str:
    """Return the query that tells whether the parts of an indicator "by … only" are disjoint."""
    # The catalogue itself, or the declarations that it is made from, wherever those are kept.
    for relation, columns in catalog.columns.items():
        if {"indicator", "parts_disjoint"} <= set(columns):
            return (
                "SELECT indicator, try_cast(parts_disjoint AS BOOLEAN) AS is_disjoint "
                f"FROM {quoted(*relation)}"
            )
    return f"SELECT indicator, NULL::BOOLEAN AS is_disjoint FROM {_CATALOGUE}"


def _areas(
    catalog: Catalog, thresholds: Thresholds, declared: str = _DECLARED_VALUES
) -> Iterable[Check]:
    """Check that counts of smaller areas sum to those of larger ones."""
    if not catalog.has("marts", "dim_organisation", "organisation", "welfare_area"):
        return
    identifier = "values.organisations_sum_to_area"
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
    {text(identifier)} AS "check",
{_PLACE},
    breakdown,
    breakdown_value,
    coalesce(printf('%.15g', whole), 'missing') AS whole,
    coalesce(organisations, 0) AS observed
FROM summed
FULL JOIN areas USING (area_type, area, {same})
WHERE
    whole IS NULL
    OR abs(coalesce(organisations, 0) - whole) > greatest(1.0, abs(whole)) * {TOLERANCE}"""
    yield _check(
        identifier,
        "The counts of the organisations sum to those of their welfare area and of the country",
        "No row may be lost or counted twice on the way up. Counts of distinct things that "
        "organisations share are named in thresholds.yaml (not_additive).",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) is {whole}, "
        "but its organisations sum to {observed}." + _BUILD,
        query,
        thresholds,
    )
    identifier = "values.municipalities_not_above_country"
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
    {text(identifier)} AS "check",
{_PLACE},
    breakdown,
    breakdown_value,
    whole,
    municipalities AS observed
FROM municipalities
INNER JOIN country USING ({same})
WHERE municipalities > whole * (1 + {TOLERANCE})"""
    yield _check(
        identifier,
        "The counts of the municipalities sum to no more than the country's",
        "A row counts in one municipality, or in none where its client or worker is unknown.",
        "{indicator} of {organisation} for {period} ({breakdown} {breakdown_value}) is {whole}, "
        "but its municipalities sum to {observed}." + _BUILD,
        query,
        thresholds,
    )


def _plural(wrong: str) -> str:
    verb, rest = wrong.split(" ", 1)
    return f"{ {'is': 'are', 'has': 'have', 'rests': 'rest'}[verb] } {rest}"


def _reference_checks(
    contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> Iterable[Check]:
    """Measure every reference that a contract declares, between feeds that have rows."""
    for feed, contract in contracts.items():
        for column in contract.columns:
            if column.references is None or staging(feed) not in catalog.filled:
                continue
            referred_feed, referred_column = column.references.split(".")
            if not (
                catalog.has(STAGING, staging(feed), column.name)
                and catalog.has(STAGING, staging(referred_feed), referred_column)
            ):
                continue
            share = f"{feed}.{column.name}"
            allowed = thresholds.orphan_share.get(share, thresholds.orphan_share["default"])
            yield _reference(feed, column.name, referred_feed, referred_column, allowed, thresholds)


def _reference(
    feed: str,
    column: str,
    referred_feed: str,
    referred_column: str,
    allowed: float,
    thresholds: Thresholds,
) -> Check:
    identifier = f"references.{feed}.{column}"
    rows = quoted(STAGING, staging(feed))
    referred = quoted(STAGING, staging(referred_feed))
    known = f"""\
    SELECT DISTINCT organisation, {quoted(referred_column)} AS known_key
    FROM {referred}"""
    same = (
        f"rows_read.organisation = known.organisation "
        f"AND rows_read.{quoted(column)} = known.known_key"
    )
    query = f"""\
WITH known AS (
{known}
),
counted AS (
    SELECT
        rows_read.organisation,
        rows_read.submission_id,
        count(*) AS total,
        count(*) FILTER (WHERE known.known_key IS NULL) AS observed
    FROM {rows} AS rows_read
    LEFT JOIN known ON {same}
    WHERE rows_read.{quoted(column)} IS NOT NULL
    GROUP BY rows_read.organisation, rows_read.submission_id
)
SELECT
    {text(identifier)} AS "check",
    counted.organisation,
    {text(feed)} AS feed,
    submissions.period,
    counted.observed,
    counted.total,
    CASE
        WHEN counted.organisation IN (SELECT organisation FROM known)
            THEN 'Ask it to complete {referred_feed}, or to use the same identifiers in both.'
        ELSE 'It has not submitted {referred_feed} at all: ask it to.'
    END AS advice
FROM counted
LEFT JOIN {CURRENT_SUBMISSIONS} AS submissions
    ON counted.submission_id = submissions.submission_id
WHERE counted.observed > {allowed!r} * counted.total"""
    return _check(
        identifier,
        f"{feed}: at most {allowed:.0%} of the {column} are unknown in {referred_feed}",
        "A row whose reference is unknown counts in its organisation and in no municipality and no "
        "breakdown. Measured for each submission; the share allowed is in thresholds.yaml "
        "(orphan_share).",
        f"{{observed}} of the {{total}} rows of {feed} from {{organisation}} for {{period}} name a "
        f"{column} that its {referred_feed} do not hold (at most {allowed:.0%} is expected). "
        "{advice}",
        query,
        thresholds,
        rows=(
            f"SELECT rows_read.* FROM {rows} AS rows_read "
            f"LEFT JOIN (\n{known}\n) AS known ON {same} "
            f"WHERE rows_read.{quoted(column)} IS NOT NULL AND known.known_key IS NULL"
        ),
    )


def _check(
    identifier: str,
    title: str,
    meaning: str,
    message: str,
    query: str,
    thresholds: Thresholds,
    rows: str | None = None,
) -> Check:
    return Check(
        id=identifier,
        title=title,
        meaning=meaning,
        message=message,
        query=query,
        severity=thresholds.severity_of(f"warehouse.{identifier}"),
        rows=rows,
    )


def _matches(expression: str, patterns: Iterable[str]) -> str:
    """Return the SQL that tells whether a text fits one of the patterns (``*``: anything)."""
    listed = tuple(patterns)
    if not listed:
        return "false"
    # An underscore of a name is no wildcard, the only one is *.
    likes = [
        pattern.replace("!", "!!").replace("_", "!_").replace("%", "!%").replace("*", "%")
        for pattern in listed
    ]
    return " OR ".join(f"{expression} LIKE {text(like)} ESCAPE '!'" for like in likes)
