"""The three suites on the ISO SOS example, received and built by the real thing."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

import expectations
from expectations.configuration import load_expected_feeds
from ingest.contracts import load_contracts, organisations
from tests.support.places import EXAMPLE
from tests.support.small_warehouse import SmallWarehouse

MONTHS = [f"2019-{month:02d}" for month in range(1, 13)]


@pytest.fixture(scope="module")
def validated(
    iso_sos: Path, tmp_path_factory: pytest.TempPathFactory
) -> expectations.ValidationResult:
    docs = tmp_path_factory.mktemp("validated")
    return expectations.validate(docs, year=2019, warehouse=iso_sos / "warehouse.duckdb")


def submitted() -> dict[tuple[str, str], set[str]]:
    """Return the months of 2019 that the example's files state, by organisation and feed."""
    months: dict[tuple[str, str], set[str]] = {}
    for path in EXAMPLE.glob("inbox/*/*/*.*"):
        organisation, feed = path.parts[-3:-1]
        period = path.name.split(".")[0]
        stated = {month for month in MONTHS if month.startswith(period)}
        if stated:
            months.setdefault((organisation, feed), set()).update(stated)
    return months


def found(
    result: expectations.ValidationResult, kind: str
) -> dict[tuple[str | None, str | None], expectations.Failure]:
    failures = result.suites["readiness"].failures
    return {
        (one.organisation, one.feed): one
        for one in failures
        if one.expectation.startswith(f"{kind}.")
    }


def test_the_feeds_of_the_example_keep_their_contracts(
    validated: expectations.ValidationResult,
) -> None:
    suite = validated.suites["feeds"]
    assert suite.success
    assert suite.failed == 0
    assert suite.failures == []
    assert suite.evaluated > 300


def test_the_indicators_of_the_example_can_be_true_together(
    validated: expectations.ValidationResult,
) -> None:
    suite = validated.suites["warehouse"]
    assert suite.success
    assert suite.failures == []
    checked = {one.expectation for one in suite.expectations}
    assert {"values.parts_sum_to_whole", "values.organisations_sum_to_area"} <= checked
    assert "references.contacts.worker_id" in checked


def test_who_has_not_submitted_is_who_is_expected_without_who_has(
    validated: expectations.ValidationResult,
) -> None:
    expected = load_expected_feeds(feeds=load_contracts())
    in_force = {
        code
        for code, one in organisations().items()
        if (one.valid_from or "0") <= "2019-12-31" and (one.valid_to or "9999") >= "2019-01-01"
    }
    asked = {(code, feed) for code in in_force for feed in expected.feeds_of(code)}
    missing = found(validated, "submitted")
    assert set(missing) == asked - submitted().keys()
    assert ("pieksamaki", "outreach") not in missing
    assert ("essote", "contacts") in missing
    assert missing["kainuun-sote", "client_feedback"].message == (
        "kainuun-sote has submitted no client_feedback for 2019 (months due: 12). Ask it to "
        "submit the year: inbox/kainuun-sote/client_feedback/2019.csv."
    )


def test_months_that_were_not_submitted_are_named(
    validated: expectations.ValidationResult,
) -> None:
    expected = load_expected_feeds(feeds=load_contracts())
    partly = {
        place
        for place, months in submitted().items()
        if len(months) < len(MONTHS) and place[1] not in expected.once_a_year
    }
    missing = found(validated, "covered")
    assert (
        set(missing) == partly == {("kainuun-sote", "contacts"), ("kainuun-sote", "time_entries")}
    )
    assert missing["kainuun-sote", "contacts"].period == "2019-01 – 2019-09"


def test_readiness_is_refused_with_something_to_do_for_everyone_named(
    validated: expectations.ValidationResult,
) -> None:
    suite = validated.suites["readiness"]
    assert not suite.success
    assert not validated.success
    for failure in suite.failures:
        assert "Ask it to" in failure.message or "Ask it whether" in failure.message
        assert failure.organisation in failure.message
        assert failure.feed in failure.message
        assert failure.period in failure.message or "2019" in failure.message


def test_what_is_changed_in_the_warehouse_is_found_by_name(iso_sos: Path, tmp_path: Path) -> None:
    changed = tmp_path / "warehouse.duckdb"
    shutil.copyfile(iso_sos / "warehouse.duckdb", changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute("ALTER VIEW staging.stg_outreach RENAME TO kept")
        connection.execute(
            "CREATE VIEW staging.stg_outreach AS SELECT * REPLACE ("
            "CASE WHEN organisation = 'essote' AND occurred_on >= '2019-01-01' THEN -1 "
            "ELSE persons_present END AS persons_present) FROM staging.kept"
        )
        connection.execute(
            "UPDATE indicators.indicator_values SET value = value + 1, numerator = numerator + 1 "
            "WHERE indicator = 'outreach.visits' AND area_type = 'country' AND period = '2019' "
            "AND breakdown = 'none'"
        )
        connection.execute(
            "DELETE FROM indicators.indicator_values WHERE indicator = 'time.allocation' "
            "AND area = 'kainuun-sote' AND period = '2019' AND breakdown_value = 'documentation'"
        )
    result = expectations.validate(tmp_path, "feeds", warehouse=changed)
    ranges = [one for one in result.failures if one.expectation == "outreach.persons_present.range"]
    assert [(one.organisation, one.feed, one.period, one.observed) for one in ranges] == [
        ("essote", "outreach", "2019", 57)
    ]
    result = expectations.validate(tmp_path, "warehouse", warehouse=changed)
    assert {(one.expectation, one.organisation, one.period) for one in result.failures} == {
        ("values.organisations_sum_to_area", "country:FI", "2019"),
        ("values.parts_sum_to_whole", "country:FI", "2019"),
        ("values.shares_sum_to_one", "kainuun-sote", "2019"),
    }
    assert {one.indicator for one in result.failures} == {"outreach.visits", "time.allocation"}


def test_the_small_warehouse_of_the_tests_has_the_columns_of_the_real_one(
    iso_sos: Path, tmp_path: Path
) -> None:
    small = SmallWarehouse(tmp_path / "small.duckdb").finish()
    real = columns(iso_sos / "warehouse.duckdb")
    assert columns(small) - real == set()


def columns(path: Path, schemas: Iterable[str] = ("staging", "marts")) -> set[tuple[str, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return set(
            connection.execute(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = current_database() AND list_contains(?, schema_name)",
                [list(schemas)],
            ).fetchall()
        )
