"""The attacker inside: how far each withheld number could change with all published the same.

A pattern (which rows are withheld) leaves some unknowns of the system unknown; all others are known
and cannot change. A *change* of the unknowns that contradicts no relation and takes no number below
0 is a possible world; how far it moves a number is proof that the attacker cannot tell better. The
proofs are kept as :class:`Worlds`, and :meth:`Worlds.check` goes through them all against the
finished pattern, so that nothing rests on what a solver said along the way.

Distances are sought only as far as they are needed: a proof says *at least so wide*.
"""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray
from exports.disclosure.relations import System

# A width that is short by less (of what is needed) is reached: what solvers do not tell apart.
TOLERANCE = 1e-6
# A change smaller than this is none.
NO_CHANGE = 1e-7
# How far numbers may move, as a multiple of the widest interval needed near them. It bounds the
# programs; a number that would need more counts as less protected than it is.
REACH = 16.0
# How often all numbers of a group are asked for together, up and down by turns: at most so many
# times, and no longer when two turns have proved less than this share of what was left.
TOGETHER = 40
PROGRESS = 0.05
# Programs of more numbers are solved by the interior point method. It ends in the middle of all
# solutions and not in a corner of them, where fewer numbers move.
INTERIOR = 2_000
# Steps of the simplex method after which a program is taken anew.
ITERATIONS = 5_000


class Worlds:
    """Possible worlds, and how far each unknown falls (low) and rises (high) in them."""

    def __init__(self, count: int) -> None:
        self.low = np.zeros(count)
        self.high = np.zeros(count)
        self._columns: list[IndexArray] = []
        self._changes: list[FloatArray] = []

    def learn(self, columns: IndexArray, changes: FloatArray) -> None:
        """Take in one change of everything; columns that do not change may be left out."""
        moved = np.abs(changes) > NO_CHANGE
        columns, changes = columns[moved], changes[moved]
        if np.any(changes < self.low[columns]) or np.any(changes > self.high[columns]):
            self.low[columns] = np.minimum(self.low[columns], changes)
            self.high[columns] = np.maximum(self.high[columns], changes)
            self._columns.append(columns)
            self._changes.append(changes)

    def all(self) -> Iterator[FloatArray]:
        """Give every world, with a number for every unknown."""
        for columns, changes in zip(self._columns, self._changes, strict=True):
            world = np.zeros(len(self.low))
            world[columns] = changes
            yield world

    def within(self, unknown: BoolArray) -> Worlds:
        """Return the worlds that change nothing but these unknowns."""
        kept = Worlds(len(self.low))
        for columns, changes in zip(self._columns, self._changes, strict=True):
            if unknown[columns].all():
                kept.learn(columns, changes)
        return kept

    def short(self, needed: FloatArray, columns: IndexArray) -> IndexArray:
        """Return those of the columns whose interval is not known to be as wide as needed."""
        width = self.high[columns] - self.low[columns]
        wanted = needed[columns]
        return columns[(wanted > 0) & (width < wanted * (1 - TOLERANCE))]

    def check(
        self, system: System, unknown: BoolArray, low: FloatArray, high: FloatArray
    ) -> FloatArray:
        """Go through every world once more and return how wide each interval is proved to be.

        A world that changes what is known, breaks a relation or a limit proves nothing.

        Args:
            system: the relations.
            unknown: by unknown, under the finished pattern.
            low: by unknown, how far it may fall (at most 0).
            high: by unknown, how far it may rise (at least 0).
        """
        proved_low, proved_high = np.zeros(len(low)), np.zeros(len(low))
        if self._columns:
            sizes = [len(columns) for columns in self._columns]
            world = np.repeat(np.arange(len(sizes)), sizes)
            column, change = np.concatenate(self._columns), np.concatenate(self._changes)
            changes = sparse.csc_matrix((change, (column, world)), shape=(len(low), len(sizes)))
            slack = 1e-6 * np.maximum(1.0, np.abs(change))
            is_wrong = (
                ~unknown[column] | (change < low[column] - slack) | (change > high[column] + slack)
            )
            size = np.ones(len(sizes))
            np.maximum.at(size, world, np.abs(change))
            failed = np.zeros(len(sizes), dtype=bool)
            broken = (system.relations @ changes).tocoo()
            failed[broken.col[np.abs(broken.data) > 1e-5 * size[broken.col]]] = True
            failed |= np.bincount(world[is_wrong], minlength=len(sizes)) > 0
            kept = ~failed[world]
            np.minimum.at(proved_low, column[kept], change[kept])
            np.maximum.at(proved_high, column[kept], change[kept])
        return np.asarray(proved_high - proved_low)


def unknown_under(system: System, hidden: BoolArray, known: BoolArray) -> BoolArray:
    """Tell which unknowns no row shows when these rows are withheld.

    Args:
        system: the unknowns.
        hidden: by row, is it withheld?
        known: by unknown, is it known for ever?
    """
    shown = (~hidden).astype(float) @ system.shows > 0
    return np.asarray(~shown & ~known, dtype=np.bool_)


def limits(system: System, relaxed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """How far each unknown may fall and rise, with the relaxed remainders no longer constant."""
    low, high = system.lowest.copy(), system.highest.copy()
    open_ones = relaxed[system.remainders.columns]
    columns = system.remainders.columns[open_ones]
    low[columns] = system.remainders.lowest[open_ones]
    high[columns] = system.remainders.highest[open_ones]
    return low, high


def groups_of(relations: sparse.csc_matrix) -> Iterator[IndexArray]:
    """Split columns into groups that no relation links; each group in the order of its columns."""
    rows, columns = relations.shape
    if relations.nnz == 0:
        labels = np.arange(columns)
    else:
        links = sparse.bmat([[None, relations], [relations.T, None]], format="csr")
        labels = connected_components(links, directed=False)[1][rows:]
    order = np.argsort(labels, kind="stable")
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def attack_together(
    system: System,
    unknown: BoolArray,
    low: FloatArray,
    high: FloatArray,
    worlds: Worlds,
    *,
    among: IndexArray | None = None,
    turns: int = TOGETHER,
) -> None:
    """Look for worlds that move many sensitive unknowns at once, group by group.

    Args:
        system: unknowns, relations and needs.
        unknown: by unknown, under the pattern.
        low: by unknown, how far it may fall (at most 0).
        high: by unknown, how far it may rise (at least 0).
        worlds: takes what is found.
        among: only these unknowns, the others do not move; None for all.
        turns: how often all of a group are asked for together, up and down by turns.
    """
    free = np.flatnonzero(unknown) if among is None else among[unknown[among]]
    matrix = system.relations.tocsc()[:, free]
    for group in groups_of(matrix):
        columns = free[group]
        left = worlds.short(system.needed, columns)
        if len(left) == 0:
            continue
        part = matrix[:, group].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))]
        if part.shape[0] == 0:
            # Nothing is known of it but that it is not below 0.
            far = np.maximum(system.needed[columns], 1.0)
            worlds.learn(columns, np.minimum(high[columns], far))
            worlds.learn(columns, np.maximum(low[columns], -far))
            continue
        # Nobody has to move further than needed, so that everybody moves.
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
            left = np.searchsorted(columns, worlds.short(system.needed, columns))
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
            worlds.learn(columns, changes)


class Program:
    """A linear program over the changes of some unknowns, asked many times."""

    def __init__(self, relations: sparse.csc_matrix, low: FloatArray, high: FloatArray) -> None:
        self._count = relations.shape[1]
        self._columns = np.arange(self._count, dtype=np.int32)
        self.solver = silent_solver()
        self.solver.passModel(linear_program(relations, np.zeros(self._count), low, high))
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        if self._count > INTERIOR:
            self.solver.setOptionValue("solver", "ipm")
            self.solver.setOptionValue("run_crossover", "off")

    def maximise(self, gains: FloatArray) -> FloatArray | None:
        """Return changes that make the weighted sum as large as it can be; None: not solved."""
        self.solver.changeColsCost(self._count, self._columns, gains)
        if not is_solved(self.solver):
            return None
        return np.asarray(self.solver.getSolution().col_value)


def is_solved(solver: highspy.Highs) -> bool:
    """Solve what the solver holds and tell whether there is a solution.

    The simplex method goes on from where it stood the last time, and now and then turns in circles;
    then the problem is taken anew by the interior point method, to the end.
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
    """Write down: the least cost of changes between low and high for which all relations hold."""
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


def silent_solver() -> highspy.Highs:
    """One thread, one seed, no clock: the same question has the same answer."""
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
