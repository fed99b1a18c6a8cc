"""The simulated attack: how far each withheld number could change with all published the same.

A pattern (which rows are withheld) leaves some unknowns of the system unknown; all others are known
and cannot change. A *change* of the unknowns that breaks no relation and takes no number below 0 is
feasible; how far it moves a number is the proof that an attacker cannot know the number better. The
proofs are kept as :class:`FeasibleChanges`, and :meth:`FeasibleChanges.verified_widths` checks all
of them against the finished pattern, so that no result depends on intermediate output of a solver.

Distances are sought only as far as they are needed: a proof says *at least this wide*. This module
must not know how rows to withhold are chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.relations import System

# A width that is short by less than this share of what is needed is wide enough: solvers are not
# more precise.
TOLERANCE = 1e-6
# A smaller change counts as no change.
NO_CHANGE = 1e-7
# How far numbers may move, as a multiple of the widest interval needed near them. It bounds the
# programs; a number that would need more counts as less protected than it is.
REACH = 16.0
# How often one program moves all numbers of a group, up and down in turn: at most this many times,
# and no longer when two turns have proved less than this share of what was left.
TOGETHER = 40
PROGRESS = 0.05
# Programs of more numbers are solved by the interior point method. It ends inside the set of
# solutions and not at a vertex, where fewer numbers move.
INTERIOR = 2_000
# Steps of the simplex method after which a program is solved by another method.
ITERATIONS = 5_000


class FeasibleChanges:
    """Feasible changes, and how far each unknown falls and rises in them.

    Args:
        count: how many unknowns there are.

    Attributes:
        low: by unknown, the furthest fall (at most 0).
        high: by unknown, the furthest rise (at least 0).
    """

    def __init__(self, count: int) -> None:
        self.low = np.zeros(count)
        self.high = np.zeros(count)
        self._columns: list[IndexArray] = []
        self._changes: list[FloatArray] = []

    def add(self, columns: IndexArray, changes: FloatArray) -> None:
        """Add one change; it is kept if it moves an unknown further than all before it.

        Args:
            columns: the unknowns; those that do not change may be left out.
            changes: how far each of them moves.
        """
        moved = np.abs(changes) > NO_CHANGE
        columns, changes = columns[moved], changes[moved]
        if np.any(changes < self.low[columns]) or np.any(changes > self.high[columns]):
            self.low[columns] = np.minimum(self.low[columns], changes)
            self.high[columns] = np.maximum(self.high[columns], changes)
            self._columns.append(columns)
            self._changes.append(changes)

    def all(self) -> Iterator[FloatArray]:
        """Yield every change, with a number for every unknown."""
        for columns, changes in zip(self._columns, self._changes, strict=True):
            change = np.zeros(len(self.low))
            change[columns] = changes
            yield change

    def within(self, unknown: BoolArray) -> FeasibleChanges:
        """Return the changes that move only these unknowns.

        Args:
            unknown: by unknown, may it move?
        """
        kept = FeasibleChanges(len(self.low))
        for columns, changes in zip(self._columns, self._changes, strict=True):
            if unknown[columns].all():
                kept.add(columns, changes)
        return kept

    def too_narrow(self, needed: FloatArray, columns: IndexArray) -> IndexArray:
        """Return those of the columns whose interval is not proved to be as wide as needed.

        Args:
            needed: by unknown, how wide its interval must be.
            columns: unknowns.
        """
        width = self.high[columns] - self.low[columns]
        wanted = needed[columns]
        return columns[(wanted > 0) & (width < wanted * (1 - TOLERANCE))]

    def verified_widths(
        self, system: System, unknown: BoolArray, low: FloatArray, high: FloatArray
    ) -> FloatArray:
        """Check every change again and return how wide each interval is proved to be.

        A change that moves a known number, or breaks a relation or a limit, proves nothing.

        Args:
            system: the relations.
            unknown: by unknown, under the finished pattern.
            low: by unknown, how far it may fall (at most 0).
            high: by unknown, how far it may rise (at least 0).
        """
        proved_low, proved_high = np.zeros(len(low)), np.zeros(len(low))
        if self._columns:
            sizes = [len(columns) for columns in self._columns]
            number = np.repeat(np.arange(len(sizes)), sizes)
            column, change = np.concatenate(self._columns), np.concatenate(self._changes)
            changes = sparse.csc_matrix((change, (column, number)), shape=(len(low), len(sizes)))
            slack = 1e-6 * np.maximum(1.0, np.abs(change))
            is_wrong = (
                ~unknown[column] | (change < low[column] - slack) | (change > high[column] + slack)
            )
            size = np.ones(len(sizes))
            np.maximum.at(size, number, np.abs(change))
            failed = np.zeros(len(sizes), dtype=bool)
            broken = (system.relations @ changes).tocoo()
            failed[broken.col[np.abs(broken.data) > 1e-5 * size[broken.col]]] = True
            failed |= np.bincount(number[is_wrong], minlength=len(sizes)) > 0
            kept = ~failed[number]
            np.minimum.at(proved_low, column[kept], change[kept])
            np.maximum.at(proved_high, column[kept], change[kept])
        return np.asarray(proved_high - proved_low)


def unknown_when_hidden(system: System, hidden: BoolArray, known: BoolArray) -> BoolArray:
    """Return by unknown: is it shown by no row when these rows are withheld?

    Args:
        system: the unknowns.
        hidden: by row, is it withheld?
        known: by unknown, is it known whatever is withheld?
    """
    shown = (~hidden).astype(float) @ system.shows > 0
    return np.asarray(~shown & ~known, dtype=np.bool_)


def change_limits(system: System, relaxed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return how far each unknown may fall and rise.

    Args:
        system: the unknowns.
        relaxed: by unknown, is it a remainder that is no longer constant?
    """
    low, high = system.lowest.copy(), system.highest.copy()
    open_ones = relaxed[system.remainders.columns]
    columns = system.remainders.columns[open_ones]
    low[columns] = system.remainders.lowest[open_ones]
    high[columns] = system.remainders.highest[open_ones]
    return low, high


def linked_groups(relations: sparse.csc_matrix) -> Iterator[IndexArray]:
    """Split columns into groups that no relation links.

    Args:
        relations: relations x columns.

    Yields:
        The columns of each group, in order.
    """
    rows, columns = relations.shape
    if relations.nnz == 0:
        labels = np.arange(columns)
    else:
        links = sparse.bmat([[None, relations], [relations.T, None]], format="csr")
        labels = connected_components(links, directed=False)[1][rows:]
    order = np.argsort(labels, kind="stable")
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def find_changes(
    system: System,
    unknown: BoolArray,
    low: FloatArray,
    high: FloatArray,
    feasible: FeasibleChanges,
    *,
    among: IndexArray | None = None,
    turns: int = TOGETHER,
) -> None:
    """Look for changes that move many sensitive unknowns at once, group by group.

    Args:
        system: unknowns, relations and needs.
        unknown: by unknown, under the pattern.
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        feasible: takes the changes that are found.
        among: only these unknowns, the others do not move; None for all.
        turns: how often one program moves all of a group, up and down in turn.
    """
    free = np.flatnonzero(unknown) if among is None else among[unknown[among]]
    matrix = system.relations.tocsc()[:, free]
    for group in linked_groups(matrix):
        columns = free[group]
        left = feasible.too_narrow(system.needed, columns)
        if len(left) == 0:
            continue
        part = matrix[:, group].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))]
        if part.shape[0] == 0:
            # No relation limits it; it only cannot fall below 0.
            far = np.maximum(system.needed[columns], 1.0)
            feasible.add(columns, np.minimum(high[columns], far))
            feasible.add(columns, np.maximum(low[columns], -far))
            continue
        # No number has to move further than it needs, so that all of them move.
        far = np.where(
            system.needed[columns] > 0,
            system.needed[columns],
            REACH * system.needed[columns].max(),
        )
        program = Program(
            part.tocsc(),
            np.maximum(low[columns], -far),
            np.minimum(high[columns], far),
        )
        draws = np.random.default_rng(len(columns))
        before = np.inf
        for turn in range(turns):
            left = np.searchsorted(columns, feasible.too_narrow(system.needed, columns))
            if turn % 2 == 0:
                if len(left) > (1 - PROGRESS) * before:
                    break
                before = len(left)
            if len(left) == 0:
                break
            gains = np.zeros(len(columns))
            gains[left] = draws.uniform(0.5, 1.5, len(left)) / system.needed[columns[left]]
            changes = program.maximise(gains if turn % 2 == 0 else -gains)
            if changes is None:
                break
            feasible.add(columns, changes)


class Program:
    """A linear program over the changes of some unknowns, solved for many objectives.

    Args:
        relations: relations x unknowns.
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
    """

    def __init__(self, relations: sparse.csc_matrix, low: FloatArray, high: FloatArray) -> None:
        self._count = relations.shape[1]
        self._columns = np.arange(self._count, dtype=np.int32)
        self.solver = new_solver()
        self.solver.passModel(linear_program(relations, np.zeros(self._count), low, high))
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        if self._count > INTERIOR:
            self.solver.setOptionValue("solver", "ipm")
            self.solver.setOptionValue("run_crossover", "off")

    def maximise(self, gains: FloatArray) -> FloatArray | None:
        """Return the changes with the largest weighted sum; None if the program is not solved.

        Args:
            gains: the weight of each unknown.
        """
        self.solver.changeColsCost(self._count, self._columns, gains)
        if not solve(self.solver):
            return None
        return np.asarray(self.solver.getSolution().col_value)


def solve(solver: highspy.Highs) -> bool:
    """Solve the solver's program and return whether it has a solution.

    The simplex method starts from the last solution, and sometimes cycles; then the program is
    solved by the interior point method instead.
    """
    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
        return bool(status == highspy.HighsModelStatus.kOptimal)
    solver.clearSolver()
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "on")
    solver.run()
    solver.setOptionValue("solver", "choose")
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def linear_program(
    relations: sparse.csc_matrix, costs: FloatArray, low: FloatArray, high: FloatArray
) -> highspy.HighsLp:
    """Return the program: the least cost of changes between low and high that keep all relations.

    Args:
        relations: relations x columns; the changes, multiplied, sum to 0.
        costs: what each change costs for each unit.
        low: the least change of each column.
        high: the greatest change of each column.
    """
    rows, columns = relations.shape
    model = highspy.HighsLp()
    model.num_col_ = columns
    model.num_row_ = rows
    model.col_cost_ = costs
    model.col_lower_ = low
    model.col_upper_ = high
    model.row_lower_ = np.zeros(rows)
    model.row_upper_ = np.zeros(rows)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = relations.indptr
    model.a_matrix_.index_ = relations.indices
    model.a_matrix_.value_ = relations.data
    return model


class _Solver(highspy.Highs):
    """HiGHS without callbacks: setting those up writes a banner to standard output."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def new_solver() -> highspy.Highs:
    """Return a solver with one thread, a fixed seed and no time limit: results are repeatable."""
    solver = _Solver()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("parallel", "off"),
        ("simplex_iteration_limit", ITERATIONS),
        ("ipm_iteration_limit", 200),
    ):
        solver.setOptionValue(option, value)
    return solver
