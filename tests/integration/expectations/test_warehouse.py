"""The suite warehouse: indicators that can be true together pass, every other kind fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from expectations.configuration import load_thresholds
from expectations.engine.checks import CheckedRelation
from expectations.suite_runner import run_suite
from expectations.suites.warehouse import compile_warehouse
from ingest.contracts import load_contracts
from tests.support.small_warehouse import SmallWarehouse, catalog_of, failing

CONTRACTS = load_contracts()

CATALOGUE = """
    CREATE TABLE indicators.indicator_catalogue AS
    SELECT * FROM (VALUES
        ('outreach.visits', 'count', 'outreach', 'nature', 'within', false,
            'country|welfare_area|organisation|municipality', 'month|year'),
        ('outreach.economy_any', 'share', 'outreach', '', 'within', NULL,
            'country|welfare_area|organisation|municipality', 'month|year'),
        ('time.allocation', 'share', 'time_entries', 'activity', 'only', true,
            'country|welfare_area|organisation|municipality', 'month|year'),
        ('access.places', 'count', 'places', 'target_group', 'within', false,
            'country|welfare_area|organisation|municipality', 'year'),
        ('structural.themes_raised', 'count', 'observations', '', 'within', NULL,
            'country|welfare_area|organisation|municipality', 'year')
    ) AS declared(indicator, kind, base_feed, breakdowns, breakdown_rule, parts_disjoint, areas,
        period_types)
"""

# indicator, breakdown, breakdown_value, then numerator of essote, of sosteri, of both, denominator
VALUES = (
    ("outreach.visits", "none", "all", 57, 78, 135, None),
    ("outreach.visits", "nature", "office", 50, 0, 50, None),
    ("outreach.visits", "nature", "street", 7, 78, 85, None),
    ("outreach.economy_any", "none", "all", 20, 30, 50, 100),
    ("time.allocation", "activity", "client_process", 40, 10, 50, 100),
    ("time.allocation", "activity", "documentation", 60, 90, 150, 100),
    ("access.places", "none", "all", 2, 3, 5, None),
    ("access.places", "target_group", "anyone", 2, 3, 5, None),
    ("access.places", "target_group", "young", 1, 3, 4, None),
    ("structural.themes_raised", "none", "all", 4, 4, 5, None),
)


def indicator_warehouse(folder: Path) -> SmallWarehouse:
    """Return an unfinished warehouse whose indicators are all as they should be."""
    warehouse = SmallWarehouse(folder / "warehouse.duckdb")
    for code in ("essote", "sosteri"):
        warehouse.organisation(code)
        warehouse.submit("outreach", "2019", organisation=code)
    warehouse.run(CATALOGUE)
    warehouse.run(
        "CREATE TABLE indicators.indicator_values (indicator varchar, area_type varchar, "
        "area varchar, period_type varchar, period varchar, breakdown varchar, "
        "breakdown_value varchar, numerator double, denominator double, value double, "
        "persons bigint, events bigint)"
    )
    for indicator, breakdown, part, essote, sosteri, both, denominator in VALUES:
        wholes = {
            ("organisation", "essote"): (essote, denominator),
            ("organisation", "sosteri"): (sosteri, denominator),
            ("welfare_area", "12"): (both, denominator and 2 * denominator),
            ("country", "FI"): (both, denominator and 2 * denominator),
            ("municipality", "491"): (essote, denominator),
        }
        for (area_type, area), (numerator, whole) in wholes.items():
            warehouse.run(
                "INSERT INTO indicators.indicator_values VALUES "
                "(?, ?, ?, 'year', '2019', ?, ?, ?, ?, ?, 5, 10)",
                [
                    indicator,
                    area_type,
                    area,
                    breakdown,
                    part,
                    numerator,
                    whole,
                    numerator / (whole or 1),
                ],
            )
    return warehouse


def compiled(path: Path) -> tuple[CheckedRelation, ...]:
    return compile_warehouse(CONTRACTS, catalog_of(path), load_thresholds())


def test_indicators_that_can_be_true_together_break_nothing(tmp_path: Path) -> None:
    path = indicator_warehouse(tmp_path).finish()
    assert failing(compiled(path), path) == {}


@dataclass(frozen=True)
class Wrong:
    """One change to the indicators, and the failure that must follow."""

    check: str
    change: str
    organisation: str | None
    feed: str | None
    indicator: str
    observed: float
    period: str | None = "2019"


SET = "UPDATE indicators.indicator_values SET"
ESSOTE = "WHERE area = 'essote' AND breakdown = 'none' AND indicator"
COUNTRY = "WHERE area = 'FI' AND breakdown = 'none' AND indicator"

WRONG = (
    Wrong(
        "values.key",
        "INSERT INTO indicators.indicator_values FROM indicators.indicator_values "
        f"{ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 2,
    ),
    Wrong(
        "values.catalogued",
        f"{SET} indicator = 'outreach.unheard_of' {ESSOTE} = 'outreach.economy_any'",
        None, None, "outreach.unheard_of", 1, None,
    ),
    Wrong(
        "values.known_area_and_period",
        f"{SET} area = 'atlantis' {ESSOTE} = 'outreach.economy_any'",
        "atlantis", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.known_area_and_period",
        f"{SET} period = '2031' {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1, "2031",
    ),
    Wrong(
        "values.finite",
        f"{SET} value = 'nan' {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.share_in_range",
        f"{SET} numerator = 101, value = 1.01 {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.share_in_range",
        f"{SET} numerator = -1, value = -0.01 {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.count_not_negative",
        f"{SET} numerator = -1, value = -1 {ESSOTE} = 'structural.themes_raised'",
        "essote", "observations", "structural.themes_raised", 1,
    ),
    Wrong(
        "values.count_not_negative",
        f"{SET} value = 5 {ESSOTE} = 'structural.themes_raised'",
        "essote", "observations", "structural.themes_raised", 1,
    ),
    Wrong(
        "values.denominator_above_zero",
        f"{SET} denominator = 0 {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.denominator_above_zero",
        f"{SET} denominator = NULL {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.is_the_ratio",
        f"{SET} value = 0.21 {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.rests_on_something",
        f"{SET} events = NULL {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.rests_on_something",
        f"{SET} persons = -1 {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.as_declared",
        f"{SET} period_type = 'month', period = '2019-01' {ESSOTE} = 'access.places'",
        "essote", "places", "access.places", 1, "2019-01",
    ),
    Wrong(
        "values.as_declared",
        f"{SET} breakdown = 'colour', breakdown_value = 'blue' {ESSOTE} = 'outreach.economy_any'",
        "essote", "outreach", "outreach.economy_any", 1,
    ),
    Wrong(
        "values.undivided",
        f"DELETE FROM indicators.indicator_values {ESSOTE} = 'access.places'",
        "essote", "places", "access.places", 0,
    ),
    Wrong(
        "values.undivided",
        f"{SET} breakdown = 'none', breakdown_value = 'all' WHERE area = 'essote' "
        "AND breakdown_value = 'documentation'",
        "essote", "time_entries", "time.allocation", 1,
    ),
    Wrong(
        "values.parts_sum_to_whole",
        f"{SET} numerator = 6, value = 6 WHERE area = 'essote' AND breakdown_value = 'street'",
        "essote", "outreach", "outreach.visits", 56,
    ),
    Wrong(
        "values.parts_sum_to_whole",
        "DELETE FROM indicators.indicator_values WHERE area = 'essote' AND breakdown = 'nature'",
        "essote", "outreach", "outreach.visits", 0,
    ),
    Wrong(
        "values.shares_sum_to_one",
        "DELETE FROM indicators.indicator_values "
        "WHERE area = 'essote' AND breakdown_value = 'documentation'",
        "essote", "time_entries", "time.allocation", 0.4,
    ),
    Wrong(
        "values.organisations_sum_to_area",
        f"{SET} numerator = 136, value = 136 {COUNTRY} = 'outreach.visits'",
        "country:FI", "outreach", "outreach.visits", 135,
    ),
    Wrong(
        "values.organisations_sum_to_area",
        "DELETE FROM indicators.indicator_values WHERE area = '12' "
        "AND breakdown = 'none' AND indicator = 'outreach.visits'",
        "welfare_area:12", "outreach", "outreach.visits", 135,
    ),
    Wrong(
        "values.municipalities_not_above_country",
        f"{SET} numerator = 136, value = 136 WHERE area = '491' AND breakdown = 'none' "
        "AND indicator = 'outreach.visits'",
        "country:FI", "outreach", "outreach.visits", 136,
    ),
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.check}: {wrong.change[-40:]}")
def test_an_indicator_that_cannot_be_true_is_named(wrong: Wrong, tmp_path: Path) -> None:
    warehouse = indicator_warehouse(tmp_path)
    warehouse.run(wrong.change)
    path = warehouse.finish()
    failures = failing(compiled(path), path)[wrong.check]
    named = [
        one
        for one in failures
        if (one["organisation"], one["feed"], one["indicator"], one["period"])
        == (wrong.organisation, wrong.feed, wrong.indicator, wrong.period)
    ]
    assert len(named) == 1, failures
    assert named[0]["observed"] == pytest.approx(wrong.observed)
    for name in (wrong.organisation, wrong.indicator, wrong.period):
        assert name is None or name in named[0]["message"]


def test_every_check_on_indicators_has_a_failing_case(tmp_path: Path) -> None:
    path = indicator_warehouse(tmp_path).finish()
    checks = {check.id for relation in compiled(path) for check in relation.checks}
    on_values = {check for check in checks if check.startswith("values.")}
    assert on_values == {wrong.check for wrong in WRONG}


def test_a_new_indicator_is_checked_without_new_code(tmp_path: Path) -> None:
    warehouse = indicator_warehouse(tmp_path)
    warehouse.run(
        "INSERT INTO indicators.indicator_catalogue VALUES ('moon.phases', 'share', 'outreach', "
        "'phase', 'only', true, 'organisation', 'year')"
    )
    warehouse.run(
        "INSERT INTO indicators.indicator_values VALUES ('moon.phases', 'organisation', 'essote', "
        "'year', '2019', 'phase', 'full', 1, 4, 0.25, NULL, 4)"
    )
    path = warehouse.finish()
    (failure,) = failing(compiled(path), path)["values.shares_sum_to_one"]
    assert (failure["indicator"], failure["observed"]) == ("moon.phases", 0.25)


def test_a_count_whose_parts_overlap_is_named_in_the_configuration(tmp_path: Path) -> None:
    path = indicator_warehouse(tmp_path).finish()
    strict = load_thresholds().model_copy(update={"overlapping_parts": ()})
    found = failing(compile_warehouse(CONTRACTS, catalog_of(path), strict), path)
    assert {one["indicator"] for one in found.pop("values.parts_sum_to_whole")} == {"access.places"}
    assert found == {}


def references(folder: Path, unknown: int, known: int) -> Path:
    """Return a warehouse where so many of essote's contacts name an unknown client."""
    warehouse = SmallWarehouse(folder / "warehouse.duckdb")
    warehouse.submit("workers", "2019", [{"worker_id": "k1:" + "a" * 64}])
    warehouse.submit("clients", "2019", [{"client_id": "c"}])
    rows = [{"client_id": "c"}] * known + [{"client_id": "nobody"}] * unknown
    warehouse.submit(
        "contacts", "2019-03", [{"worker_id": "k1:" + "a" * 64, **row} for row in rows]
    )
    return warehouse.finish()


def test_orphans_up_to_the_threshold_are_allowed(tmp_path: Path) -> None:
    path = references(tmp_path, unknown=1, known=19)
    assert failing(compiled(path), path) == {}


def test_orphans_above_the_threshold_are_named_with_organisation_feed_and_period(
    tmp_path: Path,
) -> None:
    path = references(tmp_path, unknown=2, known=18)
    found = failing(compiled(path), path)
    assert list(found) == ["references.contacts.client_id"]
    (failure,) = found["references.contacts.client_id"]
    assert (failure["organisation"], failure["feed"], failure["period"], failure["observed"]) == (
        "essote",
        "contacts",
        "2019-03",
        2,
    )
    assert "2 of the 20 rows of contacts from essote for 2019-03" in failure["message"]
    assert "complete clients" in failure["message"]


def test_the_orphan_threshold_is_configuration(tmp_path: Path) -> None:
    path = references(tmp_path, unknown=2, known=18)
    shares = {"default": 0.0, "contacts.client_id": 0.1}
    limits = load_thresholds().model_copy(update={"orphan_share": shares})
    assert failing(compile_warehouse(CONTRACTS, catalog_of(path), limits), path) == {}


def test_a_client_of_another_organisation_is_unknown(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit("workers", "2019", [{"worker_id": "k1:" + "a" * 64}], organisation="sosteri")
    warehouse.submit("clients", "2019", [{"client_id": "c"}])
    warehouse.submit(
        "contacts",
        "2019",
        [{"client_id": "c", "worker_id": "k1:" + "a" * 64}],
        organisation="sosteri",
    )
    path = warehouse.finish()
    (failure,) = failing(compiled(path), path)["references.contacts.client_id"]
    assert failure["organisation"] == "sosteri"
    assert "has not submitted clients at all" in failure["message"]


def test_every_reference_of_the_contracts_is_measured(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    for feed in CONTRACTS:
        warehouse.submit(feed, "2019")
    path = warehouse.finish()
    relation = next(one for one in compiled(path) if one.name == "warehouse.references")
    declared = {
        f"references.{feed}.{column.name}"
        for feed, contract in CONTRACTS.items()
        for column in contract.columns
        if column.references
    }
    assert {check.id for check in relation.checks} == declared
    assert "references.contacts.worker_id" in declared


def test_great_expectations_runs_the_suite(tmp_path: Path) -> None:
    warehouse = indicator_warehouse(tmp_path)
    warehouse.run(f"{SET} numerator = 136, value = 136 {COUNTRY} = 'outreach.visits'")
    path = warehouse.finish()
    result = run_suite("warehouse", compiled(path), path, tmp_path / "docs")
    assert not result.success
    assert {failure.expectation for failure in result.failures} == {
        "values.organisations_sum_to_area",
        "values.parts_sum_to_whole",
    }
    assert all(failure.indicator == "outreach.visits" for failure in result.failures)
