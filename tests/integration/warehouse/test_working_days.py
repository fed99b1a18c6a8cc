"""Working days: the seed of public holidays is the library's, and the calendar counts by it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import duckdb
import holidays
import pytest

from tests.support.public_holidays import COLUMNS, SEED, YEARS, from_the_library


def test_the_seed_holds_the_public_holidays_of_the_library() -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        header, *rows = (tuple(row) for row in csv.reader(file))
    assert header == COLUMNS
    assert rows == from_the_library(), f"Write it anew: python {Path(__file__).parent.name}/…"


def test_the_calendar_reaches_further_than_anyone_will_submit(
    published: duckdb.DuckDBPyConnection,
) -> None:
    first, last = published.execute("SELECT min(day), max(day) FROM marts.dim_day").fetchall()[0]
    # Contracts reject days before 1950; what is initiated needs seven working days after it.
    assert first == date(1950, 1, 1)
    assert last >= date.today() + timedelta(days=365)


def test_every_day_is_a_working_day_or_not_as_the_library_says(
    published: duckdb.DuckDBPyConnection,
) -> None:
    finland = holidays.FI(years=YEARS)
    days = published.execute(
        "SELECT day, is_working_day, is_public_holiday, working_day_no "
        "FROM marts.dim_day ORDER BY day"
    ).fetchall()
    counted = 0
    for nth, (day, is_working_day, is_public_holiday, working_day_no) in enumerate(days):
        expected = finland.is_working_day(day)
        counted += expected
        assert day == date(1950, 1, 1) + timedelta(days=nth)
        assert is_public_holiday == (day in finland)
        assert (is_working_day, working_day_no) == (expected, counted), day


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2019-04-19", "Good Friday"),
        ("2019-06-21", "Midsummer Eve"),
        ("2024-12-24", "Christmas Eve"),
        ("2024-12-06", "Independence Day, a Friday"),
        ("2025-05-01", "May Day"),
        ("2025-05-29", "Ascension Day"),
        ("2026-01-06", "Epiphany"),
    ],
)
def test_a_public_holiday_in_the_week_is_no_working_day(
    day: str, why: str, published: duckdb.DuckDBPyConnection
) -> None:
    row = published.execute(
        "SELECT is_working_day, holiday_fi IS NOT NULL FROM marts.dim_day WHERE day = ?::DATE",
        [day],
    ).fetchone()
    assert row == (False, True), why


def test_every_assessment_of_the_example_has_its_last_day_to_start(iso_sos: Path) -> None:
    finland = holidays.FI(years=YEARS)
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "SELECT initiated_on, start_due_on, started_on, is_started_in_time "
            "FROM marts.fct_assessment"
        ).fetchall()
    assert rows
    for initiated_on, start_due_on, started_on, is_started_in_time in rows:
        assert start_due_on == finland.get_nth_working_day(initiated_on, 7)
        assert is_started_in_time == (started_on is not None and started_on <= start_due_on)
