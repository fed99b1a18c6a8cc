"""Complementary suppression: which other rows to withhold, so that no number can be calculated.

Every sensitive unknown must be able to change as much as it needs
(:mod:`exports.disclosure.attack`) while no number that a row shows changes. Which rows to withhold
for that, at the least cost, is a mixed-integer problem. It is split into groups of numbers that no
relation and no row links, and

* a small group is solved to the optimum (:mod:`exports.disclosure.optimal`);
* large groups are protected by a heuristic (:mod:`exports.disclosure.heuristic`), and then once
  more with only the rows that were withheld the first time: rows that turn out not to be needed are
  published.

Which of the two depends on size alone, never on time: the same input has the same result. This
module must not know tables, areas or periods, only the system of unknowns and rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, IndexArray
from exports.disclosure.attack import (
    FeasibleChanges,
    change_limits,
    find_changes,
    linked_groups,
    unknown_when_hidden,
)
from exports.disclosure.heuristic import Heuristic
from exports.disclosure.optimal import least_withheld
from exports.disclosure.relations import System

# How often counts that were newly withheld are protected too.
TURNS = 6
# How often, at most, large groups are protected again with only the rows withheld the last time,
# and the share of their weight that has to be saved for one more time.
TRIMS = 2
LEAST_SAVING = 0.02


@dataclass
class Pattern:
    """Which rows are withheld, and how that came about.

    Attributes:
        hidden: by row.
        known: by unknown, is it known whatever is withheld now?
        relaxed: by unknown, is it a remainder that is taken for unknown, since nothing else
            protects a number?
        given_up: by unknown, was its protection given up? It is a count of many people, or what is
            always published, or was published before, reveals it whatever is withheld now.
        feasible: the proofs of protection.
        exact, together: groups solved to the optimum, and by the heuristic.
    """

    hidden: BoolArray
    known: BoolArray
    relaxed: BoolArray
    given_up: BoolArray
    feasible: FeasibleChanges = field(repr=False)
    exact: int = 0
    together: int = 0


def choose_rows(
    system: System, withheld: BoolArray, *, exact_rows: int, least_width: float
) -> Pattern:
    """Choose the rows to withhold.

    Args:
        system: unknowns, relations and needs; its primary rows are withheld in any case.
        withheld: by row, was it withheld before with the same numbers? It stays withheld.
        exact_rows: a group with up to this many rows to choose from is solved to the optimum.
        least_width: how wide the interval of a count must be that is withheld to protect others.

    Returns:
        The rows, with the proofs of protection.
    """
    count = len(system.needed)
    nothing = np.zeros(count, dtype=bool)
    # A number in a row that is always published, or was published before, stays known.
    known = ~unknown_when_hidden(system, system.can_be_hidden, nothing)
    hidden = system.is_primary.copy()
    hidden |= withheld & system.can_be_hidden
    # Another row that shows a sensitive number would reveal it.
    hidden |= (system.shows @ (system.needed > 0) > 0) & system.can_be_hidden
    pattern = Pattern(hidden.copy(), known, nothing.copy(), nothing.copy(), FeasibleChanges(count))
    return _Choice(system, pattern, hidden, exact_rows, least_width).best()


class _Choice:
    """Chooses the pattern, group by group, given the rows that are withheld in any case."""

    def __init__(
        self,
        system: System,
        pattern: Pattern,
        in_any_case: BoolArray,
        exact_rows: int,
        least_width: float,
    ) -> None:
        self._system, self._pattern = system, pattern
        self._in_any_case, self._asked = in_any_case, system.needed.copy()
        self._exact_rows, self._least_width = exact_rows, least_width
        self._shows = system.shows.tocsc()
        open_ones = np.flatnonzero(~pattern.known)
        linked = sparse.vstack([system.relations, system.shows], format="csc")[:, open_ones]
        self._groups = [open_ones[group] for group in linked_groups(linked)]
        self._group_of = np.zeros(len(system.needed), dtype=np.int64)
        for number, columns in enumerate(self._groups):
            self._group_of[columns] = number
        self._is_exact = np.zeros(len(self._groups), dtype=bool)
        self._is_large = np.zeros(len(self._groups), dtype=bool)

    def best(self) -> Pattern:
        """Choose rows, then publish those that are not needed, as long as that saves enough."""
        pattern = self._pattern
        self._attack()
        self._choose(~pattern.known)
        for _ in range(TRIMS):
            before = self._weight()
            if not self._is_large.any() or not self._trim():
                break
            if before - self._weight() < LEAST_SAVING * before:
                break
        pattern.exact = int(np.count_nonzero(self._is_exact & ~self._is_large))
        pattern.together = int(np.count_nonzero(self._is_large))
        return pattern

    def _weight(self) -> float:
        """Return the weight of the rows that are withheld to protect others."""
        return float(self._system.weight[self._pattern.hidden & ~self._in_any_case].sum())

    def _attack(self) -> None:
        pattern = self._pattern
        find_changes(
            self._system,
            unknown_when_hidden(self._system, pattern.hidden, pattern.known),
            *change_limits(self._system, pattern.relaxed),
            pattern.feasible,
        )

    def _choose(self, may_move: BoolArray) -> None:
        """Withhold until every sensitive number, and every withheld count, can change enough."""
        pattern = self._pattern
        for turn in range(TURNS):
            for number, columns in enumerate(self._groups):
                if len(pattern.feasible.too_narrow(self._system.needed, columns)):
                    self._is_large[number] |= not self._is_solved_exactly(number, columns)
            large = [self._groups[number] for number in np.flatnonzero(self._is_large)]
            if large:
                columns = np.sort(np.concatenate(large))
                self._protect_together(columns[may_move[columns]])
            if turn == TURNS - 1 or not self._require_counts():
                break

    def _is_solved_exactly(self, number: int, columns: IndexArray) -> bool:
        """Solve a group to the optimum; return whether it was small and easy enough."""
        pattern = self._pattern
        if self._is_large[number]:
            return False
        shown = np.unique(self._shows[:, columns].indices)
        if np.count_nonzero(~pattern.hidden[shown]) > self._exact_rows:
            return False
        low, high = change_limits(self._system, pattern.relaxed)
        chosen = least_withheld(self._system, pattern.hidden, columns, low, high, pattern.feasible)
        if chosen is None:
            return False
        pattern.hidden[chosen] = True
        self._is_exact[number] = True
        return True

    def _protect_together(self, columns: IndexArray) -> None:
        """Protect large groups by the heuristic, and what is left one by one, whatever it costs."""
        heuristic = self._heuristic(columns)
        heuristic.protect_all()
        while len(unprotected := heuristic.unprotected()):
            one = int(unprotected[0])
            if heuristic.protect_one(one) and one not in heuristic.unprotected():
                continue
            column = columns[one]
            if self._relax(self._groups[self._group_of[column]]):
                heuristic = self._heuristic(columns)
                continue
            if self._system.needed_now[column] > 0 and self._withhold_all(
                int(self._group_of[column])
            ):
                heuristic = self._heuristic(columns)
                continue
            # A count of many people, or one that is known whatever is withheld now.
            self._pattern.given_up[column] = True
            self._system.needed[column] = 0

    def _heuristic(self, columns: IndexArray) -> Heuristic:
        pattern = self._pattern
        low, high = change_limits(self._system, pattern.relaxed)
        return Heuristic(
            self._system, columns, pattern.hidden, pattern.known, low, high, pattern.feasible
        )

    def _relax(self, columns: IndexArray) -> bool:
        """Treat the remainders of a group as unknown; return whether any was not before."""
        pattern = self._pattern
        remainders = self._system.remainders.columns
        new = remainders[np.isin(remainders, columns) & ~pattern.relaxed[remainders]]
        pattern.relaxed[new] = True
        return len(new) > 0

    def _withhold_all(self, number: int) -> bool:
        """Withhold every row of a group; return whether any was not withheld before."""
        pattern = self._pattern
        rows = np.unique(self._shows[:, self._groups[number]].indices)
        new = rows[self._system.can_be_hidden[rows] & ~pattern.hidden[rows]]
        pattern.hidden[new] = True
        if len(new):
            self._attack()
        return len(new) > 0

    def _require_counts(self) -> bool:
        """Require an interval for every count that is withheld, also one of many people.

        A reader of "suppressed" should not be able to calculate the count. Where that cannot be
        achieved, the requirement is dropped.

        Returns:
            Whether there is a new requirement that is not met yet.
        """
        system, pattern = self._system, self._pattern
        counts = system.count_of[pattern.hidden & system.is_current]
        counts = np.unique(counts[counts >= 0])
        unknown = unknown_when_hidden(system, pattern.hidden, pattern.known)
        new = counts[unknown[counts] & (system.needed[counts] == 0) & ~pattern.given_up[counts]]
        system.needed[new] = self._least_width
        return len(pattern.feasible.too_narrow(system.needed, new)) > 0

    def _trim(self) -> bool:
        """Protect large groups again with only the rows withheld now; return whether that saves."""
        system, pattern = self._system, self._pattern
        before = (
            pattern.hidden.copy(),
            pattern.relaxed.copy(),
            pattern.given_up.copy(),
            pattern.feasible,
            system.needed.copy(),
        )
        weight = self._weight()
        may_move = unknown_when_hidden(system, pattern.hidden, pattern.known)
        columns = np.concatenate(
            [self._groups[number] for number in np.flatnonzero(self._is_large)]
        )
        rows = np.unique(self._shows[:, columns].indices)
        pattern.hidden[rows] = self._in_any_case[rows]
        system.needed[columns] = np.where(pattern.given_up[columns], 0.0, self._asked[columns])
        pattern.feasible = pattern.feasible.within(
            unknown_when_hidden(system, pattern.hidden, pattern.known)
        )
        self._choose(may_move)
        given_up = np.count_nonzero(pattern.given_up) > np.count_nonzero(before[2])
        if self._weight() < weight and not given_up:
            return True
        pattern.hidden, pattern.relaxed, pattern.given_up, pattern.feasible, needed = before
        system.needed[:] = needed
        return False
