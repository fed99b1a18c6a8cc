"""The optimum for one small group of linked numbers: the least weight that has to be withheld.

Rows are chosen by an integer program (the master). For its choice the attacker's linear programs
bound every sensitive unknown; where an interval is too narrow, their dual solution is an inequality
that every valid choice meets and this one does not: so much of the change must come from unknowns
that are shown now. It is added to the master, until no interval is too narrow. The first valid
choice is then one of least weight. This module must not know how numbers are grouped.

Source: M. Fischetti, J. J. Salazar-González, Solving the cell suppression problem on tabular data
with linear constraints, Management Science 47 (2001).
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.attack import (
    NO_CHANGE,
    REACH,
    TOLERANCE,
    FeasibleChanges,
    linear_program,
    new_solver,
)
from exports.disclosure.relations import System

# Rounds of choosing and attacking, and branch-and-bound nodes of one choice, after which the group
# is too hard; the heuristic solves it then.
ROUNDS = 60
NODES = 1_000
# A group of more numbers is not tried: its programs would take too long.
MOST_NUMBERS = 2_000


def least_withheld(
    system: System,
    hidden: BoolArray,
    columns: IndexArray,
    low: FloatArray,
    high: FloatArray,
    feasible: FeasibleChanges,
) -> IndexArray | None:
    """Choose the rows of a group to withhold in addition to those that are withheld already.

    Args:
        system: unknowns, relations, needs.
        hidden: by row, is it withheld in any case?
        columns: the unknowns of the group.
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        feasible: takes the proofs of the choice.

    Returns:
        The rows, or None where the group is too hard or cannot be protected this way.
    """
    if len(columns) > MOST_NUMBERS:
        return None
    group = _Group(system, hidden, columns, low, high)
    master = _Master(group, system.weight)
    seen = FeasibleChanges(len(columns))
    for _ in range(ROUNDS):
        chosen = master.choose()
        if chosen is None:
            return None
        is_unknown = group.unknown_when(chosen)
        seen = FeasibleChanges(len(columns))
        cuts = group.attack(is_unknown, seen)
        if cuts is None:
            return None
        if not cuts:
            for changes in seen.all():
                feasible.add(columns, changes)
            return group.rows[chosen]
        master.add(cuts)
    return None


class _Group:
    """The unknowns of a group, its relations, and the rows that may be withheld in addition."""

    def __init__(
        self,
        system: System,
        hidden: BoolArray,
        columns: IndexArray,
        low: FloatArray,
        high: FloatArray,
    ) -> None:
        relations = system.relations.tocsc()[:, columns].tocsr()
        self.relations = relations[np.flatnonzero(np.diff(relations.indptr))].tocsc()
        self.needed = system.needed[columns]
        reach = REACH * max(float(self.needed.max()), float(system.full_width[columns].max()))
        self.low = np.maximum(low[columns], -reach)
        self.high = np.minimum(high[columns], reach)
        shows = system.shows.tocsc()[:, columns].tocsr()
        self.rows = np.flatnonzero((np.diff(shows.indptr) > 0) & ~hidden)
        # Which of these rows shows which unknown.
        self.shows = shows[self.rows].tocoo()
        self.count = len(columns)

    def unknown_when(self, chosen: BoolArray) -> BoolArray:
        """Return by unknown: is it shown by no row when these are withheld too?"""
        is_unknown = np.ones(self.count, dtype=bool)
        is_unknown[self.shows.col[~chosen[self.shows.row]]] = False
        return is_unknown

    def attack(
        self, is_unknown: BoolArray, seen: FeasibleChanges
    ) -> list[tuple[FloatArray, float]] | None:
        """Find the interval of every sensitive unknown.

        Returns:
            For each too narrow interval an inequality: what each unknown gives to its width if no
            row shows it, and how wide it must be. None where a program was not solved.
        """
        solver = new_solver()
        low = np.where(is_unknown, self.low, 0.0)
        high = np.where(is_unknown, self.high, 0.0)
        solver.passModel(linear_program(self.relations, np.zeros(self.count), low, high))
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        cuts = []
        for one in np.flatnonzero(self.needed > 0).tolist():
            gives = np.zeros(self.count)
            for sign in (1.0, -1.0):
                if not len(seen.too_narrow(self.needed, np.array([one]))):
                    break
                solver.changeColCost(one, sign)
                solver.run()
                if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                    return None
                solution = solver.getSolution()
                changes = np.asarray(solution.col_value)
                seen.add(np.arange(self.count), np.where(is_unknown, changes, 0.0))
                reduced = -(self.relations.T @ np.asarray(solution.row_dual))
                reduced[one] += sign
                gives += np.maximum(reduced * self.low, reduced * self.high)
                solver.changeColCost(one, 0.0)
            if len(seen.too_narrow(self.needed, np.array([one]))):
                needed = float(self.needed[one])
                gives[np.abs(gives) < NO_CHANGE] = 0
                cuts.append((np.minimum(gives, needed), needed))
        return cuts


class _Master:
    """The integer program that chooses rows."""

    def __init__(self, group: _Group, weight: FloatArray) -> None:
        self._group = group
        self._rows = len(group.rows)
        self._solver = new_solver()
        for option, value in (
            ("mip_max_nodes", NODES),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 1e-6),
        ):
            self._solver.setOptionValue(option, value)
        # One unknown of the program for each row (is it withheld?) and, behind them, one for each
        # number (is it unknown?); a number is unknown only if every row that shows it is withheld.
        columns = self._rows + group.count
        is_shown = np.zeros(group.count, dtype=bool)
        is_shown[group.shows.col] = True
        model = linear_program(
            sparse.csc_matrix((0, columns)),
            np.concatenate([weight[group.rows], np.zeros(group.count)]),
            np.concatenate([np.zeros(self._rows), np.where(is_shown, 0.0, 1.0)]),
            np.ones(columns),
        )
        model.integrality_ = [highspy.HighsVarType.kInteger] * self._rows + [
            highspy.HighsVarType.kContinuous
        ] * group.count
        self._solver.passModel(model)
        for row, number in zip(group.shows.row, group.shows.col, strict=True):
            self._solver.addRow(
                0.0,
                highspy.kHighsInf,
                2,
                np.array([row, self._rows + number], dtype=np.int32),
                np.array([1.0, -1.0]),
            )

    def choose(self) -> BoolArray | None:
        """Return the cheapest choice that meets every inequality so far, or None."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.asarray(self._solver.getSolution().col_value)
        return np.asarray(values[: self._rows] > 0.5)

    def add(self, cuts: list[tuple[FloatArray, float]]) -> None:
        """Add inequalities over the numbers that are unknown."""
        for gives, needed in cuts:
            terms = np.flatnonzero(gives > 0)
            self._solver.addRow(
                needed * (1 - TOLERANCE),
                highspy.kHighsInf,
                len(terms),
                (self._rows + terms).astype(np.int32),
                gives[terms],
            )
