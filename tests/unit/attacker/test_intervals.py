"""Between which numbers a number must lie: by hand, and against all solutions of small systems."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys

import numpy as np
import pytest

from attacker.cells import Cell
from attacker.integers import propagate
from attacker.intervals import Effort, bound
from attacker.knowledge import Knowledge, Relation
from attacker.system import pose
from tests.support.places import ROOT

BROKEN = Effort(whole=False)


def cell(name: str, measure: str = "people") -> Cell:
    return ("feed", "0", measure, "organisation", name, "year", "2019", "none", "all")


def known_of(
    truth: dict[str, float], *relations: tuple[dict[str, float], float, bool]
) -> Knowledge:
    """What is known of some numbers that are all withheld."""
    for terms, least, is_equality in relations:
        total = sum(factor * truth[name] for name, factor in terms.items())
        assert total == least if is_equality else total >= least
    return Knowledge(
        unknown={cell(name) for name in truth},
        relations=[
            Relation({cell(name): factor for name, factor in terms.items()}, least, is_equality)
            for terms, least, is_equality in relations
        ],
        whole=frozenset({"people"}),
        truth={cell(name): number for name, number in truth.items()},
    )


def pairs_between(low: float, high: float) -> Knowledge:
    """Three numbers, of which any two together are between two others."""
    relations = []
    for pair in itertools.combinations("abc", 2):
        relations += [
            (dict.fromkeys(pair, 1.0), low, False),
            (dict.fromkeys(pair, -1.0), -high, False),
        ]
    return known_of({"a": 2, "b": 3, "c": 2}, *relations)


ALL_THREE = {cell(name): 1.0 for name in "abc"}


def test_whole_numbers_leave_less_than_broken_ones() -> None:
    # Any two of three are 3 to 7, so all three are 4.5 to 10.5: seven units of broken numbers, six of
    # whole ones.
    knowledge = pairs_between(3, 7)
    (broken,) = bound(knowledge, [ALL_THREE], [6], BROKEN)
    (whole,) = bound(knowledge, [ALL_THREE], [6])
    assert not broken.is_narrow
    assert (whole.low, whole.high) == (5, 10)
    assert whole.is_narrow and whole.is_decided


def test_the_solver_prints_nothing() -> None:
    code = (
        "from tests.unit.attacker.test_intervals import ALL_THREE, bound, pairs_between; "
        "bound(pairs_between(3, 7), [ALL_THREE], [6])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert ended.stdout == b""


def test_what_is_wide_enough_is_left_alone() -> None:
    (whole,) = bound(pairs_between(3, 7), [ALL_THREE], [5])
    assert not whole.is_narrow and whole.is_decided


def test_a_share_of_whole_numbers_is_known_exactly() -> None:
    # 4 of a are at most 7, and 4 of them at least 3: there is one whole number.
    knowledge = known_of({"a": 1}, ({"a": -4.0}, -7.0, False), ({"a": 4.0}, 3.0, False))
    (broken,) = bound(knowledge, [{cell("a"): 1.0}], [5], BROKEN)
    (whole,) = bound(knowledge, [{cell("a"): 1.0}], [5])
    assert not broken.is_exact
    assert whole.is_exact and whole.low == 1


def test_minutes_and_scores_may_be_broken() -> None:
    knowledge = pairs_between(3, 7)
    knowledge.whole = frozenset()
    (found,) = bound(knowledge, [ALL_THREE], [6])
    assert not found.is_narrow


def test_a_group_that_is_too_large_is_not_decided() -> None:
    (found,) = bound(pairs_between(3, 7), [ALL_THREE], [6], Effort(most_unknowns=2))
    assert not found.is_decided and not found.is_narrow


@pytest.mark.parametrize(("is_tight", "is_decided"), [(False, True), (True, False)])
def test_in_a_large_group_a_way_out_nearby_is_enough(is_tight: bool, is_decided: bool) -> None:
    names = ["a", "b", *(f"n{number:02}" for number in range(30))]
    relations = [({"a": 1.0, "b": 1.0}, 12.0, True)]
    # Behind b comes a chain of pairs, which all have to move with it, or not.
    relations += [
        ({one: 1.0, other: 1.0}, 12.0 if is_tight else 6.0, is_tight)
        for one, other in itertools.pairwise(names[1:])
    ]
    # At their ends the limits are broken numbers: what the linear program meets is no solution.
    relations += [({"a": 2.0}, 5.0, False), ({"a": -2.0}, -17.0, False)]
    knowledge = known_of(dict.fromkeys(names, 6), *relations)
    (found,) = bound(knowledge, [{cell("a"): 1.0}], [5], Effort(most_unknowns=12))
    assert found.is_decided is is_decided
    assert not found.is_narrow
    (all_at_once,) = bound(knowledge, [{cell("a"): 1.0}], [5])
    assert all_at_once.is_decided and not all_at_once.is_narrow


def test_limits_go_through_a_chain_of_sums() -> None:
    # a + b = 5, 2b + 2c = 7 + d, d is 0 or 1: 2b + 2c is even, so d is 1.
    knowledge = known_of(
        {"a": 2, "b": 3, "c": 1, "d": 1},
        ({"a": 1.0, "b": 1.0}, 5.0, True),
        ({"b": 2.0, "c": 2.0, "d": -1.0}, 7.0, True),
        ({"d": -1.0}, -1.0, False),
    )
    posed = pose(knowledge, [{cell("d"): 1.0}])
    ((system, _),) = posed.groups
    low, high = propagate(system, system.lowest, np.full(system.unknowns, np.inf))
    assert sorted(high.tolist()) == [1, 4, 4, 5]
    (found,) = bound(knowledge, [{cell("d"): 1.0}], [5])
    assert found.is_exact and found.low == 1
    assert low.min() == 0


def test_one_number_under_two_names_is_one_unknown() -> None:
    knowledge = known_of({"a": 2, "b": 2}, ({"a": 1.0, "b": -1.0}, 0.0, True))
    knowledge.at_least_one = {cell("a")}
    ((system, _),) = pose(knowledge, [{cell("b"): 1.0}]).groups
    assert system.unknowns == 1
    assert system.lowest.tolist() == [1.0]


@pytest.mark.parametrize("seed", range(40))
def test_all_solutions_of_a_small_system_say_the_same(seed: int) -> None:
    draws = random.Random(seed)
    names, most = "abcd", 9
    truth: dict[str, float] = {name: draws.randint(0, most) for name in names}
    relations: list[tuple[dict[str, float], float, bool]] = [
        ({name: -1.0}, -float(most), False) for name in names
    ]
    for _ in range(draws.randint(1, 4)):
        chosen = draws.sample(names, draws.randint(2, 3))
        terms = {name: float(draws.choice([-2, -1, 1, 1, 2])) for name in chosen}
        total = sum(factor * truth[name] for name, factor in terms.items())
        is_equality = draws.random() < 0.4
        relations.append(
            (terms, total if is_equality else total - draws.randint(0, 2), is_equality)
        )
    knowledge = known_of(truth, *relations)
    possible = [
        point
        for values in itertools.product(range(most + 1), repeat=len(names))
        for point in [dict(zip(names, values, strict=True))]
        if all(
            total == least if is_equality else total >= least
            for terms, least, is_equality in relations
            for total in [sum(factor * point[name] for name, factor in terms.items())]
        )
    ]
    wanted = [{cell(name): 1.0} for name in names] + [{cell("a"): 1.0, cell("b"): -1.0}]
    values = [[point[name] for point in possible] for name in names]
    values.append([point["a"] - point["b"] for point in possible])
    found = bound(knowledge, wanted, [5.0] * len(wanted))
    for interval, all_values in zip(found, values, strict=True):
        assert interval.is_decided
        assert interval.is_narrow == (max(all_values) - min(all_values) < 5)
        if interval.is_narrow:
            assert (interval.low, interval.high) == (min(all_values), max(all_values))
