"""Intervals: how small and how large each number in question can be, from all that is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attacker.integers import bound_whole
from attacker.knowledge import Knowledge
from attacker.program import bound_linear, far
from attacker.system import System, Terms, pose

_NEAR = 1e-6


@dataclass(frozen=True)
class Effort:
    """How hard the attacker tries.

    Attributes:
        whole: whether he reasons that whole numbers are whole.
        most_unknowns: up to how many unknowns he solves a group in whole numbers.
        nodes: how many branches he looks at for one answer.
    """

    whole: bool = True
    most_unknowns: int = 60
    nodes: int = 500


@dataclass(frozen=True)
class Interval:
    """Between which numbers a number must lie, as far as the attacker finds out.

    Attributes:
        low, high: the least and the greatest that it can be; where it is wide enough, numbers in
            between them that it can be all the same.
        enough: how wide was enough.
        is_whole: it is a whole number, and the limits are.
        is_decided: whether it is known which of the two it is: wide enough, or not.
    """

    low: float
    high: float
    enough: float
    is_whole: bool = False
    is_decided: bool = True

    @property
    def width(self) -> float:
        """The difference of the limits."""
        return self.high - self.low

    @property
    def is_exact(self) -> bool:
        """Whether only one number is left."""
        return self.width < 1e-5

    @property
    def is_within_one(self) -> bool:
        """Whether the number is known to within one."""
        return self.width <= 1 + 1e-5

    @property
    def is_narrow(self) -> bool:
        """Whether fewer numbers are left than was promised: a width of 5 leaves six of them."""
        if self.is_whole:
            return self.width < math.floor(self.enough + _NEAR) - _NEAR
        return self.width < self.enough * (1 - 1e-4)


def bound(
    knowledge: Knowledge,
    wanted: Sequence[Terms],
    enough: Sequence[float],
    effort: Effort | None = None,
) -> list[Interval]:
    """Bound sums of numbers from everything that is known.

    Args:
        knowledge: what the attacker knows.
        wanted: what to bound: numbers, each times a factor.
        enough: how wide an interval must be to count as protected; the search ends there.
        effort: how hard he tries.
    """
    effort = effort or Effort()
    posed = pose(knowledge, wanted)
    found = [
        Interval(float(fixed), float(fixed), float(need))
        for fixed, need in zip(posed.fixed, enough, strict=True)
    ]
    for system, numbers in posed.groups:
        here = np.array([enough[number] for number in numbers])
        intervals = _bound_group(system, here, effort)
        for number, interval in zip(numbers, intervals, strict=True):
            fixed = posed.fixed[number]
            found[number] = Interval(
                float(interval.low + fixed),
                float(interval.high + fixed),
                interval.enough,
                interval.is_whole and bool(abs(fixed - round(fixed)) < _NEAR),
                interval.is_decided,
            )
    return found


def _bound_group(system: System, enough: np.ndarray, effort: Effort) -> list[Interval]:
    """Bound the targets of one group."""
    furthest = far(system, enough)
    bottom = np.where(np.isinf(system.lowest), -furthest, system.lowest)
    top = np.full(system.unknowns, furthest)
    low, high, points = bound_linear(system, bottom, top, enough)
    is_narrow = high - low < enough
    if not effort.whole:
        return [
            Interval(float(one), float(other), float(need))
            for one, other, need in zip(low, high, enough, strict=True)
        ]
    wider, columns = system.with_targets_as_unknowns()
    is_whole = wider.is_whole[columns]
    needed = np.where(is_whole, np.floor(enough + _NEAR), enough)
    start_low, start_high = wider.lowest.copy(), np.full(wider.unknowns, np.inf)
    # What the linear program has found is where whole numbers begin.
    narrow = columns[is_narrow]
    np.maximum.at(start_low, narrow, low[is_narrow] - _NEAR)
    np.minimum.at(start_high, narrow, high[is_narrow] + _NEAR)
    limits = bound_whole(
        wider,
        columns,
        start_low,
        start_high,
        needed,
        [_with_targets(system, wider, point) for point in points],
        furthest=furthest,
        most_unknowns=effort.most_unknowns,
        nodes=effort.nodes,
    )
    intervals = []
    for number in range(len(columns)):
        outer = Interval(
            float(limits.low[number]),
            float(limits.high[number]),
            float(enough[number]),
            bool(is_whole[number]),
        )
        inner = Interval(
            float(limits.least[number]),
            float(limits.greatest[number]),
            float(enough[number]),
            bool(is_whole[number]),
        )
        if outer.is_narrow or not inner.is_narrow:
            intervals.append(outer if outer.is_narrow else inner)
            continue
        # Too large a group for whole numbers: what the linear program says is what is left.
        intervals.append(
            Interval(
                float(low[number]), float(high[number]), float(enough[number]), is_decided=False
            )
        )
    return intervals


def _with_targets(system: System, wider: System, point: np.ndarray) -> np.ndarray:
    """Return a solution with the targets that became unknowns."""
    added = wider.unknowns - system.unknowns
    if not added:
        return point
    sums = wider.matrix[-added:][:, : system.unknowns]
    return np.concatenate([point, sums @ point])
