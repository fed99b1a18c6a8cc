"""Complementary suppression: which rows to withhold besides, so that none can be worked out.

Every sensitive unknown must be able to change as much as it needs
(:mod:`exports.disclosure.attack`) with only unknowns changing that no row shows. Which rows to
withhold for that, at the least cost, is a mixed-integer problem. It is split into groups of
numbers that no relation and no row links, and

* a small group is solved to the optimum (:mod:`exports.disclosure.optimal`);
* large groups are protected at a price that rises (:mod:`exports.disclosure.auction`), and then
  once more with nothing but what was withheld the first time: what turned out not to be needed is
  published after all.

Size alone decides which, never time: the same input has the same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, IndexArray
from exports.disclosure.attack import (
    Worlds,
    attack_together,
    groups_of,
    limits,
    unknown_under,
)
from exports.disclosure.auction import Market
from exports.disclosure.optimal import least_withheld
from exports.disclosure.relations import System

# How often counts that are newly withheld are asked for in their turn.
TURNS = 6
# How often large groups are protected anew with what was withheld the last time, at most, and the
# share of its weight that has to be won back for one more time.
TRIMS = 2
WORTH_IT = 0.02


class ProtectionError(RuntimeError):
    """A number cannot be protected, whatever is withheld. Nothing may be published then."""


@dataclass
class Pattern:
    """Which rows are withheld, and how that came about.

    Attributes:
        hidden: by row.
        known: by unknown, is it known whatever is withheld now?
        relaxed: by unknown, is it a remainder that is taken for unknown, since nothing else
            protects a number?
        let_go: by unknown, could it not be had though it tells of many people?
        worlds: the proofs of protection.
        exact, together: groups solved to the optimum, and at a rising price.
    """

    hidden: BoolArray
    known: BoolArray
    relaxed: BoolArray
    let_go: BoolArray
    worlds: Worlds = field(repr=False)
    exact: int = 0
    together: int = 0


def complement(
    system: System, withheld: BoolArray, *, exact_rows: int, least_width: float
) -> Pattern:
    """Choose the rows to withhold.

    Args:
        system: unknowns, relations and needs; its primary rows are withheld in any case.
        withheld: by row, was it withheld before with the same numbers? It stays withheld.
        exact_rows: up to how many rows to choose from a group is solved to the optimum.
        least_width: how wide the interval of a count must be that is withheld for others' sake.

    Raises:
        ProtectionError: a number cannot be protected by withholding rows.
    """
    count = len(system.needed)
    nothing = np.zeros(count, dtype=bool)
    # What a row shows that is always published, or was published before, is known for ever.
    known = ~unknown_under(system, system.can_be_hidden, nothing)
    hidden = system.is_primary.copy()
    hidden |= withheld & system.can_be_hidden
    # Another row that shows a sensitive number would give it away.
    hidden |= (system.shows @ (system.needed > 0) > 0) & system.can_be_hidden
    pattern = Pattern(hidden.copy(), known, nothing.copy(), nothing.copy(), Worlds(count))
    return _Choice(system, pattern, hidden, exact_rows, least_width).best()


class _Choice:
    """What is withheld in any case, and the pattern that is chosen besides, group by group."""

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
        self._groups = [open_ones[group] for group in groups_of(linked)]
        self._group_of = np.zeros(len(system.needed), dtype=np.int64)
        for number, columns in enumerate(self._groups):
            self._group_of[columns] = number
        self._is_exact = np.zeros(len(self._groups), dtype=bool)
        self._is_large = np.zeros(len(self._groups), dtype=bool)

    def best(self) -> Pattern:
        """Choose, and win back what was not needed as long as that is worth it."""
        pattern = self._pattern
        self._attack()
        self._choose(~pattern.known)
        for _ in range(TRIMS):
            before = self._weight()
            if not self._is_large.any() or not self._trim():
                break
            if before - self._weight() < WORTH_IT * before:
                break
        pattern.exact = int(np.count_nonzero(self._is_exact & ~self._is_large))
        pattern.together = int(np.count_nonzero(self._is_large))
        return pattern

    def _weight(self) -> float:
        """Weigh what is withheld for others' sake."""
        return float(self._system.weight[self._pattern.hidden & ~self._in_any_case].sum())

    def _attack(self) -> None:
        pattern = self._pattern
        attack_together(
            self._system,
            unknown_under(self._system, pattern.hidden, pattern.known),
            *limits(self._system, pattern.relaxed),
            pattern.worlds,
        )

    def _choose(self, may_move: BoolArray) -> None:
        """Withhold until every number can change enough, and every count that is withheld."""
        pattern = self._pattern
        for turn in range(TURNS):
            for number, columns in enumerate(self._groups):
                if len(pattern.worlds.short(self._system.needed, columns)):
                    self._is_large[number] |= not self._is_solved_exactly(number, columns)
            large = [self._groups[number] for number in np.flatnonzero(self._is_large)]
            if large:
                columns = np.sort(np.concatenate(large))
                self._protect_together(columns[may_move[columns]])
            if turn == TURNS - 1 or not self._want_counts():
                break

    def _is_solved_exactly(self, number: int, columns: IndexArray) -> bool:
        """Solve a group to the optimum, if it is small and was not too hard before."""
        pattern = self._pattern
        if self._is_large[number]:
            return False
        shown = np.unique(self._shows[:, columns].indices)
        if np.count_nonzero(~pattern.hidden[shown]) > self._exact_rows:
            return False
        low, high = limits(self._system, pattern.relaxed)
        chosen = least_withheld(self._system, pattern.hidden, columns, low, high, pattern.worlds)
        if chosen is None:
            return False
        pattern.hidden[chosen] = True
        self._is_exact[number] = True
        return True

    def _protect_together(self, columns: IndexArray) -> None:
        """Protect large groups at a rising price, and the rest whatever it costs."""
        market = self._market(columns)
        market.bid()
        while len(short := market.short()):
            one = int(short[0])
            if market.buy(one) and one not in market.short():
                continue
            column = columns[one]
            if self._relax(self._groups[self._group_of[column]]):
                market = self._market(columns)
                continue
            if self._system.needed_now[column] > 0:
                raise ProtectionError(
                    "A number that tells of few people cannot be protected by withholding rows."
                )
            # A count of many people, or one that earlier publications gave away together.
            self._pattern.let_go[column] = True
            self._system.needed[column] = 0

    def _market(self, columns: IndexArray) -> Market:
        pattern = self._pattern
        low, high = limits(self._system, pattern.relaxed)
        return Market(
            self._system, columns, pattern.hidden, pattern.known, low, high, pattern.worlds
        )

    def _relax(self, columns: IndexArray) -> bool:
        """Take what wholes of a group have beyond their parts for unknown; was it not yet?"""
        pattern = self._pattern
        remainders = self._system.remainders.columns
        new = remainders[np.isin(remainders, columns) & ~pattern.relaxed[remainders]]
        pattern.relaxed[new] = True
        return len(new) > 0

    def _want_counts(self) -> bool:
        """Ask for an interval of every count that is withheld, also where it tells of many people.

        Who reads "suppressed" should not be able to fill it in. What cannot be had so is let go.

        Returns:
            Is there anything new to ask for?
        """
        system, pattern = self._system, self._pattern
        counts = system.count_of[pattern.hidden & system.is_current]
        counts = np.unique(counts[counts >= 0])
        unknown = unknown_under(system, pattern.hidden, pattern.known)
        new = counts[unknown[counts] & (system.needed[counts] == 0) & ~pattern.let_go[counts]]
        system.needed[new] = self._least_width
        return len(pattern.worlds.short(system.needed, new)) > 0

    def _trim(self) -> bool:
        """Protect the large groups anew with nothing but what is withheld; is that less?"""
        system, pattern = self._system, self._pattern
        before = (
            pattern.hidden.copy(),
            pattern.relaxed.copy(),
            pattern.let_go.copy(),
            pattern.worlds,
            system.needed.copy(),
        )
        weight = self._weight()
        may_move = unknown_under(system, pattern.hidden, pattern.known)
        columns = np.concatenate(
            [self._groups[number] for number in np.flatnonzero(self._is_large)]
        )
        rows = np.unique(self._shows[:, columns].indices)
        pattern.hidden[rows] = self._in_any_case[rows]
        system.needed[columns] = np.where(pattern.let_go[columns], 0.0, self._asked[columns])
        pattern.worlds = pattern.worlds.within(unknown_under(system, pattern.hidden, pattern.known))
        try:
            self._choose(may_move)
        except ProtectionError:
            pass
        else:
            if self._weight() < weight:
                return True
        pattern.hidden, pattern.relaxed, pattern.let_go, pattern.worlds, needed = before
        system.needed[:] = needed
        return False
