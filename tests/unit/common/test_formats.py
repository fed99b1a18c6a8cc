"""Numbers, days and moments as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from common.formats import (
    Language,
    format_date,
    format_moment,
    format_number,
    format_percent,
    format_period,
)

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("language", "written"),
    [("fi", f"1{NBSP}234{NBSP}567,9"), ("sv", f"1{NBSP}234{NBSP}567,9"), ("en", "1,234,567.9")],
)
def test_a_number_has_the_marks_of_its_language(language: Language, written: str) -> None:
    assert format_number(1234567.89, language, 1) == written


@pytest.mark.parametrize(
    ("value", "decimals", "trailing_zeros", "written"),
    [
        (1500, 0, False, f"1{NBSP}500"),
        (12.50, 2, False, "12,5"),
        (12.50, 2, True, "12,50"),
        (3.0, 1, False, "3"),
        (-3.25, 2, False, f"{MINUS}3,25"),
    ],
)
def test_zeros_at_the_end_of_the_decimals_are_written_where_asked(
    value: float, decimals: int, trailing_zeros: bool, written: str
) -> None:
    assert format_number(value, "fi", decimals, trailing_zeros=trailing_zeros) == written


@pytest.mark.parametrize(
    ("language", "written"), [("fi", f"25,5{NBSP}%"), ("sv", f"25,5{NBSP}%"), ("en", "25.5%")]
)
def test_a_share_is_written_in_percent(language: Language, written: str) -> None:
    assert format_percent(0.255, language, 1) == written


@pytest.mark.parametrize(
    ("language", "in_full", "numeric"),
    [
        ("fi", "1. helmikuuta 2020", "1.2.2020"),
        ("sv", "1 februari 2020", "1.2.2020"),
        ("en", "1 February 2020", "1 February 2020"),
    ],
)
def test_a_day_is_written_in_full_or_in_numbers(
    language: Language, in_full: str, numeric: str
) -> None:
    day = date(2020, 2, 1)
    assert format_date(day, language) == in_full
    assert format_date(day, language, numeric=True) == numeric


def test_a_moment_is_written_in_finnish_time() -> None:
    moment = datetime(2020, 6, 30, 21, 5, tzinfo=UTC)
    assert format_moment(moment, "fi") == "1. heinäkuuta 2020 00.05"
    assert format_moment(moment, "sv", numeric=True) == "1.7.2020 00.05"
    assert format_moment(moment, "en") == "1 July 2020 00:05"


def test_a_period_is_a_year_or_a_month_by_its_name() -> None:
    assert format_period("2019", "fi") == "2019"
    assert format_period("2019-03", "fi") == "maaliskuu 2019"
    assert format_period("2019-03", "sv") == "mars 2019"
    assert format_period("2019-03", "fi", short=True) == "maalis"
