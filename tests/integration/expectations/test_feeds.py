"""The suite feeds: every kind of expectation holds on good rows and fails on a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.configuration import load_thresholds
from expectations.engine.checks import CheckedRelation
from expectations.suite_runner import run_suite
from expectations.suites.feeds import compile_feeds
from ingest.contracts import Column, Kind, load_contracts
from tests.support.places import SUPPORT
from tests.support.small_warehouse import PSEUDONYM, SmallWarehouse, catalog_of, failing

CONTRACTS = load_contracts()
ROW_RULES = yaml.safe_load((SUPPORT / "row_rules.yaml").read_text(encoding="utf-8"))
# An identity code that nobody can have: its individual number is for tests.
IDENTITY_CODE = "131052-9085"


@dataclass(frozen=True)
class Broken:
    """A row that breaks one check."""

    check: str
    feed: str
    changes: dict[str, Any]


def broken_rows() -> Iterator[Broken]:
    """Return for every check on rows that the contracts compile to a row that breaks it."""
    for feed, contract in CONTRACTS.items():
        for column in contract.columns:
            for what, value in breaking_values(column):
                yield Broken(f"{feed}.{column.name}.{what}", feed, {column.name: value})
            if column.kind is Kind.PERSON:
                yield Broken(f"{feed}.{column.name}.derived", feed, {"sex": "unknown"})
        for rule in contract.rules:
            kind = "warns" if rule.severity == "warn" else "rule"
            changes = ROW_RULES[feed][rule.id]["breaks"][0]
            yield Broken(f"{feed}.{kind}.{rule.id}", feed, changes)
        texts = [
            c for c in contract.columns if c.kind in (Kind.TEXT, Kind.ID, Kind.WORKER, Kind.CODE)
        ]
        listed = [column for column in contract.columns if column.kind is Kind.CODES]
        for column in texts:
            changes = {column.name: f"seen {IDENTITY_CODE}"}
            yield Broken(f"{feed}.no_identity_code", feed, changes)
        for column in listed:
            yield Broken(f"{feed}.no_identity_code", feed, {column.name: [IDENTITY_CODE]})


def breaking_values(column: Column) -> Iterator[tuple[str, Any]]:
    if column.required:
        yield "required", None
    match column.kind:
        case Kind.CODE:
            yield "code", "no such code"
        case Kind.CODES:
            yield "code", ["no such code"]
            yield "code", [None]
        case Kind.DATE:
            if not column.may_be_planned:
                yield "not_in_future", date(2020, 1, 17)
            yield "not_too_early", date(1949, 12, 31)
        case Kind.ID | Kind.WORKER | Kind.PERSON:
            yield "pseudonym", "worker-17"
            yield "pseudonym", PSEUDONYM[:-1]
        case Kind.INTEGER | Kind.NUMBER:
            if column.minimum is not None:
                yield "range", column.minimum - 1
            if column.maximum is not None:
                yield "range", column.maximum + 1


def compiled(path: Path) -> tuple[CheckedRelation, ...]:
    return compile_feeds(CONTRACTS, catalog_of(path), load_thresholds())


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = SmallWarehouse(tmp_path_factory.mktemp("good") / "warehouse.duckdb")
    for feed in CONTRACTS:
        warehouse.submit(feed, "2019", [{}, {}])
    return warehouse.finish()


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold one submission of one day for every broken row, so that its period names the row."""
    warehouse = SmallWarehouse(tmp_path_factory.mktemp("bad") / "warehouse.duckdb")
    for number, broken in enumerate(broken_rows()):
        warehouse.submit(broken.feed, period_of(number), [{}, broken.changes])
    return warehouse.finish()


def period_of(number: int) -> str:
    return date.fromordinal(date(2015, 1, 1).toordinal() + number).isoformat()


def test_good_rows_of_every_feed_break_nothing(good: Path) -> None:
    relations = compiled(good)
    assert {relation.relation for relation in relations} == {f"stg_{feed}" for feed in CONTRACTS}
    assert failing(relations, good) == {}


def test_every_check_on_rows_fails_for_a_row_that_breaks_it_and_names_the_place(
    bad: Path,
) -> None:
    relations = compiled(bad)
    found = failing(relations, bad)
    for number, broken in enumerate(broken_rows()):
        period = period_of(number)
        there = [one for one in found.get(broken.check, []) if one["period"] == period]
        assert len(there) == 1, f"{broken.check} does not see {broken.changes}"
        (failure,) = there
        assert (failure["organisation"], failure["feed"]) == ("essote", broken.feed)
        assert failure["observed"] == 1, broken
        assert failure["message"].startswith(
            f"1 of the 2 rows of {broken.feed} from essote for {period} "
        )
    checks = {check.id for relation in relations for check in relation.checks}
    on_rows = {check for check in checks if not check.endswith((".columns", ".key"))}
    assert on_rows == {broken.check for broken in broken_rows()}


def test_a_failure_never_tells_a_value_of_the_row(bad: Path) -> None:
    reported = str(failing(compiled(bad), bad))
    assert IDENTITY_CODE not in reported
    assert "no such code" not in reported
    assert "worker-17" not in reported


def test_great_expectations_finds_what_the_queries_find(bad: Path, tmp_path: Path) -> None:
    relations = [one for one in compiled(bad) if one.name in ("feeds.outreach", "feeds.workers")]
    result = run_suite("feeds", relations, bad, tmp_path)
    by_check: dict[str, int] = {}
    for failure in result.failures:
        by_check[failure.expectation] = by_check.get(failure.expectation, 0) + 1
    assert by_check == {check: len(rows) for check, rows in failing(relations, bad).items()}
    assert not result.success
    assert result.evaluated == sum(len(relation.checks) for relation in relations)
    assert result.failed + result.warned == len(by_check)


def test_a_key_that_stands_twice_within_an_organisation_fails_once_for_each_submission(
    tmp_path: Path,
) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit("contacts", "2019-01", [{"contact_id": "a"}, {"contact_id": "b"}])
    warehouse.submit("contacts", "2019-02", [{"contact_id": "a"}])
    warehouse.submit("contacts", "2019-01", [{"contact_id": "b"}], organisation="sosteri")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert list(found) == ["contacts.key"]
    assert {(one["organisation"], one["period"]) for one in found["contacts.key"]} == {
        ("essote", "2019-01"),
        ("essote", "2019-02"),
    }


def test_a_key_of_two_columns_may_repeat_one_of_them(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit(
        "measurement_scores",
        "2019",
        [{"measurement_id": "m", "domain": "mind"}, {"measurement_id": "m", "domain": "skills"}],
    )
    path = warehouse.finish()
    assert "measurement_scores.key" not in failing(compiled(path), path)


def test_a_column_that_the_warehouse_lacks_is_named_and_its_checks_are_left_out(
    tmp_path: Path,
) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit("contacts", "2019", [{}])
    warehouse.run("ALTER TABLE staging.stg_contacts DROP COLUMN minutes")
    warehouse.run("ALTER TABLE staging.stg_contacts ALTER occurred_on TYPE timestamp")
    path = warehouse.finish()
    relations = compiled(path)
    found = failing(relations, path)
    assert list(found) == ["contacts.columns"]
    reported = " ".join(one["message"] for one in found["contacts.columns"])
    assert "minutes of contacts is missing" in reported
    assert "occurred_on of contacts is TIMESTAMP, the contract says DATE" in reported
    checks = {check.id for relation in relations for check in relation.checks}
    assert not any(check.startswith("contacts.minutes") for check in checks)


def test_a_feed_without_rows_has_no_expectations(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit("contacts", "2019", [{}])
    path = warehouse.finish()
    assert [relation.name for relation in compiled(path)] == ["feeds.contacts"]


def test_an_optional_column_is_held_to_the_share_that_is_configured(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.submit("outreach", "2018", [{"feeling": 4}, {"feeling": 4}, {}, {}])
    warehouse.submit("outreach", "2019", [{"feeling": 4}, {}, {}, {}])
    path = warehouse.finish()
    asked = load_thresholds().model_copy(update={"filled_share": {"outreach.feeling": 0.5}})
    found = failing(compile_feeds(CONTRACTS, catalog_of(path), asked), path)
    (failure,) = found["outreach.feeling.filled"]
    assert (failure["period"], failure["observed"]) == ("2019", 3)


def test_an_identity_code_is_found_with_every_century_sign_and_not_inside_a_word(
    tmp_path: Path,
) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    harmless = ["A131052-9085", "131052-9085X", "990052-9085", "1310529085", "2019-03-14"]
    warehouse.submit("contacts", "2019", [{"client_id": one} for one in harmless])
    for day, separator in enumerate("+-YXWVUABCDEF", start=10):
        changes = {"client_id": f"131052{separator}9085"}
        warehouse.submit("contacts", f"2018-01-{day}", [changes])
    path = warehouse.finish()
    found = failing(compiled(path), path)["contacts.no_identity_code"]
    assert {one["period"] for one in found} == {f"2018-01-{day}" for day in range(10, 23)}


@settings(max_examples=10, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["essote", "sosteri"]),
            st.sampled_from(["2019-01", "2019-02"]),
            st.sampled_from([None, -1, 0, 1440, 1441]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_rows_are_counted_by_organisation_and_period(
    rows: list[tuple[str, str, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    warehouse = SmallWarehouse(
        tmp_path_factory.mktemp("counted") / "warehouse.duckdb",
        contracts={"contacts": CONTRACTS["contacts"]},
    )
    by_place: dict[tuple[str, str], list[int | None]] = {}
    for organisation, period, minutes in rows:
        by_place.setdefault((organisation, period), []).append(minutes)
    for (organisation, period), minutes in by_place.items():
        changes = [{"minutes": value} for value in minutes]
        warehouse.submit("contacts", period, changes, organisation=organisation)
    path = warehouse.finish()
    found = failing(compiled(path), path)

    def counted(check: str) -> dict[tuple[str, str], int]:
        return {
            (one["organisation"], one["period"]): one["observed"] for one in found.get(check, [])
        }

    assert counted("contacts.minutes.required") == {
        place: minutes.count(None) for place, minutes in by_place.items() if None in minutes
    }
    outside = {
        place: sum(value in (-1, 1441) for value in minutes) for place, minutes in by_place.items()
    }
    assert counted("contacts.minutes.range") == {
        place: number for place, number in outside.items() if number
    }


def test_a_warn_rule_is_worth_knowing_and_makes_nothing_fail(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    changes = ROW_RULES["worker_survey"]["alloc_shares_sum_to_100"]["breaks"][0]
    warehouse.submit("worker_survey", "2019", [changes])
    path = warehouse.finish()
    result = run_suite("feeds", compiled(path), path, tmp_path / "docs")
    assert (result.success, result.failed, result.warned) == (True, 0, 1)
    assert result.failures[0].severity == "info"
