"""Periods are written as their type is, and read as they are written."""

from __future__ import annotations

from datetime import date

import pytest

from vuosikello.warehouse.period_names import first_day, period_name


@pytest.mark.parametrize(
    ("day", "period_type", "name"),
    [
        (date(2019, 1, 1), "year", "2019"),
        (date(2019, 1, 1), "quarter", "2019-Q1"),
        (date(2019, 10, 1), "quarter", "2019-Q4"),
        (date(2019, 3, 1), "month", "2019-03"),
        (date(2018, 12, 31), "week", "2019-W01"),
        (date(2020, 12, 28), "week", "2020-W53"),
        (date(2019, 3, 14), "day", "2019-03-14"),
    ],
)
def test_the_name_of_a_period_leads_back_to_its_first_day(
    day: date, period_type: str, name: str
) -> None:
    assert period_name(day, period_type) == name
    assert first_day(name, period_type) == day


@pytest.mark.parametrize(
    ("name", "period_type"),
    [
        ("2019-03", "year"),
        ("2019-Q2", "year"),
        ("2019-02", "quarter"),
        ("2019-03-14", "month"),
        ("2019-W54", "week"),
        ("2019-02-30", "day"),
        ("last", "year"),
    ],
)
def test_what_is_no_period_of_the_type_is_refused_with_how_to_write_one(
    name: str, period_type: str
) -> None:
    with pytest.raises(ValueError, match=rf"^Write a .* as 2019.*, not {name}\.$"):
        first_day(name, period_type)
