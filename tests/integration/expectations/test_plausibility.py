"""What rows tell together is looked at by a person where it can hardly be true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.configuration import load_thresholds
from expectations.results import Severity
from expectations.suite_runner import run_suite
from expectations.suites.warehouse import compile_warehouse
from ingest.contracts import load_contracts
from tests.support.small_warehouse import SmallWarehouse, catalog_of, failing

CONTRACTS = load_contracts()
WORKER = "k1:" + "a" * 64
OTHER = "k1:" + "b" * 64
MINUTES = "plausible.minutes_of_a_day"
PHOTOGRAPHS = "plausible.client_photographs"
WORKING_TIME = "plausible.working_time"

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture
def warehouse(tmp_path: Path) -> SmallWarehouse:
    """A warehouse without rows, of two organisations."""
    small = SmallWarehouse(tmp_path / "warehouse.duckdb")
    for code in ("essote", "sosteri"):
        small.organisation(code)
    return small


def found(warehouse: SmallWarehouse, check: str) -> list[tuple[str, str, str, int]]:
    """Return the failures of a check: organisation, feed, period, and how many."""
    path = warehouse.finish()
    failures = failing(compile_warehouse(CONTRACTS, catalog_of(path), load_thresholds()), path)
    for failure in failures.get(check, []):
        for name in (failure["organisation"], failure["period"], f"{failure['observed']}"):
            assert name in failure["message"]
        assert "k1:" not in str(failure)
    return sorted(
        (one["organisation"], one["feed"], one["period"], one["observed"])
        for one in failures.get(check, [])
    )


def entry(minutes: int, day: date = date(2019, 3, 4), worker: str = WORKER) -> dict[str, Any]:
    return {"worker_id": worker, "worked_on": day, "minutes": minutes}


# Time entries -------------------------------------------------------------------------------------


def test_a_worker_with_more_minutes_than_a_day_has_is_counted(warehouse: SmallWarehouse) -> None:
    warehouse.submit(
        "time_entries",
        "2019",
        [entry(1000), entry(441), entry(1441, date(2019, 3, 5)), entry(60, date(2019, 3, 6))],
    )
    assert found(warehouse, MINUTES) == [("essote", "time_entries", "2019", 2)]


def test_a_full_day_two_workers_two_days_and_two_organisations_are_fine(
    warehouse: SmallWarehouse,
) -> None:
    warehouse.submit(
        "time_entries",
        "2019",
        [entry(1000), entry(440), entry(1440, worker=OTHER), entry(1000, date(2019, 3, 5))],
    )
    warehouse.submit("time_entries", "2019", [entry(1000)], organisation="sosteri")
    assert found(warehouse, MINUTES) == []


def test_minutes_of_two_files_add_up_in_the_one_received_last(warehouse: SmallWarehouse) -> None:
    warehouse.submit("time_entries", "2019-02", [entry(1000)])
    warehouse.submit("time_entries", "2019-03", [entry(1000)])
    assert found(warehouse, MINUTES) == [("essote", "time_entries", "2019-03", 1)]


# Clients ------------------------------------------------------------------------------------------


def client(name: str, **changes: Any) -> dict[str, Any]:
    return {"client_id": f"k1:{name}", "started_on": date(2016, 5, 1), **changes}


def photographs(warehouse: SmallWarehouse, **files: Rows) -> None:
    """Submit files of clients by period, written as ``y2018`` or ``y2018_05``."""
    for period, rows in files.items():
        warehouse.submit("clients", period.removeprefix("y").replace("_", "-"), rows)


def test_a_client_left_out_of_a_file_between_two_others_is_counted(
    warehouse: SmallWarehouse,
) -> None:
    photographs(
        warehouse,
        y2019=[client("a"), client("b")],
        y2017=[client("a"), client("b")],
        y2018=[client("b")],
    )
    assert found(warehouse, PHOTOGRAPHS) == [("essote", "clients", "2018", 1)]


def test_a_file_of_nothing_between_two_others_lacks_all_of_their_clients(
    warehouse: SmallWarehouse,
) -> None:
    photographs(
        warehouse,
        y2018_01=[client("a"), client("b")],
        y2018_02=[],
        y2018_03=[client("a"), client("b"), client("c", started_on=date(2018, 3, 2))],
    )
    assert found(warehouse, PHOTOGRAPHS) == [("essote", "clients", "2018-02", 2)]


def test_clients_in_every_file_first_and_last_ones_are_not_missed(
    warehouse: SmallWarehouse,
) -> None:
    photographs(
        warehouse,
        y2017=[client("a"), client("left")],
        y2018=[client("a"), client("once")],
        y2019=[client("a"), client("came")],
    )
    assert found(warehouse, PHOTOGRAPHS) == []


def test_a_relationship_that_had_ended_before_is_not_missed(warehouse: SmallWarehouse) -> None:
    ended = client("a", ended_on=date(2017, 12, 31))
    photographs(warehouse, y2017=[client("a")], y2018=[], y2019=[ended])
    assert found(warehouse, PHOTOGRAPHS) == []


def test_a_relationship_that_ended_within_the_period_is_missed(warehouse: SmallWarehouse) -> None:
    ended = client("a", ended_on=date(2018, 1, 1))
    photographs(warehouse, y2017=[client("a")], y2018=[], y2019=[ended])
    assert found(warehouse, PHOTOGRAPHS) == [("essote", "clients", "2018", 1)]


def test_a_month_is_not_between_its_own_year_and_another(warehouse: SmallWarehouse) -> None:
    photographs(warehouse, y2018=[client("a")], y2018_05=[], y2019=[client("a")])
    assert found(warehouse, PHOTOGRAPHS) == []


def test_a_file_of_another_organisation_is_not_between(warehouse: SmallWarehouse) -> None:
    photographs(warehouse, y2017=[client("a")], y2019=[client("a")])
    warehouse.submit("clients", "2018", [], organisation="sosteri")
    assert found(warehouse, PHOTOGRAPHS) == []


# Working time -------------------------------------------------------------------------------------


def post(fte: float, first: date, last: date | None = None, **changes: Any) -> dict[str, Any]:
    return {"worker_id": WORKER, "fte": fte, "started_on": first, "ended_on": last, **changes}


def test_posts_of_more_than_full_working_time_are_counted_in_each_year(
    warehouse: SmallWarehouse,
) -> None:
    warehouse.submit(
        "workers",
        "2019",
        [
            post(0.8, date(2018, 1, 1)),
            post(0.4, date(2018, 12, 31), date(2019, 1, 31)),
            post(1.0, date(2018, 1, 1), worker_id=OTHER),
        ],
    )
    assert found(warehouse, WORKING_TIME) == [
        ("essote", "workers", "2018", 1),
        ("essote", "workers", "2019", 1),
    ]


def test_two_posts_from_the_same_day_add_up(warehouse: SmallWarehouse) -> None:
    day = date(2019, 2, 1)
    warehouse.submit(
        "workers", "2019", [post(0.6, day, day, post="a"), post(0.6, day, day, post="b")]
    )
    assert found(warehouse, WORKING_TIME) == [("essote", "workers", "2019", 1)]


def test_posts_that_add_up_to_full_time_or_follow_each_other_are_fine(
    warehouse: SmallWarehouse,
) -> None:
    first, last, next_day = date(2018, 1, 1), date(2019, 2, 28), date(2019, 3, 1)
    tenths = [post(0.1, first, last, post=f"{number}") for number in range(10)]
    warehouse.submit("workers", "2019", [*tenths, post(1.0, next_day)])
    warehouse.submit("workers", "2019", [post(1.0, first)], organisation="sosteri")
    assert found(warehouse, WORKING_TIME) == []


# As the suite runs them ---------------------------------------------------------------------------


def test_a_person_is_warned_and_the_suite_still_holds(
    warehouse: SmallWarehouse, tmp_path: Path
) -> None:
    warehouse.submit("time_entries", "2019", [entry(1441)])
    warehouse.submit("workers", "2019", [post(1.0, date(2019, 1, 1)), post(0.5, date(2019, 5, 1))])
    photographs(warehouse, y2017=[client("a")], y2018=[], y2019=[client("a")])
    path = warehouse.finish()
    relations = compile_warehouse(CONTRACTS, catalog_of(path), load_thresholds())
    plausible = [one for one in relations if one.name == "warehouse.plausibility"]
    result = run_suite("warehouse", plausible, path, tmp_path / "docs")
    assert (result.success, result.failed, result.warned) == (True, 0, 3)
    assert {one.severity for one in result.failures} == {Severity.WARNING}
    assert {one.expectation for one in result.failures} == {MINUTES, PHOTOGRAPHS, WORKING_TIME}
    page = (tmp_path / "docs" / "warehouse" / "index.html").read_text(encoding="utf-8")
    assert "more than 1,440 minutes on one day" in page
    assert WORKER not in page


def test_the_query_for_the_rows_runs_and_finds_them(warehouse: SmallWarehouse) -> None:
    warehouse.submit("time_entries", "2019", [entry(1441)])
    warehouse.submit("workers", "2019", [post(1.0, date(2019, 1, 1)), post(0.5, date(2019, 5, 1))])
    photographs(warehouse, y2017=[client("a")], y2018=[], y2019=[client("a")])
    path = warehouse.finish()
    relations = compile_warehouse(CONTRACTS, catalog_of(path), load_thresholds())
    with duckdb.connect(str(path), read_only=True) as connection:
        listed = {
            check.id: len(connection.execute(check.rows or "").fetchall())
            for relation in relations
            if relation.name == "warehouse.plausibility"
            for check in relation.checks
        }
    assert listed == {MINUTES: 1, PHOTOGRAPHS: 1, WORKING_TIME: 1}
