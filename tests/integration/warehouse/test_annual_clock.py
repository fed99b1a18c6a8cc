"""The stage of a day: the warehouse and the command tell the same, from one list of stages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from common.home import Home
from vuosikello.reporting.submission_status import status_of


@pytest.fixture(scope="module")
def reported(iso_sos: Path) -> dict[date, tuple[str, str]]:
    """What the warehouse says of each day: the stage and the year whose data it is about."""
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT day, position || ' ' || label_en, data_year FROM marts.annual_clock_day"
        ).fetchall()
    return {day: (stage, data_year) for day, stage, data_year in rows}


def test_every_day_has_a_stage(reported: dict[date, tuple[str, str]]) -> None:
    days = [date(2019, 1, 1) + timedelta(days) for days in range(366 * 2)]
    assert [day for day in days if not reported[day][0]] == []
    assert len({reported[day][0] for day in days}) == 9


@pytest.mark.parametrize(
    "day",
    [
        day + timedelta(shift)
        for day in (
            date(2019, 1, 31),
            date(2020, 2, 29),
            date(2020, 3, 31),
            date(2020, 5, 15),
            date(2020, 5, 31),
            date(2020, 8, 31),
            date(2020, 10, 31),
            date(2020, 12, 31),
        )
        for shift in (0, 1)
    ],
    ids=str,
)
def test_the_command_and_the_warehouse_tell_the_same_stage_and_year(
    day: date, reported: dict[date, tuple[str, str]], tmp_path: Path
) -> None:
    status = status_of(Home(tmp_path), today=day)
    assert (status.stage, str(status.year)) == reported[day]
