"""The state of a thing on every day: the macro against the words of the specification.

A photograph states a year, a month or a day. The model below asks day by day, in plain Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.periods import parse_period
from tests.support.rendered_macros import rendered

FIRST, LAST = date(2018, 12, 20), date(2021, 1, 10)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]


@dataclass(frozen=True)
class Photograph:
    """What one submission says of one place: the stated period, and its state."""

    period: str
    arrival_no: int
    state: str

    @property
    def first(self) -> date:
        period = parse_period(self.period)
        assert period is not None
        return period.first

    @property
    def last(self) -> date:
        period = parse_period(self.period)
        assert period is not None
        return period.last


def state_on(day: date, photographs: Sequence[Photograph]) -> str:
    """Say the state on a day, by feeds.md, State and time."""
    containing = [one for one in photographs if one.first <= day <= one.last]
    if containing:
        return min(containing, key=lambda one: (one.last, -one.arrival_no)).state
    ended = [one for one in photographs if one.last < day]
    if ended:
        return max(ended, key=lambda one: (one.last, one.arrival_no)).state
    return min(photographs, key=lambda one: (one.first, one.last, -one.arrival_no)).state


@pytest.fixture(scope="module")
def sql() -> str:
    return rendered("models/intermediate/int_place_state.sql")


def spells(sql: str, photographs: Sequence[Photograph]) -> list[tuple[date, date, str]]:
    """The spells of one place, from the model's own SQL."""
    values = ", ".join(
        f"('kainuu', 'P1', '{one.period}', DATE '{one.first}', DATE '{one.last}', "
        f"{one.arrival_no}, '205', '{one.state}', 'public', ['anyone'])"
        for one in photographs
    )
    return duckdb.execute(
        "WITH int_place_photograph AS (SELECT * FROM (VALUES "
        + values
        + ") AS rows (organisation, place_id, period, period_start, period_end, arrival_no, "
        "municipality, kind, sector, target_groups)) "
        f"SELECT valid_from, valid_to, kind FROM ({sql}) ORDER BY valid_from"
    ).fetchall()


def states(sql: str, photographs: Sequence[Photograph]) -> list[str]:
    """The state on each of the days."""
    found = spells(sql, photographs)
    return [next(kind for first, last, kind in found if first <= day <= last) for day in DAYS]


def _periods() -> st.SearchStrategy[str]:
    years = st.sampled_from(["2019", "2020"])
    months = st.sampled_from(["01", "02", "06", "11", "12"])
    days = st.sampled_from(["01", "14", "28", "30"])
    return st.one_of(
        years,
        st.builds("{}-{}".format, years, months),
        st.builds("{}-{}-{}".format, years, st.sampled_from(["01", "06", "12"]), days),
    )


def _photographs(size: int = 5) -> st.SearchStrategy[list[Photograph]]:
    return st.lists(
        st.tuples(_periods(), st.sampled_from("abc")),
        min_size=1,
        max_size=size,
        unique_by=lambda one: one[0],
    ).map(lambda rows: [Photograph(p, n, s) for n, (p, s) in enumerate(rows, start=1)])


@settings(max_examples=80, deadline=None)
@given(photographs=_photographs())
def test_every_day_has_the_state_that_the_specification_gives_it(
    sql: str, photographs: list[Photograph]
) -> None:
    assert states(sql, photographs) == [state_on(day, photographs) for day in DAYS]


@settings(max_examples=40, deadline=None)
@given(photographs=_photographs())
def test_spells_follow_each_other_and_reach_over_all_days(
    sql: str, photographs: list[Photograph]
) -> None:
    found = spells(sql, photographs)
    assert found[0][0] == date(1, 1, 1)
    assert found[-1][1] == date(9999, 12, 31)
    for one, after in itertools.pairwise(found):
        assert after[0] == one[1] + timedelta(1)
        assert after[2] != one[2]


@settings(max_examples=60, deadline=None)
@given(photographs=_photographs(4), period=_periods(), state=st.sampled_from("abcd"))
def test_a_later_photograph_changes_no_state_before_its_period(
    sql: str, photographs: list[Photograph], period: str, state: str
) -> None:
    new = Photograph(period, len(photographs) + 1, state)
    others = [one for one in photographs if one.period != period]
    if not any(one.first < new.first for one in others):
        return
    before, after = states(sql, others), states(sql, [*others, new])
    earlier = sum(day < new.first for day in DAYS)
    assert before[:earlier] == after[:earlier]


@settings(max_examples=60, deadline=None)
@given(photographs=_photographs(), order=st.randoms(use_true_random=False))
def test_photographs_with_different_ends_may_come_in_any_order(
    sql: str, photographs: list[Photograph], order: object
) -> None:
    different = list({one.last: one for one in photographs}.values())
    numbers = [one.arrival_no for one in different]
    order.shuffle(numbers)  # type: ignore[attr-defined]
    shuffled = [
        Photograph(one.period, number, one.state)
        for one, number in zip(different, numbers, strict=True)
    ]
    assert spells(sql, different) == spells(sql, shuffled)
