"""When a change of a year's volume is unusual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.periods import parse_period
from ingest.volume import Figures, InForce, Thresholds, estimate, total, unusual

LATER = date(2026, 3, 1)


@dataclass(frozen=True)
class Found:
    """What is unusual, and the figures that a person is shown."""

    rule: str
    figures: Figures


def ask(
    now: dict[str, int],
    period: str,
    rows: int,
    *,
    received: date = LATER,
    before: date = LATER,
    thresholds: Thresholds | None = None,
) -> Found | None:
    """Ask about a submission of a feed without a period date, with these rows by period."""
    stated = parse_period(period)
    assert stated is not None
    year = stated.first.year
    of_year = {name: count for name, count in now.items() if name[:4] == str(year)}
    of_year_before = {name: count for name, count in now.items() if name[:4] == str(year - 1)}
    figures = Figures(
        year, estimate(of_year), estimate(of_year | {period: rows}), estimate(of_year_before)
    )
    in_force = [InForce(name, count, before) for name, count in of_year.items()]
    found = unusual(figures, in_force, stated, received, thresholds or Thresholds(), estimate)
    return Found(found, figures) if found else None


def rule(*arguments: object, **options: object) -> str | None:
    found = ask(*arguments, **options)  # type: ignore[arg-type]
    return found.rule if found else None


MONTHS = {f"2024-{month:02}": 1000 for month in range(1, 13)}


@pytest.mark.parametrize(
    ("now", "period", "rows", "expected"),
    [
        # The first of a period, with nothing to compare it to.
        ({}, "2024", 1_000_000, None),
        # Replaced: half more or half less flows, anything beyond waits.
        ({"2024": 2000}, "2024", 3000, None),
        ({"2024": 2000}, "2024", 3001, "volume_changed"),
        ({"2024": 2000}, "2024", 1000, None),
        ({"2024": 2000}, "2024", 999, "volume_changed"),
        ({"2024": 2000}, "2024", 1, "volume_changed"),
        # What changes a small year flows, and what changes a larger one waits.
        ({"2024": 999}, "2024", 1, None),
        ({"2024": 999}, "2024", 1_000_000, None),
        ({"2024": 0}, "2024", 1_000_000, None),
        ({"2024": 1000}, "2024", 1, "volume_changed"),
        # A month is a part of the year, and so is a day.
        (MONTHS, "2024-03", 100, None),
        (MONTHS, "2024-03", 7000, None),
        (MONTHS, "2024-03", 7001, "volume_changed"),
        ({"2024-01": 1000, "2024-02": 1000}, "2024-01", 10, None),
        ({"2024-01": 1001, "2024-02": 998}, "2024-01", 1, "volume_changed"),
        ({"2024-01-01": 1000}, "2024-01-01", 100, "volume_changed"),
        # The next month of a year is no change of what was there.
        ({"2024-01": 1000}, "2024-02", 5000, None),
        # The year after its months tells of the same rows, and so do months after the year.
        (MONTHS, "2024", 12_000, None),
        (MONTHS, "2024", 100, None),
        (MONTHS, "2024", 18_001, "volume_changed"),
        ({"2024": 12_000}, "2024-03", 1000, None),
        ({"2024": 12_000}, "2024-03", 20_000, "volume_changed"),
        ({"2024": 12_000, "2024-03": 5000}, "2024", 5999, "volume_changed"),
        # Other years are other years.
        ({"2023": 5000}, "2024", 15_000, None),
        ({"2023": 5000}, "2024", 15_001, "volume_above_year_before"),
        ({"2023": 5000}, "2024", 1, None),
        ({"2022": 5000}, "2024", 1_000_000, None),
        ({"2025": 10}, "2024", 1_000_000, None),
        ({"2023": 999}, "2024", 1_000_000, None),
        ({"2023": 1000}, "2024", 3001, "volume_above_year_before"),
        ({"2023-01": 500, "2023-02": 500, "2024-01": 2000}, "2024-02", 1001, "volume_above_year_before"),
        # Once it has been let in, what follows is asked about no more.
        ({"2023": 1000, "2024-01": 3001}, "2024-02", 3000, None),
    ],
)  # fmt: skip
def test_what_waits(now: dict[str, int], period: str, rows: int, expected: str | None) -> None:
    assert rule(now, period, rows) == expected


@pytest.mark.parametrize(
    ("before", "received", "rows", "expected"),
    [
        # Submitted on 1 February with 31 of its days, and on 1 March with 60.
        (date(2024, 2, 1), date(2024, 3, 1), 2800, None),
        (date(2024, 2, 1), date(2024, 3, 1), 2900, "volume_changed"),
        # On the same day nothing is expected to have been added.
        (date(2024, 2, 1), date(2024, 2, 1), 1501, "volume_changed"),
        # Less is less.
        (date(2024, 2, 1), date(2024, 3, 1), 499, "volume_changed"),
        # Sent before it began; and after it had ended.
        (date(2023, 12, 1), date(2024, 1, 1), 1501, "volume_changed"),
        (date(2025, 2, 1), date(2025, 3, 1), 1501, "volume_changed"),
    ],
)
def test_a_year_under_way_is_expected_to_grow_with_its_days(
    before: date, received: date, rows: int, expected: str | None
) -> None:
    assert rule({"2024": 1000}, "2024", rows, before=before, received=received) == expected


def test_it_tells_the_figures_that_a_person_needs() -> None:
    found = ask({"2024": 2000, "2023": 1800}, "2024", 500)
    assert found == Found("volume_changed", Figures(2024, 2000, 500, 1800))
    assert found.figures.change == -0.75
    first = ask({"2023": 1000}, "2024", 4000)
    assert first is not None and first.figures.change is None


PERIODS = st.sampled_from(
    ["2024", "2024-01", "2024-02", "2024-01-05", "2024-01-06", "2023", "2023-05"]
)
ROWS = st.integers(0, 50_000)
NOW = st.dictionaries(PERIODS, ROWS)


@given(NOW, PERIODS, ROWS)
def test_turned_off_nothing_waits(now: dict[str, int], period: str, rows: int) -> None:
    for off in (Thresholds(None, 0, None), Thresholds(0, 0, 0)):
        assert ask(now, period, rows, thresholds=off) is None


@given(NOW, PERIODS, ROWS)
def test_what_changes_no_volume_never_waits(now: dict[str, int], period: str, rows: int) -> None:
    assert ask(now | {period: rows}, period, rows) is None


@given(NOW, PERIODS, ROWS)
def test_what_waits_really_changes_the_year_by_that_much(
    now: dict[str, int], period: str, rows: int
) -> None:
    found = ask(now, period, rows)
    if found is None:
        return
    figures = found.figures
    if found.rule == "volume_changed":
        assert figures.rows_before >= 1000
        assert figures.change is not None and abs(figures.change) > 0.5
    else:
        assert figures.rows_year_before >= 1000
        assert figures.rows_after > 3 * figures.rows_year_before >= figures.rows_before


@given(NOW, PERIODS, ROWS, st.permutations(range(7)))
def test_the_order_of_what_is_in_force_does_not_matter(
    now: dict[str, int], period: str, rows: int, order: list[int]
) -> None:
    names = list(now)
    shuffled = {names[n]: now[names[n]] for n in order if n < len(names)}
    assert ask(shuffled, period, rows) == ask(now, period, rows)


@given(st.dictionaries(PERIODS.filter(lambda name: name.startswith("2024")), ROWS))
def test_an_estimate_is_at_least_the_largest_and_at_most_the_sum(now: dict[str, int]) -> None:
    assert max(now.values(), default=0) <= estimate(now) <= total(now) == sum(now.values())
