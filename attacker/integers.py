"""Whole numbers are whole: what follows beside the linear program.

First the limits of every unknown are carried through the relations, and rounded to whole numbers,
until nothing changes. Then, in groups that are small enough, an integer program asks for the least
and the greatest whole number of every target that could still be too narrow. It ends after a number
of branches, never after a time, so that the same input gives the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from attacker.program import Program
from attacker.system import FloatArray, IndexArray, System

_NEAR = 1e-6
# Limits that creep towards each other are left where they are.
_ROUNDS = 300


@dataclass(frozen=True)
class Limits:
    """What is found of the targets of a group.

    Attributes:
        low, high: by target, outside of these it cannot be.
        least, greatest: by target, both are possible: solutions in whole numbers were met.
    """

    low: FloatArray
    high: FloatArray
    least: FloatArray
    greatest: FloatArray


def propagate(system: System, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Carry limits through the relations until nothing changes; whole numbers are rounded.

    Args:
        system: what is known.
        low: by unknown, its lower limit to begin with; it may be infinite.
        high: the same for the upper ones.

    Returns:
        Narrower limits, which hold if the first ones do.
    """
    low, high = _round(system, low, high)
    equal = np.flatnonzero(system.is_equality)
    stacked = sparse.vstack([system.matrix, -system.matrix[equal]], format="csr")
    least = np.concatenate([system.least, -system.least[equal]])
    entries = stacked.tocoo()
    row, column, factor = entries.row, entries.col, entries.data
    if not len(factor):
        return low, high
    is_up = factor > 0
    for _ in range(_ROUNDS):
        # The most that each term can add, and that a row can without it.
        most = factor * np.where(is_up, high[column], low[column])
        is_endless = ~np.isfinite(most)
        finite = np.where(is_endless, 0.0, most)
        total = np.bincount(row, finite, minlength=len(least))
        endless = np.bincount(row, is_endless, minlength=len(least))
        others = total[row] - finite
        is_told = endless[row] - is_endless == 0
        bound = (least[row] - others) / factor
        new_low, new_high = low.copy(), high.copy()
        up, down = is_told & is_up, is_told & ~is_up
        np.maximum.at(new_low, column[up], bound[up])
        np.minimum.at(new_high, column[down], bound[down])
        new_low, new_high = _round(system, new_low, new_high)
        moved = (new_low > low + _NEAR) | (new_high < high - _NEAR)
        low, high = np.maximum(low, new_low), np.minimum(high, new_high)
        if not moved.any():
            break
    return low, high


def _round(system: System, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    return (
        np.where(system.is_whole, np.ceil(low - _NEAR), low),
        np.where(system.is_whole, np.floor(high + _NEAR), high),
    )


def bound_whole(
    system: System,
    columns: IndexArray,
    low: FloatArray,
    high: FloatArray,
    needed: FloatArray,
    points: list[FloatArray],
    *,
    furthest: float,
    most_unknowns: int,
    nodes: int,
) -> Limits:
    """Bound the targets of a group in whole numbers.

    Args:
        system: what is known; every target is an unknown.
        columns: by target, the unknown that it is.
        low: by unknown, its lower limit to begin with; it may be infinite.
        high: the same for the upper ones.
        needed: by target, how far apart two possible numbers must be to be enough.
        points: solutions that are known; those in whole numbers count.
        furthest: larger than any number in question.
        most_unknowns: larger groups are not solved as integer programs.
        nodes: how many branches an integer program may look at.
    """
    low, high = propagate(system, low, high)
    # What is known is true, so the true numbers are one solution.
    least, greatest = system.truth[columns].copy(), system.truth[columns].copy()

    def take(point: FloatArray) -> None:
        whole = point[system.is_whole]
        if np.abs(whole - whole.round()).max(initial=0.0) <= _NEAR:
            values = point[columns]
            values = np.where(system.is_whole[columns], values.round(), values)
            np.minimum(least, values, out=least)
            np.maximum(greatest, values, out=greatest)

    for point in points:
        take(point)
    if system.unknowns > most_unknowns:
        for number, column in enumerate(columns):
            if high[column] - low[column] < needed[number] - _NEAR:
                continue
            if greatest[number] - least[number] < needed[number] - _NEAR:
                near = _neighbors(system, int(column), most_unknowns)
                for point in _moves(system, near, float(needed[number]), furthest, nodes):
                    take(point)
        return Limits(low[columns], high[columns], least, greatest)
    program = None
    for number, column in enumerate(columns):
        for sign in (1.0, -1.0):
            is_enough = greatest[number] - least[number] >= needed[number] - _NEAR
            is_found = (
                greatest[number] >= high[column] - _NEAR
                if sign > 0
                else least[number] <= low[column] + _NEAR
            )
            if is_enough or is_found:
                continue
            bottom, top = np.maximum(low, -furthest), np.minimum(high, furthest)
            if program is None:
                program = Program(system, bottom, top, is_whole=system.is_whole, nodes=nodes)
            gains = np.zeros(system.unknowns)
            # Can it be as far away as is needed? Further nobody has to look.
            if sign > 0:
                edge = least[number] + needed[number]
                program.limit(int(column), min(edge, top[column]), top[column])
            else:
                edge = greatest[number] - needed[number]
                program.limit(int(column), bottom[column], max(edge, bottom[column]))
            is_in_reach = bottom[column] <= edge <= top[column]
            found, most = program.search(gains) if is_in_reach else (None, -np.inf)
            if found is None and most == -np.inf:
                # It cannot, and so this is how far it can be.
                program.limit(int(column), bottom[column], top[column])
                gains[column] = sign
                found, most = program.search(gains)
                if sign > 0 and np.isfinite(most):
                    high[column] = min(high[column], most)
                elif np.isfinite(most):
                    low[column] = max(low[column], -most)
                low, high = _round(system, low, high)
            if found is not None:
                take(found)
            program.limit(int(column), max(low[column], -furthest), min(high[column], furthest))
    low, high = propagate(system, low, high)
    return Limits(low[columns], high[columns], least, greatest)


def _neighbors(system: System, column: int, most: int) -> IndexArray:
    """Return an unknown and those that are nearest to it by relations, the unknown first."""
    by_column = system.by_column
    found, seen = [column], {column}
    for one in found:
        relations = by_column.indices[by_column.indptr[one] : by_column.indptr[one + 1]]
        for relation in relations:
            start, end = system.matrix.indptr[relation : relation + 2]
            for other in system.matrix.indices[start:end].tolist():
                if len(found) >= most:
                    return np.array(found, dtype=np.int64)
                if other not in seen:
                    seen.add(other)
                    found.append(other)
    return np.array(found, dtype=np.int64)


def _moves(
    system: System, near: IndexArray, needed: float, furthest: float, nodes: int
) -> list[FloatArray]:
    """Return solutions in which the first of some unknowns is as large and as small as it can be.

    The others of the system are what they truly are: so these are solutions of the whole, and show
    what is possible, but not what is impossible.
    """
    by_column = system.by_column
    relations = np.unique(
        np.concatenate(
            [by_column.indices[by_column.indptr[one] : by_column.indptr[one + 1]] for one in near]
        )
    )
    rows, truth = system.matrix[relations], system.truth
    inside = rows[:, near]
    part = System(
        inside,
        system.least[relations] - (rows @ truth - inside @ truth[near]),
        system.is_equality[relations],
        system.lowest[near],
        system.is_whole[near],
        truth[near],
        sparse.csr_matrix((0, len(near))),
    )
    bottom = np.maximum(part.lowest, -furthest)
    top = np.full(len(near), furthest)
    bottom[0] = max(bottom[0], truth[near[0]] - needed)
    top[0] = truth[near[0]] + needed
    program = Program(part, bottom, top, is_whole=part.is_whole, nodes=nodes)
    found = []
    for sign in (1.0, -1.0):
        gains = np.zeros(len(near))
        gains[0] = sign
        point, _ = program.search(gains)
        if point is not None:
            whole = truth.copy()
            whole[near] = point
            found.append(whole)
    return found
