"""The least weight that has to be withheld in one group of linked numbers, and a proof of it.

Rows are chosen by an integer program (the master). For its choice the attacker's linear programs
bound every number to be protected; where an interval is too narrow, their dual solution is an
inequality that every valid choice meets and this one does not: so much of the change must come from
unknowns that are shown now. It is added to the master, until no interval is too narrow. The first
valid choice is then one of least weight. What the master says is least is a lower bound at any
time, also where the rounds end before all is protected; the rest is then left to the heuristic.

The first rounds allow rows to be withheld in part, which is solved much faster and gives nearly all
inequalities. This module must not know how numbers are grouped.

Source: M. Fischetti, J. J. Salazar-González, Solving the cell suppression problem on tabular data
with linear constraints, Management Science 47 (2001).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.attack import (
    NO_CHANGE,
    REACH,
    TOLERANCE,
    FeasibleChanges,
    Program,
    linear_program,
    linked_groups,
    new_solver,
)
from exports.disclosure.relations import System

# Rounds of choosing and attacking: with rows in part, as long as the bound rises by this share and
# there are not too many inequalities, then with whole rows. Of a group that is large or hard (so
# many steps of the simplex method), no more rounds when a few did not raise the bound by the share
# of STALLED, nor after MOST_STEPS.
ROUNDS_IN_PART, RISES, MOST_CUTS = 15, 0.02, 1_500
ROUNDS = 60
MANY_NUMBERS = 2_000
STALLED, PATIENCE = 0.01, 2
# Branch-and-bound nodes of one choice, and how far, as a share, it may be from the best one.
NODES, GAP = 100, 1e-3
MANY_STEPS, MOST_STEPS = 20_000, 60_000
# Steps of the simplex method of one choice.
ITERATIONS = 200_000
# How often one program moves all numbers of a group before each is asked for alone.
TOGETHER = 6
# A count is asked for where it is withheld by more than this.
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of a group to withhold.

    Attributes:
        rows: in addition to what is withheld already.
        bound: no valid choice weighs less.
        is_valid: all numbers are protected by it.
    """

    rows: IndexArray
    bound: float
    is_valid: bool


class Search:
    """The search for the rows of one group that have to be withheld in addition to others.

    Args:
        system: unknowns, relations, needs.
        hidden: by row, is it withheld in any case?
        columns: the unknowns of the group.
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        counts: by unknown, how wide its interval must be where no row shows it; 0 for any width.
    """

    def __init__(
        self,
        system: System,
        hidden: BoolArray,
        columns: IndexArray,
        low: FloatArray,
        high: FloatArray,
        counts: FloatArray,
    ) -> None:
        self._columns = columns
        self._group = _Group(system, hidden, columns, low, high, counts)
        self._master = _Master(self._group, system.weight)

    def least(self, feasible: FeasibleChanges) -> Choice | None:
        """Choose among all rows.

        Args:
            feasible: takes the proofs of the choice, where it is valid.

        Returns:
            The choice, or None where a program was not solved.
        """
        inequalities = 0
        for number in range(ROUNDS_IN_PART):
            before = self._master.bound
            level = self._master.choose()
            if level is None:
                return None
            cuts = self._group.attack(level, FeasibleChanges(self._group.count))
            self._master.add(cuts)
            inequalities += len(cuts)
            is_slow = number > 0 and self._master.bound - before < RISES * before
            if not cuts or is_slow or inequalities > MOST_CUTS:
                break
        self._master.require_whole_rows()
        return self._choose_whole_rows(feasible)

    def least_within(self, rows: BoolArray, feasible: FeasibleChanges) -> Choice | None:
        """Choose among fewer rows, of which a valid choice is known.

        Args:
            rows: by row, may it be withheld?
            feasible: takes the proofs of the choice, where it is valid.

        Returns:
            The choice, or None where a program was not solved. Its bound is that of all rows.
        """
        self._master.allow(rows[self._group.rows])
        return self._choose_whole_rows(feasible)

    def _choose_whole_rows(self, feasible: FeasibleChanges) -> Choice | None:
        """Choose and attack until all is protected, or the bound has not risen for some rounds."""
        group, master = self._group, self._master
        level, stalled, steps = None, 0, master.steps
        for _ in range(ROUNDS):
            before = master.bound
            level = master.choose()
            if level is None:
                return None
            seen = FeasibleChanges(group.count)
            cuts = group.attack(level, seen)
            if not cuts:
                is_valid = not np.any(group.hopeless & (group.needed > 0))
                for changes in seen.all() if is_valid else ():
                    feasible.add(self._columns, changes)
                return Choice(group.rows[level > MOSTLY], master.bound, is_valid)
            stalled = 0 if master.bound - before > STALLED * before else stalled + 1
            done = master.steps - steps
            is_hard = group.count > MANY_NUMBERS or done > MANY_STEPS
            if (is_hard and stalled >= PATIENCE) or done > MOST_STEPS:
                break
            master.add(cuts)
        return None if level is None else Choice(group.rows[level > MOSTLY], master.bound, False)


@dataclass(frozen=True, slots=True)
class _Cut:
    """So much must come from unknowns: all of it, or where one of them is unknown itself.

    Attributes:
        gives: by unknown, what it gives to the width of the interval if no row shows it.
        needed: how wide the interval must be.
        of_count: the number, where that holds only if no row shows it; else None.
    """

    gives: FloatArray
    needed: float
    of_count: int | None


class _Group:
    """The unknowns of a group, its relations, and the rows that may be withheld in addition.

    Attributes:
        hopeless: by unknown, cannot be protected whatever is withheld.
    """

    def __init__(
        self,
        system: System,
        hidden: BoolArray,
        columns: IndexArray,
        low: FloatArray,
        high: FloatArray,
        counts: FloatArray,
    ) -> None:
        relations = system.relations.tocsc()[:, columns].tocsr()
        self.by_relation = relations[np.flatnonzero(np.diff(relations.indptr))]
        self.relations = self.by_relation.tocsc()
        self.needed = system.needed[columns]
        self.counts = np.where(self.needed > 0, 0.0, counts[columns])
        reach = REACH * max(float(self.needed.max()), float(system.full_width[columns].max()))
        self.low = np.maximum(low[columns], -reach)
        self.high = np.minimum(high[columns], reach)
        shows = system.shows.tocsc()[:, columns].tocsr()
        self.rows = np.flatnonzero((np.diff(shows.indptr) > 0) & ~hidden)
        # Which of these rows shows which unknown.
        self.shows = shows[self.rows].tocoo()
        self.count = len(columns)
        self.hopeless = np.zeros(self.count, dtype=bool)

    def attack(self, level: FloatArray, seen: FeasibleChanges) -> list[_Cut]:
        """Find the interval of every number to be protected, where it may be too narrow.

        Args:
            level: by row, how far it is withheld, 0 to 1.
            seen: takes the changes that were found.

        Returns:
            For each too narrow interval an inequality.
        """
        unknown = np.ones(self.count)
        np.minimum.at(unknown, self.shows.col, level[self.shows.row])
        wanted = self.needed + np.where(unknown > MOSTLY, self.counts * unknown, 0.0)
        wanted[self.hopeless] = 0
        # What is known does not move, and so links nothing.
        free = np.flatnonzero(unknown > NO_CHANGE)
        cuts = []
        for part in linked_groups(self.relations[:, free]):
            columns = free[part]
            if np.any(wanted[columns] > 0):
                cuts += self._attack_part(columns, unknown, wanted, seen)
        return cuts

    def _attack_part(
        self, columns: IndexArray, unknown: FloatArray, wanted: FloatArray, seen: FeasibleChanges
    ) -> list[_Cut]:
        """Attack numbers that only move together; return an inequality for each too narrow one."""
        low, high = self.low[columns] * unknown[columns], self.high[columns] * unknown[columns]
        relations = self.relations[:, columns].tocsr()
        rows = np.flatnonzero(np.diff(relations.indptr))
        relations = relations[rows].tocsc()
        if len(rows) == 0:
            seen.add(columns, low)
            seen.add(columns, high)
        else:
            self._move_together(columns, relations, low, high, wanted[columns], seen)
        left = seen.too_narrow(wanted, columns)
        if len(left) == 0:
            return []
        solver = new_solver()
        solver.passModel(linear_program(relations, np.zeros(len(columns)), low, high))
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        all_relations = self.by_relation[rows]
        cuts = []
        for one in left.tolist():
            position = int(np.searchsorted(columns, one))
            gives = np.zeros(self.count)
            is_solved = True
            for sign in (1.0, -1.0):
                if not len(seen.too_narrow(wanted, np.array([one]))):
                    break
                duals = _move_far(solver, position, sign, columns, seen)
                if duals is None:
                    is_solved = False
                    break
                # Whatever the duals are, no change moves the number further than the limits of all
                # numbers, each times its reduced cost.
                reduced = -(all_relations.T @ duals)
                reduced[one] += sign
                gives += np.maximum(reduced * self.low, reduced * self.high)
            if not len(seen.too_narrow(wanted, np.array([one]))):
                continue
            needed = float(self.needed[one] + self.counts[one])
            gives[np.abs(gives) < NO_CHANGE] = 0
            if not is_solved or gives.sum() < needed * (1 - TOLERANCE):
                self.hopeless[one] = True
                continue
            of_count = one if self.counts[one] > 0 else None
            cuts.append(_Cut(np.minimum(gives, needed), needed, of_count))
        return cuts

    def _move_together(
        self,
        columns: IndexArray,
        relations: sparse.csc_matrix,
        low: FloatArray,
        high: FloatArray,
        wanted: FloatArray,
        seen: FeasibleChanges,
    ) -> None:
        """Look for changes that move many numbers at once."""
        far = np.where(wanted > 0, wanted, np.inf)
        program = Program(relations, np.maximum(low, -far), np.minimum(high, far))
        draws = np.random.default_rng(len(columns))
        for turn in range(TOGETHER):
            width = seen.high[columns] - seen.low[columns]
            left = np.flatnonzero((wanted > 0) & (width < wanted * (1 - TOLERANCE)))
            if len(left) == 0:
                break
            gains = np.zeros(len(columns))
            gains[left] = draws.uniform(0.5, 1.5, len(left)) / wanted[left]
            changes = program.maximise(gains if turn % 2 == 0 else -gains)
            if changes is None:
                break
            # Some methods end a little outside the limits.
            seen.add(columns, np.clip(changes, low, high))


def _move_far(
    solver: highspy.Highs, position: int, sign: float, columns: IndexArray, seen: FeasibleChanges
) -> FloatArray | None:
    """Move one number as far as it goes; return the duals of the relations, None if unsolved."""
    solver.changeColCost(position, sign)
    solver.run()
    duals = None
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        solution = solver.getSolution()
        seen.add(columns, np.asarray(solution.col_value))
        duals = np.asarray(solution.row_dual)
    solver.changeColCost(position, 0.0)
    return duals


class _Master:
    """The program that chooses rows.

    Attributes:
        bound: no choice that meets the inequalities weighs less.
        steps: of the simplex method, in all choices of whole rows so far.
    """

    def __init__(self, group: _Group, weight: FloatArray) -> None:
        self._rows = len(group.rows)
        self.bound, self.steps = 0.0, 0
        self._is_whole, self._is_of_all = False, True
        self._solver = new_solver()
        for option, value in (
            ("mip_max_nodes", NODES),
            ("mip_rel_gap", GAP),
            ("mip_abs_gap", 1e-6),
            ("simplex_iteration_limit", ITERATIONS),
        ):
            self._solver.setOptionValue(option, value)
        # One unknown of the program for each row (is it withheld?) and, behind them, one for each
        # number (is it unknown?).
        is_shown = np.zeros(group.count, dtype=bool)
        is_shown[group.shows.col] = True
        self._solver.passModel(
            linear_program(
                sparse.csc_matrix((0, self._rows + group.count)),
                np.concatenate([weight[group.rows], np.zeros(group.count)]),
                np.concatenate([np.zeros(self._rows), np.where(is_shown, 0.0, 1.0)]),
                np.ones(self._rows + group.count),
            )
        )
        self._link(group)

    def _link(self, group: _Group) -> None:
        """A number is unknown only if every row that shows it is withheld; a count also if so."""
        shows = group.shows
        links = len(shows.row)
        relation = np.arange(links)
        self._add_rows(
            sparse.csr_matrix(
                (
                    np.repeat([1.0, -1.0], links),
                    (np.tile(relation, 2), np.concatenate([shows.row, self._rows + shows.col])),
                ),
                shape=(links, self._rows + group.count),
            ),
            np.zeros(links),
        )
        counts = np.flatnonzero(group.counts > 0)
        by_number = shows.tocsc()[:, counts].tocoo()
        numbers = np.arange(len(counts))
        self._add_rows(
            sparse.csr_matrix(
                (
                    np.concatenate([np.ones(len(counts)), -np.ones(len(by_number.row))]),
                    (
                        np.concatenate([numbers, by_number.col]),
                        np.concatenate([self._rows + counts, by_number.row]),
                    ),
                ),
                shape=(len(counts), self._rows + group.count),
            ),
            1.0 - np.bincount(by_number.col, minlength=len(counts)).astype(float),
        )

    def choose(self) -> FloatArray | None:
        """Return by row how far it is withheld in the cheapest choice so far, 0 to 1, or None."""
        self._solver.run()
        info = self._solver.getInfo()
        if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        level = np.asarray(self._solver.getSolution().col_value)[: self._rows]
        if self._is_whole:
            self.steps += int(info.simplex_iteration_count)
            found = float(info.mip_dual_bound)
        elif self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            found = float(info.objective_function_value)
        else:
            found = 0.0
        if self._is_of_all:
            self.bound = max(self.bound, found)
        return np.round(level) if self._is_whole else np.clip(level, 0.0, 1.0)

    def require_whole_rows(self) -> None:
        """From now on withhold rows wholly or not at all."""
        self._is_whole = True
        self._solver.changeColsIntegrality(
            self._rows,
            np.arange(self._rows, dtype=np.int32),
            np.full(self._rows, int(highspy.HighsVarType.kInteger), dtype=np.uint8),
        )

    def allow(self, rows: BoolArray) -> None:
        """From now on withhold only these rows; the bound stays that of all."""
        self._is_of_all = False
        others = np.flatnonzero(~rows).astype(np.int32)
        self._solver.changeColsBounds(
            len(others), others, np.zeros(len(others)), np.zeros(len(others))
        )

    def add(self, cuts: list[_Cut]) -> None:
        """Add inequalities over the numbers that are unknown."""
        if not cuts:
            return
        terms, least = [], []
        for cut in cuts:
            gives = cut.gives
            if cut.of_count is not None:
                gives = gives.copy()
                gives[cut.of_count] -= cut.needed
            terms.append(sparse.csr_matrix(gives))
            least.append(0.0 if cut.of_count is not None else cut.needed * (1 - TOLERANCE))
        numbers = sparse.vstack(terms, format="csr")
        nothing = sparse.csr_matrix((len(cuts), self._rows))
        self._add_rows(sparse.hstack([nothing, numbers], format="csr"), np.array(least))

    def _add_rows(self, terms: sparse.csr_matrix, least: FloatArray) -> None:
        """Add inequalities: these terms sum to at least so much."""
        if terms.shape[0]:
            terms.sort_indices()
            self._solver.addRows(
                terms.shape[0],
                np.asarray(least, dtype=float),
                np.full(terms.shape[0], highspy.kHighsInf),
                terms.nnz,
                terms.indptr[:-1].astype(np.int32),
                terms.indices.astype(np.int32),
                terms.data.astype(float),
            )
