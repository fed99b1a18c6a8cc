"""Protecting large groups: all that is short of protection bids for it, at a price that rises.

A group of linked numbers that is too large to be solved to the optimum is protected in rounds. In
each round a linear program asks for the change of greatest profit: moving a number that is short
of protection as far as it needs earns the price, moving what is shown costs the rows that would
have to be withheld for it, and what is withheld already moves for nothing. What the change moves is
withheld; then the price rises. So what is cheap to protect is protected first, and what protects
many is bought by all of them together, which one number after the other does not see. Which way a
number is moved is drawn by a generator with a fixed seed: the same input has the same result.

The programs are those of Kelly, Golden and Assad (Cell suppression: disclosure protection for
sensitive tabular data, 1992), asked for many numbers at once. This module knows nothing of how
groups are chosen nor of what happens to a number that cannot be protected.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.attack import (
    NO_CHANGE,
    REACH,
    TOLERANCE,
    Worlds,
    attack_together,
    groups_of,
    is_solved,
    linear_program,
    silent_solver,
    unknown_under,
)
from exports.disclosure.relations import System

# By how much the price rises, while it buys the cheapest rows only and then, and where that ends
# and where bidding does, in rows of the least weight.
RISES_FAST, RISES = 2.0, 1.4
CHEAP, DEAR = 16.0, 4_000.0
# What costs more than so many prices is left out of a round: so many would have to share it.
SHARERS = 16.0
# While the price rises fast, the programs of all rounds but the first reach only so many relations
# far around what is short, over the cheapest numbers of each relation.
STEPS, CHEAPEST = 4, 12
# Steps of the simplex method after which a program is taken anew; large ones take ten thousands.
ITERATIONS = 200_000
# How often all are asked for what moves for nothing after each round, up and down by turns.
TURNS = 2


class Market:
    """FloatArray, what moves them, and what that costs.

    Args:
        system: unknowns, relations and needs.
        columns: the unknowns that may be moved, whole groups or what was withheld of them.
        hidden: by row, is it withheld? Set where a change needs it.
        known: by unknown, is it known whatever is withheld?
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        worlds: takes the changes, as proofs.
    """

    def __init__(
        self,
        system: System,
        columns: IndexArray,
        hidden: BoolArray,
        known: BoolArray,
        low: FloatArray,
        high: FloatArray,
        worlds: Worlds,
    ) -> None:
        self._system, self._columns, self._hidden, self._known = system, columns, hidden, known
        self._low, self._high, self._worlds = low, high, worlds
        self._full_width = system.full_width[columns]
        self._relations = system.relations.tocsc()[:, columns]
        self._by_relation = self._relations.tocsr()
        self._shows = system.shows.tocsc()[:, columns]
        self._part_of = np.zeros(len(columns), dtype=np.int64)
        for part, members in enumerate(groups_of(self._relations)):
            self._part_of[members] = part

    def short(self) -> IndexArray:
        """Return the places, among the columns, of those that are short of protection."""
        return np.searchsorted(
            self._columns, self._worlds.short(self._system.needed, self._columns)
        )

    def bid(self) -> None:
        """Withhold at rising prices until nothing is short, or only what is very dear."""
        weights = self._system.weight[np.unique(self._shows.indices)]
        if not np.any(weights > 0):
            return
        least = float(weights[weights > 0].min())
        draws = np.random.default_rng(len(self._columns))
        first = price = RISES_FAST * least
        while price <= DEAR * least and len(self.short()):
            is_cheap = price < CHEAP * least
            is_wide = price == first or not is_cheap
            self._round(price, draws, is_wide=is_wide)
            if is_wide:
                attack_together(
                    self._system,
                    unknown_under(self._system, self._hidden, self._known),
                    self._low,
                    self._high,
                    self._worlds,
                    among=self._columns,
                    turns=TURNS,
                )
            price *= RISES_FAST if is_cheap else RISES

    def buy(self, one: int) -> bool:
        """Withhold, at any price, what protects one number most cheaply; can it be done?"""
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
            self._take(here, best)
        return best is not None

    def _round(self, price: float, draws: np.random.Generator, *, is_wide: bool) -> None:
        short = self.short()
        cost = self._costs()
        is_in = cost * self._full_width <= SHARERS * price
        if not is_wide:
            is_in &= self._around(short, cost)
        is_in[short] = True
        is_short = np.zeros(len(self._columns), dtype=bool)
        is_short[short] = True
        chosen = np.flatnonzero(is_in)
        for group in groups_of(self._relations[:, chosen]):
            here = chosen[group]
            at = np.flatnonzero(is_short[here])
            if len(at) == 0:
                continue
            worth = price * draws.uniform(0.7, 1.3, len(at))
            change = self._change(here, cost[here], at, draws.random(len(at)) < 0.5, worth)
            if change is not None:
                self._take(here, change)

    def _change(
        self,
        here: IndexArray,
        cost: FloatArray,
        at: IndexArray,
        rises: BoolArray,
        worth: FloatArray | None,
    ) -> FloatArray | None:
        """Ask for the change of greatest profit.

        Args:
            here: which of the columns may move.
            cost: what moving each of them by one costs.
            at: which of these are to move.
            rises: are they to rise, or to fall? Who cannot do the one is asked for the other.
            worth: what each of them earns when it moves as far as it needs; None where it must.
        """
        count = len(here)
        part = self._relations[:, here].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))].tocsc()
        reach = REACH * float(self._full_width[here].max())
        columns = self._columns[here]
        up, down = np.minimum(self._high[columns], reach), np.minimum(-self._low[columns], reach)
        of = columns[at]
        needed = self._system.needed[of]
        # How far it must move beyond what it is known to move the other way.
        rise, fall = needed + self._worlds.low[of], needed - self._worlds.high[of]
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
            # Who goes to and fro earns nothing.
            costs[other] = np.maximum(costs[other], earned)
            costs[wanted] -= earned
        solver = silent_solver()
        solver.setOptionValue("simplex_iteration_limit", ITERATIONS)
        solver.passModel(
            linear_program(
                sparse.hstack([part, -part], format="csc"),
                costs,
                least,
                np.concatenate([up, down]),
            )
        )
        if not is_solved(solver):
            return None
        values = np.asarray(solver.getSolution().col_value)
        change = values[:count] - values[count:]
        change[np.abs(change) <= NO_CHANGE] = 0
        return np.asarray(change)

    def _take(self, here: IndexArray, change: FloatArray) -> None:
        """Withhold every row that shows what a change moves, and keep it as a proof."""
        self._hidden[np.unique(self._shows[:, here[change != 0]].indices)] = True
        self._worlds.learn(self._columns[here], change)

    def _costs(self) -> FloatArray:
        """Return what moving each number by one costs: the rows still to be withheld for it."""
        left = np.where(self._hidden, 0.0, self._system.weight)
        return np.asarray(self._shows.T @ left) / self._full_width

    def _around(self, short: IndexArray, cost: FloatArray) -> BoolArray:
        """Tell which numbers are near to what is short, taking the cheapest of each relation."""
        is_in = np.zeros(len(self._columns), dtype=bool)
        is_in[short] = True
        front = short
        for _ in range(STEPS):
            relations = np.unique(_entries(self._relations, front)[1])
            of, columns = _entries(self._by_relation, relations)
            # Of those that cost nothing as many as of those that do.
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
