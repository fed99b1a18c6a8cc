"""The heuristic for large groups: linear programs that protect many numbers, at a rising price.

A group of linked numbers that is too large to be solved to the optimum is protected in rounds. Each
round solves a linear program for the change of greatest profit: moving an insufficiently protected
number as far as it needs earns the price; moving a number that is shown costs the weight of the
rows that would have to be withheld; moving a number that is withheld already is free. Rows that
show a moved number are withheld; then the price rises. So numbers that are cheap to protect are
protected first, and rows that protect many numbers are paid for by all of these together, which is
cheaper than protecting one number after the other. The direction in which a number is moved is
drawn by a generator with a fixed seed: the same input has the same result.

The programs are those of Kelly, Golden and Assad (Cell suppression: disclosure protection for
sensitive tabular data, 1992), for many numbers at once. This module must not know how groups are
chosen, nor what happens to a number that cannot be protected.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.attack import (
    NO_CHANGE,
    REACH,
    TOLERANCE,
    FeasibleChanges,
    find_changes,
    linear_program,
    linked_groups,
    new_solver,
    solve,
    unknown_when_hidden,
)
from exports.disclosure.relations import System

# The factor by which the price rises, below and above the price CHEAP; above DEAR the rounds end.
# Prices are multiples of the least weight of a row.
RISES_FAST, RISES = 2.0, 1.4
CHEAP, DEAR = 16.0, 4_000.0
# A number that costs more than this many prices is left out of a round: that many numbers would
# have to share its cost.
SHARERS = 16.0
# While the price rises fast, all rounds but the first consider only numbers within this many
# relations of an insufficiently protected one, over the cheapest numbers of each relation.
STEPS, CHEAPEST = 4, 12
# Steps of the simplex method after which a program is solved by another method; large programs take
# tens of thousands.
ITERATIONS = 200_000
# After each round: how often one program looks for free moves of all, up and down in turn.
TURNS = 2


class Heuristic:
    """Withholds rows until the numbers of large groups are protected.

    Args:
        system: unknowns, relations and needs.
        columns: the unknowns that may be moved, whole groups or what was withheld of them.
        hidden: by row, is it withheld? Set for the rows that a change needs withheld.
        known: by unknown, is it known whatever is withheld?
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        feasible: takes the changes, as proofs.
    """

    def __init__(
        self,
        system: System,
        columns: IndexArray,
        hidden: BoolArray,
        known: BoolArray,
        low: FloatArray,
        high: FloatArray,
        feasible: FeasibleChanges,
    ) -> None:
        self._system, self._columns, self._hidden, self._known = system, columns, hidden, known
        self._low, self._high, self._feasible = low, high, feasible
        self._full_width = system.full_width[columns]
        self._relations = system.relations.tocsc()[:, columns]
        self._by_relation = self._relations.tocsr()
        self._shows = system.shows.tocsc()[:, columns]
        self._part_of = np.zeros(len(columns), dtype=np.int64)
        for part, members in enumerate(linked_groups(self._relations)):
            self._part_of[members] = part

    def unprotected(self) -> IndexArray:
        """Return the positions, among the columns, of those that are not protected enough."""
        return np.searchsorted(
            self._columns, self._feasible.too_narrow(self._system.needed, self._columns)
        )

    def protect_all(self) -> None:
        """Withhold at rising prices until all numbers are protected, or the price is too high."""
        weights = self._system.weight[np.unique(self._shows.indices)]
        if not np.any(weights > 0):
            return
        least = float(weights[weights > 0].min())
        draws = np.random.default_rng(len(self._columns))
        first = price = RISES_FAST * least
        while price <= DEAR * least and len(self.unprotected()):
            is_cheap = price < CHEAP * least
            is_wide = price == first or not is_cheap
            self._round(price, draws, is_wide=is_wide)
            if is_wide:
                find_changes(
                    self._system,
                    unknown_when_hidden(self._system, self._hidden, self._known),
                    self._low,
                    self._high,
                    self._feasible,
                    among=self._columns,
                    turns=TURNS,
                )
            price *= RISES_FAST if is_cheap else RISES

    def protect_one(self, one: int) -> bool:
        """Withhold, at any price, the rows that protect one number most cheaply.

        Args:
            one: its position among the columns.

        Returns:
            Whether it can be done.
        """
        here = np.flatnonzero(self._part_of == self._part_of[one])
        cost = self._costs()[here]
        at = np.array([np.searchsorted(here, one)])
        best, least = None, np.inf
        for rises in (True, False):
            change = self._change(here, cost, at, np.array([rises]), None)
            if change is None:
                continue
            rows = np.unique(self._shows[:, here[change != 0]].indices)
            price = float(self._system.weight[rows[~self._hidden[rows]]].sum())
            if price < least * (1 - TOLERANCE):
                best, least = change, price
        if best is not None:
            self._apply(here, best)
        return best is not None

    def _round(self, price: float, draws: np.random.Generator, *, is_wide: bool) -> None:
        unprotected = self.unprotected()
        cost = self._costs()
        is_in = cost * self._full_width <= SHARERS * price
        if not is_wide:
            is_in &= self._near(unprotected, cost)
        is_in[unprotected] = True
        is_unprotected = np.zeros(len(self._columns), dtype=bool)
        is_unprotected[unprotected] = True
        chosen = np.flatnonzero(is_in)
        for group in linked_groups(self._relations[:, chosen]):
            here = chosen[group]
            at = np.flatnonzero(is_unprotected[here])
            if len(at) == 0:
                continue
            worth = price * draws.uniform(0.7, 1.3, len(at))
            change = self._change(here, cost[here], at, draws.random(len(at)) < 0.5, worth)
            if change is not None:
                self._apply(here, change)

    def _change(
        self,
        here: IndexArray,
        cost: FloatArray,
        at: IndexArray,
        rises: BoolArray,
        worth: FloatArray | None,
    ) -> FloatArray | None:
        """Return the change of greatest profit; None if there is none.

        Args:
            here: the positions of the columns that may move.
            cost: what moving each of them by 1 costs.
            at: the positions, among these, of those that are to move.
            rises: by number that is to move: up, or down? One that cannot move so far that way is
                moved the other way.
            worth: what each of them earns when it moves as far as it needs; None: it must move.
        """
        count = len(here)
        part = self._relations[:, here].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))].tocsc()
        reach = REACH * float(self._full_width[here].max())
        columns = self._columns[here]
        up, down = np.minimum(self._high[columns], reach), np.minimum(-self._low[columns], reach)
        of = columns[at]
        needed = self._system.needed[of]
        # How far it must move, given how far it is proved to move the other way.
        rise, fall = needed + self._feasible.low[of], needed - self._feasible.high[of]
        can_rise, can_fall = up[at] >= rise * (1 - TOLERANCE), down[at] >= fall * (1 - TOLERANCE)
        if worth is None and not np.all(np.where(rises, can_rise, can_fall)):
            return None
        rises = np.where(rises, can_rise | ~can_fall, can_rise & ~can_fall)
        up[at] = np.minimum(up[at], np.where(rises, rise, needed))
        down[at] = np.minimum(down[at], np.where(rises, needed, fall))
        costs = np.concatenate([cost, cost])
        wanted, other = np.where(rises, at, at + count), np.where(rises, at + count, at)
        least = np.zeros(2 * count)
        if worth is None:
            least[wanted] = np.where(rises, up[at], down[at])
            up[at], down[at] = np.where(rises, up[at], 0.0), np.where(rises, 0.0, down[at])
        else:
            earned = worth / np.where(rises, rise, fall)
            # Moving a number up and down at once must not earn anything.
            costs[other] = np.maximum(costs[other], earned)
            costs[wanted] -= earned
        solver = new_solver()
        solver.setOptionValue("simplex_iteration_limit", ITERATIONS)
        solver.passModel(
            linear_program(
                sparse.hstack([part, -part], format="csc"),
                costs,
                least,
                np.concatenate([up, down]),
            )
        )
        if not solve(solver):
            return None
        values = np.asarray(solver.getSolution().col_value)
        change = values[:count] - values[count:]
        change[np.abs(change) <= NO_CHANGE] = 0
        return np.asarray(change)

    def _apply(self, here: IndexArray, change: FloatArray) -> None:
        """Withhold every row that shows a number that the change moves, and keep it as a proof."""
        self._hidden[np.unique(self._shows[:, here[change != 0]].indices)] = True
        self._feasible.add(self._columns[here], change)

    def _costs(self) -> FloatArray:
        """Return what moving each number by 1 costs: the rows still to be withheld for it."""
        left = np.where(self._hidden, 0.0, self._system.weight)
        return np.asarray(self._shows.T @ left) / self._full_width

    def _near(self, unprotected: IndexArray, cost: FloatArray) -> BoolArray:
        """Return by column: is it near an unprotected one, over the cheapest of each relation?"""
        is_in = np.zeros(len(self._columns), dtype=bool)
        is_in[unprotected] = True
        front = unprotected
        for _ in range(STEPS):
            relations = np.unique(_entries(self._relations, front)[1])
            of, columns = _entries(self._by_relation, relations)
            # As many of the free numbers as of the others.
            of = 2 * of + (cost[columns] > 0)
            order = np.lexsort((columns, cost[columns], of))
            of, columns = of[order], columns[order]
            place = np.arange(len(of)) - np.searchsorted(of, of)
            front = np.unique(columns[place < CHEAPEST])
            front = front[~is_in[front]]
            is_in[front] = True
            if len(front) == 0:
                break
        return is_in


def _entries(
    matrix: sparse.csr_matrix | sparse.csc_matrix, lines: IndexArray
) -> tuple[IndexArray, IndexArray]:
    """Return (line, index) of every entry in these rows of a CSR (columns of a CSC) matrix."""
    starts, ends = matrix.indptr[lines], matrix.indptr[lines + 1]
    sizes = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    return np.repeat(lines, sizes), matrix.indices[offsets + np.arange(sizes.sum())]
