"""The linear program: between which numbers each unknown must lie, if it may be a broken number."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from attacker.system import BoolArray, FloatArray, System


def far(system: System, enough: FloatArray) -> float:
    """Return a number larger than any in question: it keeps every program finite."""
    beyond = float(np.abs(system.least).sum() + enough.max(initial=0.0))
    return 1e3 + 4 * beyond + float(np.abs(system.truth).max(initial=0.0))


class _Solver(highspy.Highs):
    """HiGHS without callbacks: setting those up prints who made it, where JSON is to stand."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


class Program:
    """One program, maximized for many gains: each run starts from where the last ended.

    Args:
        system: what is known.
        low, high: by unknown, its limits; finite.
        is_whole: the unknowns that must be whole numbers; None for none.
        nodes: where there are any, how many branches are looked at before the search ends.
    """

    def __init__(
        self,
        system: System,
        low: FloatArray,
        high: FloatArray,
        *,
        is_whole: BoolArray | None = None,
        nodes: int = 0,
    ) -> None:
        by_column = sparse.csc_matrix(system.matrix)
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = by_column.shape
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = np.zeros(program.num_col_)
        program.col_lower_, program.col_upper_ = low, high
        program.row_lower_ = system.least
        program.row_upper_ = np.where(system.is_equality, system.least, highspy.kHighsInf)
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = by_column.indptr
        program.a_matrix_.index_ = by_column.indices
        program.a_matrix_.value_ = by_column.data
        if is_whole is not None:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            program.integrality_ = [kinds[int(one)] for one in is_whole]
        self._solver = _Solver()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        if is_whole is not None:
            self._solver.setOptionValue("mip_max_nodes", nodes)
            self._solver.setOptionValue("mip_rel_gap", 0.0)
            self._solver.setOptionValue("mip_abs_gap", 0.5)
            self._solver.setOptionValue("mip_feasibility_tolerance", 1e-7)
        self._solver.passModel(program)
        self._columns = np.arange(program.num_col_, dtype=np.int32)

    def limit(self, column: int, low: float, high: float) -> None:
        """Set the limits of an unknown."""
        self._solver.changeColBounds(column, low, high)

    def maximize(self, gains: FloatArray) -> FloatArray:
        """Return the unknowns for which the sum of gains is greatest.

        Raises:
            RuntimeError: there is no such solution.
        """
        point, _ = self.search(gains)
        if point is None:
            raise RuntimeError(f"no solution: {self._solver.getModelStatus()}")
        return point

    def search(self, gains: FloatArray) -> tuple[FloatArray | None, float]:
        """Return the best unknowns found, None for none, and what the sum is at most in any case.

        Where nothing fits the limits, it is minus infinity.

        Raises:
            RuntimeError: the solver failed.
        """
        self._solver.changeColsCost(len(gains), self._columns, np.asarray(gains, dtype=np.float64))
        self._solver.run()
        status = self._solver.getModelStatus()
        info = self._solver.getInfo()
        if status == highspy.HighsModelStatus.kOptimal:
            best = np.asarray(self._solver.getSolution().col_value)
            return best, float(gains @ best)
        if status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return None, -np.inf
        if status in (
            highspy.HighsModelStatus.kSolutionLimit,
            highspy.HighsModelStatus.kIterationLimit,
        ):
            has_point = np.isfinite(info.objective_function_value) and info.primal_solution_status
            point = np.asarray(self._solver.getSolution().col_value) if has_point else None
            return point, float(info.mip_dual_bound)
        raise RuntimeError(f"no solution: {status}")


def bound_linear(
    system: System, low: FloatArray, high: FloatArray, enough: FloatArray
) -> tuple[FloatArray, FloatArray, list[FloatArray]]:
    """Bound the targets: all together first, then each that is still narrow.

    Args:
        system: what is known.
        low: by unknown, its lower limit; finite.
        high: the same for the upper ones.
        enough: by target, how wide an interval is wide enough; the search ends there.

    Returns:
        By target the least and the greatest number found, which are the limits where they are less
        than enough apart; and the solutions that were met on the way.
    """
    count = len(enough)
    solve = Program(system, low, high).maximize
    least, greatest = np.full(count, np.inf), np.full(count, -np.inf)
    points: list[FloatArray] = []

    def take(point: FloatArray) -> None:
        points.append(point)
        values = system.targets @ point
        np.minimum(least, values, out=least)
        np.maximum(greatest, values, out=greatest)

    draws = np.random.default_rng(0)
    for turn in range(12 if count > 6 else 0):
        narrow = greatest - least < enough
        if not narrow.any():
            break
        gains = (narrow * draws.uniform(0.1, 1, count)) @ system.targets
        take(solve(gains if turn % 2 == 0 else -gains))
    for number in range(count):
        for sign in (1.0, -1.0):
            if not greatest[number] - least[number] >= enough[number]:
                take(solve(sign * system.targets[number].toarray()[0]))
    return least, greatest, points
