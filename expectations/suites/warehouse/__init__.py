"""The suite ``warehouse``: the indicators are numbers that can be true together.

Every check is written over `indicator_values` and `indicator_catalogue` as a whole, never for one
indicator: a new indicator, or a new theme, is checked from the day it appears. Where an indicator
differs from the others (parts that overlap, counts that organisations share), `thresholds.yaml`
says so. What rows tell together is looked at here too, since files arrive in any order: references
between the feeds, and whether days, photographs and posts are plausible.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import CheckedRelation
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.warehouse.check import (
    CATALOGUE,
    CATALOGUE_RELATION,
    INDICATORS,
    VALUES,
    VALUES_RELATION,
)
from expectations.suites.warehouse.plausibility import plausibility_checks
from expectations.suites.warehouse.references import reference_checks
from expectations.suites.warehouse.sums import sums_of_areas, sums_of_parts
from expectations.suites.warehouse.values import value_checks
from ingest.contracts import Contract


def compile_warehouse(
    contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> tuple[CheckedRelation, ...]:
    """Compile the checks on the indicators and on what the rows of feeds tell together.

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
                tuple(value_checks(catalog, thresholds)),
            )
        )
    references = tuple(reference_checks(contracts, catalog, thresholds))
    if references:
        relations.append(
            CheckedRelation("warehouse.references", STAGING, "stg_current_submissions", references)
        )
    plausible = tuple(plausibility_checks(catalog, thresholds))
    if plausible:
        relations.append(
            CheckedRelation("warehouse.plausibility", STAGING, "stg_current_submissions", plausible)
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
        f"(SELECT * FROM {VALUES_RELATION} LEFT JOIN {CATALOGUE_RELATION} USING (indicator) "
        f"WHERE left(period, 4) = '{year}') AS declared"
    )
    checks = (
        *sums_of_parts(catalog, thresholds, declared),
        *sums_of_areas(catalog, thresholds, declared),
    )
    return CheckedRelation(
        "readiness.indicator_values",
        INDICATORS,
        VALUES,
        tuple(
            dataclasses.replace(check, severity=thresholds.severity_of(f"readiness.{check.id}"))
            for check in checks
        ),
    )
