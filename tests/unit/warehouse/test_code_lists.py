"""A code that does not exist is answered with the one that was probably meant."""

from __future__ import annotations

import pytest

from vuosikello.warehouse.code_lists import unknown_code

NATURES = {
    "home_visit": ("Kotikäynti", "Hembesök", "Home visit"),
    "partner": ("Yhteistyökumppanille", "Till samarbetspart", "To a partner"),
}


@pytest.mark.parametrize("written", ["home_visits", "HOME_VISIT", "kotikäynnit", "Hembesök"])
def test_codes_and_labels_of_every_language_are_compared(written: str) -> None:
    assert unknown_code("nature", written, NATURES) == (
        f"nature has no value {written}. Did you mean home_visit (Home visit)?"
    )


def test_where_no_spelling_is_close_a_short_list_is_named() -> None:
    assert unknown_code("nature", "x", NATURES) == (
        "nature has no value x. Its values are home_visit, partner."
    )


def test_where_no_spelling_is_close_a_long_list_is_not_named() -> None:
    codes = {str(number): ("", "", "") for number in range(100, 200)}
    assert unknown_code("municipality", "x", codes) == "municipality has no value x."
