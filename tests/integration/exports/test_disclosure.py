"""Primary suppression, value by value: no number leaves that tells of few people."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import exports
from exports.disclosure import Protection, primary
from tests.support.indicator_rows import Value, write_warehouse

NUMBERS = ("numerator", "denominator", "value", "persons", "events")
TOPIC = Value(
    numerator=1,
    denominator=10,
    persons=None,
    heads=40,
    numerator_persons=2,
    other_side_persons=38,
)
COUNT = Value(
    kind="count",
    numerator=20,
    denominator=None,
    persons=20,
    numerator_persons=20,
    other_side_persons=None,
)
RATIO = Value(
    kind="ratio",
    numerator=600,
    denominator=10,
    persons=10,
    numerator_persons=590,
    other_side_persons=None,
)


def statuses(values: list[Value], threshold: int = 5) -> list[str]:
    """Export the values and return the status of each."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = write_warehouse(Path(folder) / "warehouse.duckdb", values)
        protection = Protection(threshold=threshold)
        csv, _ = exports.publish(warehouse, Path(folder) / "out", protection=protection).files
        rows = duckdb.sql(
            f"SELECT status, {', '.join(NUMBERS)} FROM read_csv('{csv}', header = true) "
            "ORDER BY indicator"
        ).fetchall()
    for status, *numbers in rows:
        if status == "suppressed":
            assert numbers == [None] * len(NUMBERS)
    return [status for status, *_ in rows]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (COUNT, "published"),
        (replace(COUNT, numerator=5, persons=5, numerator_persons=5), "published"),
        (replace(COUNT, numerator=4, persons=4, numerator_persons=4), "suppressed"),
        # Nine client relationships of four people.
        (replace(COUNT, numerator=9, persons=4, numerator_persons=4), "suppressed"),
        # Zero is zero: nobody to recognise.
        (replace(COUNT, numerator=0, persons=None, numerator_persons=0), "published"),
        (Value(), "published"),
        (Value(numerator=2, numerator_persons=2, other_side_persons=38), "suppressed"),
        (Value(numerator=38, numerator_persons=38, other_side_persons=2), "suppressed"),
        (Value(numerator=0, numerator_persons=0, other_side_persons=40), "published"),
        (Value(numerator=40, numerator_persons=40, other_side_persons=0), "published"),
        (
            Value(
                numerator=2,
                denominator=4,
                persons=4,
                numerator_persons=2,
                other_side_persons=2,
            ),
            "suppressed",
        ),
        # All of three people: the share is 1, and it is theirs.
        (
            Value(
                numerator=3,
                denominator=3,
                persons=3,
                numerator_persons=3,
                other_side_persons=0,
            ),
            "suppressed",
        ),
        # Thirty contacts outside the office, all with two clients.
        (Value(numerator=30, denominator=100, numerator_persons=2), "suppressed"),
        (RATIO, "published"),
        (replace(RATIO, denominator=4, persons=4), "suppressed"),
        # Three clients of ten workers are three people too.
        (replace(RATIO, numerator=3, numerator_persons=3), "suppressed"),
        # Not about people: visits.
        (
            Value(
                personal=False,
                numerator=1,
                persons=None,
                numerator_persons=None,
                other_side_persons=None,
            ),
            "published",
        ),
        # About people, and nobody knows how many.
        (replace(COUNT, persons=None, numerator_persons=None), "suppressed"),
        # Counted and not identified: a visit to three people, one to thirty, and six to nobody.
        (replace(COUNT, numerator=1, persons=None, heads=3, numerator_persons=3), "suppressed"),
        (replace(COUNT, numerator=1, persons=None, heads=30, numerator_persons=30), "published"),
        (replace(COUNT, numerator=6, persons=None, heads=0, numerator_persons=0), "published"),
        # Of ten visits the one with the topic was to two people; to nobody; all others were.
        (TOPIC, "suppressed"),
        (replace(TOPIC, numerator_persons=0, other_side_persons=40), "published"),
        (replace(TOPIC, numerator_persons=40, other_side_persons=0), "published"),
        # A rate of 0 per inhabitants is nobody's.
        (
            Value(kind="ratio", numerator=0, persons=None, heads=0, numerator_persons=0),
            "published",
        ),
        (replace(Value(), other_side_persons=None), "suppressed"),
    ],
)
def test_a_value_is_suppressed_when_few_people_stand_on_one_of_its_sides(
    value: Value, status: str
) -> None:
    assert statuses([value]) == [status]


def test_where_nothing_is_about_people_everything_is_published() -> None:
    assert statuses([replace(COUNT, personal=False)]) == ["published"]


def test_the_threshold_is_a_setting() -> None:
    values = [replace(COUNT, numerator=n, persons=n, numerator_persons=n) for n in (1, 2, 9, 10)]
    assert statuses(values, threshold=10) == ["suppressed"] * 3 + ["published"]
    assert statuses(values, threshold=1) == ["published"] * 4


ALL_SEVEN = Value(numerator=7, denominator=7, persons=7, numerator_persons=7, other_side_persons=0)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (ALL_SEVEN, "suppressed"),
        (replace(ALL_SEVEN, numerator=0, numerator_persons=0, other_side_persons=7), "suppressed"),
        (replace(ALL_SEVEN, personal=False), "published"),
        (
            Value(
                numerator=10, denominator=10, persons=10, numerator_persons=10, other_side_persons=0
            ),
            "published",
        ),
        # A mean is none of 0 and 1.
        (replace(RATIO, numerator=7, denominator=7, persons=7, numerator_persons=7), "published"),
    ],
)
def test_a_sensitive_share_that_tells_the_same_of_fewer_than_ten_people_is_suppressed(
    value: Value, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert statuses([value]) == ["published"]
    plan = replace(primary.publication_plan(), sensitive_indicators=("test.0000",))
    monkeypatch.setattr(primary, "publication_plan", lambda: plan)
    assert statuses([value]) == [status]


def test_a_value_of_an_indicator_that_the_catalogue_does_not_know_is_treated_as_personal(
    tmp_path: Path,
) -> None:
    warehouse = write_warehouse(
        tmp_path / "warehouse.duckdb", [Value(personal=False, numerator_persons=1)]
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM indicators.indicator_catalogue")
    assert exports.publish(warehouse, tmp_path).suppressed == 1


_PEOPLE = st.integers(min_value=0, max_value=12)


@st.composite
def shares_of_people(draw: st.DrawFn) -> Value:
    """A share over units of people, as it comes about: each person may have several units."""
    on_one_side = draw(st.lists(st.integers(1, 3), max_size=12))
    on_both = draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=12))
    on_the_other = draw(st.lists(st.integers(1, 3), max_size=12))
    numerator = sum(on_one_side) + sum(one for one, _ in on_both)
    denominator = numerator + sum(on_the_other) + sum(other for _, other in on_both)
    if denominator == 0:
        return replace(COUNT, numerator=0, persons=None, numerator_persons=0)
    return Value(
        numerator=numerator,
        denominator=denominator,
        persons=len(on_one_side) + len(on_both) + len(on_the_other),
        numerator_persons=len(on_one_side) + len(on_both),
        other_side_persons=len(on_both) + len(on_the_other),
        personal=draw(st.booleans()),
    )


FEW_EXAMPLES = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@FEW_EXAMPLES
@given(st.lists(shares_of_people(), min_size=1, max_size=30), st.integers(1, 8))
def test_exactly_the_values_with_few_people_on_a_side_are_suppressed(
    values: list[Value], threshold: int
) -> None:
    for value, status in zip(values, statuses(values, threshold), strict=True):
        sides = (value.persons, value.numerator_persons, value.other_side_persons)
        few = any(0 < (people or 0) < threshold for people in sides)
        assert status == ("suppressed" if value.personal and few else "published")


@FEW_EXAMPLES
@given(st.lists(shares_of_people(), min_size=1, max_size=30))
def test_no_count_of_people_below_the_threshold_can_be_read_from_a_published_share(
    values: list[Value],
) -> None:
    for value, status in zip(values, statuses(values), strict=True):
        if value.personal and status == "published" and value.denominator is not None:
            other = value.denominator - value.numerator
            assert value.numerator == 0 or value.numerator >= 5
            assert other == 0 or other >= 5


@FEW_EXAMPLES
@given(st.lists(shares_of_people(), min_size=1, max_size=30), st.integers(1, 6))
def test_a_higher_threshold_publishes_nothing_that_a_lower_one_suppressed(
    values: list[Value], threshold: int
) -> None:
    lower, higher = statuses(values, threshold), statuses(values, threshold + 1)
    assert not any(
        one == "suppressed" and two == "published" for one, two in zip(lower, higher, strict=True)
    )
