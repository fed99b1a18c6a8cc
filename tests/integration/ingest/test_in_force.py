"""What is in force where stated periods overlap, against a model that goes day by day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.in_force import Displaced, RowsByDay, displaced, rows_in_force
from ingest.ledger import History, order
from ingest.periods import parse_period

PERIODS = ["2019", "2019-01", "2019-02", "2019-03", "2020", "2020-02"]
PERIODS += ["2019-01-31", "2019-02-01", "2019-02-02", "2020-02-29", "2018-12-31"]
DAYS = [date(2018, 12, 31) + timedelta(days=n) for n in (0, 1, 31, 32, 33, 34, 60, 90, 366, 425)]

Submission = tuple[str, list[date], bool]
SUBMISSIONS = st.lists(
    st.tuples(st.sampled_from(PERIODS), st.lists(st.sampled_from(DAYS), max_size=5), st.booleans()),
    max_size=9,
)


def lines(submissions: list[Submission], folder: Path) -> History:
    """Write submissions into a small lake, and return what the ledger would tell of them."""
    told: list[dict[str, Any]] = []
    withdrawals = {}
    for number, (period, days, is_withdrawn) in enumerate(submissions, 1):
        stated = parse_period(period)
        assert stated is not None
        path = folder / f"s{number}.parquet"
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT unnest($days::DATE[]) AS day) TO '{path}' (FORMAT parquet)",
                {"days": days},
            )
        is_outside = any(not stated.first <= day <= stated.last for day in days)
        told.append(
            {
                "submission_id": f"s{number}",
                "arrival_no": number,
                # The clock runs backwards all the time, and nothing depends on it.
                "received_at": f"2026-01-01T00:00:{59 - number:02}.000000Z",
                "status": "accepted",
                "period": period,
                "period_start": stated.first.isoformat(),
                "period_end": stated.last.isoformat(),
                "rows_loaded": len(days),
                "derived_period": "other" if is_outside else None,
                "lake_path": path.name,
            }
        )
        if is_withdrawn:
            withdrawals[f"s{number}"] = {"submission_id": f"s{number}"}
    return History(sorted(told, key=order), withdrawals)


def naive(submissions: list[Submission]) -> dict[str, int]:
    """Count the rows in force by the words of the specification, row by row and day by day."""
    numbered = [(n, *one) for n, one in enumerate(submissions, 1)]
    kept = [one for one in numbered if not one[3]]
    current = [one for one in kept if not any(o[1] == one[1] and o[0] > one[0] for o in kept)]

    def states(period: str, day: date) -> bool:
        return day.isoformat().startswith(period)

    return {
        f"s{number}": sum(
            1
            for day in days
            if not (
                states(period, day)
                and any(other[0] > number and states(other[1], day) for other in current)
            )
        )
        for number, period, days, _ in current
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(submissions=SUBMISSIONS)
def test_rows_in_force_are_those_of_the_day_by_day_model(
    submissions: list[Submission], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    current = lines(submissions, folder).all_current()
    assert rows_in_force(current, "day", RowsByDay(folder)) == naive(submissions)


def event(submission_id: str, period: str) -> dict[str, Any]:
    stated = parse_period(period)
    assert stated is not None
    return {
        "submission_id": submission_id,
        "period": period,
        "period_start": stated.first.isoformat(),
        "period_end": stated.last.isoformat(),
        "rows_loaded": 7,
        "derived_period": None,
        "lake_path": f"{submission_id}.parquet",
    }


def test_the_days_of_both_periods_go_out_of_force_in_the_earlier_one() -> None:
    november = (date(2019, 11, 1), date(2019, 11, 30))
    year, month = event("y", "2019"), event("m", "2019-11")
    assert displaced([year, month]) == [Displaced("y", "m", *november)]
    assert displaced([month, year]) == [Displaced("m", "y", *november)]
    assert displaced([event("a", "2019-11"), event("b", "2019-12"), event("c", "2020")]) == []


def test_a_day_is_displaced_by_month_and_year() -> None:
    day = (date(2020, 2, 29), date(2020, 2, 29))
    found = displaced([event("d", "2020-02-29"), event("m", "2020-02"), event("y", "2020")])
    assert Displaced("d", "m", *day) in found
    assert Displaced("d", "y", *day) in found
    assert len(found) == 3


def test_no_file_is_opened_where_all_or_nothing_of_a_submission_is_in_force(
    tmp_path: Path,
) -> None:
    months = [event(f"m{n}", f"2019-{n:02}") for n in range(1, 13)]
    # There is no lake: to open a file would be an error.
    rows = rows_in_force(months, "day", RowsByDay(tmp_path))
    assert sum(rows.values()) == 84
    rows = rows_in_force([*months, event("y", "2019")], "day", RowsByDay(tmp_path))
    assert rows == {f"m{n}": 0 for n in range(1, 13)} | {"y": 7}


def test_ten_years_of_days_have_as_many_pairs_as_overlaps() -> None:
    days = [
        event(f"{year}-{month:02}-{day:02}", f"{year}-{month:02}-{day:02}")
        for year in range(2010, 2020)
        for month in range(1, 13)
        for day in range(1, calendar.monthrange(year, month)[1] + 1)
    ]
    assert displaced(days) == []
    assert len(displaced([*days, event("y", "2015")])) == 365
