"""Which indicators are about people: one table, held to the declarations and to what rows tell."""

from __future__ import annotations

import pytest

from vuosikello.warehouse.indicator_declarations import IndicatorDeclaration, read_declarations
from vuosikello.warehouse.indicator_declarations.pages import PERSONAL
from vuosikello.warehouse.indicator_declarations.read import REPOSITORY


@pytest.fixture(scope="module")
def declarations() -> list[IndicatorDeclaration]:
    return read_declarations()


def test_one_table_says_of_every_indicator_whether_it_is_about_people_and_why(
    declarations: list[IndicatorDeclaration],
) -> None:
    text = (REPOSITORY / PERSONAL).read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| [")
    ]
    told = {name.partition("]")[0].lstrip("["): rest for name, *rest in rows}
    assert len(rows) == len(told)
    assert told == {
        one.code: ["yes" if one.personal else "no", one.persons_kind or "", one.personal_reason]
        for one in declarations
    }


def test_what_is_about_nobody_counts_no_people_and_what_is_counts_them(
    declarations: list[IndicatorDeclaration],
) -> None:
    """Nobody is met, measured, employed or asked in what the rows of these feeds tell."""
    about_nobody = {"places", "measures", "observations", "meetings"}
    assert {one.base_feed for one in declarations if not one.personal} == about_nobody
    assert not any(one.personal for one in declarations if one.base_feed in about_nobody)
    assert all((one.measures.persons is not None) == one.personal for one in declarations)
