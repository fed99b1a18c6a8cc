"""Complementary suppression: which other rows to withhold, so that no number can be calculated.

Every sensitive unknown must be able to change as much as it needs
(:mod:`exports.disclosure.attack`) while no number that a row shows changes. Which rows to withhold
for that, at the least cost, is a mixed-integer problem. It is split into groups of numbers that no
relation and no row links, and

* each group is solved to the optimum (:mod:`exports.disclosure.optimal`), or as near to it as a
  number of rounds allows, with a proof of how near;
* what is not protected then is protected by a heuristic (:mod:`exports.disclosure.heuristic`), and
  the group is solved once more with only the rows that are withheld now: rows that turn out not to
  be needed are published.

Nothing depends on time: the same input has the same result. This module must not know tables, areas
or periods, only the system of unknowns and rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.attack import (
    FeasibleChanges,
    change_limits,
    find_changes,
    linked_groups,
    unknown_when_hidden,
)
from exports.disclosure.heuristic import Heuristic
from exports.disclosure.optimal import Search
from exports.disclosure.relations import System

# How often counts that were newly withheld are protected too.
TURNS = 6


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
        exact, together: groups solved to the optimum, and those for which the heuristic was needed.
        least: what is withheld weighs at least so much, whatever rows are chosen.
    """

    hidden: BoolArray
    known: BoolArray
    relaxed: BoolArray
    given_up: BoolArray
    feasible: FeasibleChanges = field(repr=False)
    exact: int = 0
    together: int = 0
    least: float = 0.0


def choose_rows(
    system: System, withheld: BoolArray, *, exact_rows: int, least_width: float
) -> Pattern:
    """Choose the rows to withhold.

    Args:
        system: unknowns, relations and needs; its primary rows are withheld in any case.
        withheld: by row, was it withheld before with the same numbers? It stays withheld.
        exact_rows: a group with more rows to choose from is protected by the heuristic alone.
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
    pattern = Pattern(hidden, known, nothing.copy(), nothing.copy(), FeasibleChanges(count))
    return _Choice(system, pattern, exact_rows, least_width).best()


class _Choice:
    """Chooses the pattern, group by group; what it hides already is withheld in any case."""

    def __init__(
        self, system: System, pattern: Pattern, exact_rows: int, least_width: float
    ) -> None:
        self._system, self._pattern = system, pattern
        self._exact_rows, self._least_width = exact_rows, least_width
        self._shows = system.shows.tocsc()
        open_ones = np.flatnonzero(~pattern.known)
        linked = sparse.vstack([system.relations, system.shows], format="csc")[:, open_ones]
        self._groups = [open_ones[group] for group in linked_groups(linked)]
        self._is_solved = np.zeros(len(self._groups), dtype=bool)
        self._is_exact = np.zeros(len(self._groups), dtype=bool)

    def best(self) -> Pattern:
        """Withhold until every sensitive number, and every withheld count, can change enough."""
        pattern = self._pattern
        pattern.least = float(self._system.weight[pattern.hidden].sum())
        self._attack()
        for turn in range(TURNS):
            for number, columns in enumerate(self._groups):
                if len(pattern.feasible.too_narrow(self._system.needed, columns)):
                    self._protect(number, columns)
            if turn == TURNS - 1 or not self._require_counts():
                break
        pattern.exact = int(np.count_nonzero(self._is_exact))
        pattern.together = int(np.count_nonzero(self._is_solved & ~self._is_exact))
        return pattern

    def _attack(self) -> None:
        pattern = self._pattern
        find_changes(
            self._system,
            unknown_when_hidden(self._system, pattern.hidden, pattern.known),
            *change_limits(self._system, pattern.relaxed),
            pattern.feasible,
        )

    def _protect(self, number: int, columns: IndexArray) -> None:
        """Protect one group: to the optimum, and what is left then by the heuristic."""
        pattern = self._pattern
        before, relaxed = pattern.hidden.copy(), int(np.count_nonzero(pattern.relaxed))
        search = self._search(columns)
        choice = None if search is None else search.least(pattern.feasible)
        is_first = not self._is_solved[number]
        self._is_solved[number] = True
        if choice is not None:
            pattern.hidden[choice.rows] = True
            pattern.least += choice.bound if is_first else 0.0
        if choice is not None and choice.is_valid:
            self._is_exact[number] = is_first or self._is_exact[number]
            return
        self._is_exact[number] = False
        self._attack()
        self._protect_by_heuristic(columns)
        if search is not None and np.count_nonzero(pattern.relaxed) == relaxed:
            self._publish_what_is_not_needed(search, columns, before)

    def _search(self, columns: IndexArray) -> Search | None:
        """Return the search for the rows of a group to withhold; None where it is too large."""
        pattern = self._pattern
        shown = np.unique(self._shows[:, columns].indices)
        if np.count_nonzero(~pattern.hidden[shown]) > self._exact_rows:
            return None
        return Search(
            self._system,
            pattern.hidden,
            columns,
            *change_limits(self._system, pattern.relaxed),
            self._needed_by_counts(),
        )

    def _needed_by_counts(self) -> FloatArray:
        """Return by unknown how wide its interval must be, if it is a count that is withheld."""
        system, pattern = self._system, self._pattern
        counts = system.count_of[system.is_current & (system.count_of >= 0)]
        needed = np.zeros(len(system.needed))
        needed[counts] = self._least_width
        needed[pattern.given_up | pattern.known] = 0
        return needed

    def _protect_by_heuristic(self, columns: IndexArray) -> None:
        """Protect a group by the heuristic, and what is left one by one, whatever it costs."""
        heuristic = self._heuristic(columns)
        heuristic.protect_all()
        while len(unprotected := heuristic.unprotected()):
            one = int(unprotected[0])
            if heuristic.protect_one(one) and one not in heuristic.unprotected():
                continue
            column = columns[one]
            if self._relax(columns):
                heuristic = self._heuristic(columns)
                continue
            if self._system.needed_now[column] > 0 and self._withhold_all(columns):
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

    def _withhold_all(self, columns: IndexArray) -> bool:
        """Withhold every row of a group; return whether any was not withheld before."""
        pattern = self._pattern
        rows = np.unique(self._shows[:, columns].indices)
        new = rows[self._system.can_be_hidden[rows] & ~pattern.hidden[rows]]
        pattern.hidden[new] = True
        if len(new):
            self._attack()
        return len(new) > 0

    def _publish_what_is_not_needed(
        self, search: Search, columns: IndexArray, before: BoolArray
    ) -> None:
        """Choose again among the rows that the group has withheld since before."""
        system, pattern = self._system, self._pattern
        choice = search.least_within(pattern.hidden, pattern.feasible)
        if choice is None or not choice.is_valid:
            return
        rows = np.unique(self._shows[:, columns].indices)
        pattern.hidden[rows] = before[rows]
        pattern.hidden[choice.rows] = True
        pattern.feasible = pattern.feasible.within(
            unknown_when_hidden(system, pattern.hidden, pattern.known)
        )

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
