"""The system: what is known of the unknown numbers, as a matrix, in groups that nothing links.

Numbers that are one by two names are one unknown here. This module does not solve anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from attacker.cells import Cell
from attacker.knowledge import Knowledge, Relation

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]
Matrix = Any  # scipy has no types
Terms = Mapping[Cell, float]


@dataclass(frozen=True)
class System:
    """Unknowns between limits, and sums of them that are at least (equality: exactly) a number.

    Attributes:
        matrix: a row per relation, a column per unknown.
        least: by relation, the number.
        is_equality: by relation.
        lowest: by unknown, the least that it can be; minus infinity where it may be negative.
        is_whole: by unknown, whether it is a whole number.
        truth: by unknown, its true number.
        targets: a row per sum that is to be bounded.
    """

    matrix: Matrix
    least: FloatArray
    is_equality: BoolArray
    lowest: FloatArray
    is_whole: BoolArray
    truth: FloatArray
    targets: Matrix

    @cached_property
    def by_column(self) -> Matrix:
        """The matrix by columns."""
        return sparse.csc_matrix(self.matrix)

    @property
    def unknowns(self) -> int:
        """How many unknowns there are."""
        return len(self.lowest)

    def with_targets_as_unknowns(self) -> tuple[System, IndexArray]:
        """Return the system in which every target is an unknown, and by target its column.

        A target that is one unknown already is none of its own.
        """
        columns: list[int] = []
        sums: list[int] = []
        for number in range(self.targets.shape[0]):
            row = self.targets[number]
            if row.nnz == 1 and row.data[0] == 1.0:
                columns.append(int(row.indices[0]))
            else:
                columns.append(self.unknowns + len(sums))
                sums.append(number)
        if not sums:
            return self, np.array(columns, dtype=np.int64)
        added = self.targets[sums]
        is_whole = np.array(
            [
                bool(self.is_whole[row.indices].all())
                and bool(np.all(row.data == row.data.round()))
                for row in added
            ]
        )
        matrix = sparse.bmat(
            [[self.matrix, None], [added, -sparse.identity(len(sums))]], format="csr"
        )
        width = matrix.shape[1]
        return (
            System(
                matrix,
                np.concatenate([self.least, np.zeros(len(sums))]),
                np.concatenate([self.is_equality, np.ones(len(sums), dtype=bool)]),
                np.concatenate([self.lowest, np.full(len(sums), -np.inf)]),
                np.concatenate([self.is_whole, is_whole]),
                np.concatenate([self.truth, added @ self.truth]),
                sparse.csr_matrix(
                    (np.ones(len(columns)), (np.arange(len(columns)), columns)),
                    shape=(len(columns), width),
                ),
            ),
            np.array(columns, dtype=np.int64),
        )


@dataclass(frozen=True)
class Posed:
    """A system in groups.

    Attributes:
        fixed: by target, what is known of it: the sum of its known numbers.
        groups: the systems, each with the numbers of its targets.
    """

    fixed: FloatArray
    groups: list[tuple[System, list[int]]]


def pose(knowledge: Knowledge, wanted: Sequence[Terms]) -> Posed:
    """Make the systems of what is known.

    Args:
        knowledge: what somebody knows.
        wanted: the sums to be bounded: numbers, each times a factor.
    """
    columns = _columns(knowledge)
    relations = _distinct(knowledge.relations, columns)
    count = 1 + max(columns.values(), default=-1)
    matrix = _matrix([terms for terms, _, _ in relations], count)
    least = np.array([least for _, least, _ in relations], dtype=np.float64)
    is_equality = np.array([equal for _, _, equal in relations], dtype=np.bool_)
    lowest = np.full(count, -np.inf)
    is_whole = np.zeros(count, dtype=np.bool_)
    truth = np.zeros(count)
    for cell, column in columns.items():
        least_of = -np.inf if cell[2] in knowledge.signed else 0.0
        if cell in knowledge.at_least_one:
            least_of = 1.0
        lowest[column] = max(lowest[column], least_of)
        is_whole[column] |= cell[2] in knowledge.whole
        truth[column] = knowledge.truth[cell]
    fixed = np.zeros(len(wanted))
    of_target: list[dict[int, float]] = []
    for number, terms in enumerate(wanted):
        here: dict[int, float] = {}
        for cell, factor in terms.items():
            if cell in columns:
                here[columns[cell]] = here.get(columns[cell], 0.0) + factor
            else:
                fixed[number] += factor * knowledge.known[cell]
        of_target.append({column: factor for column, factor in here.items() if factor})
    targets = _matrix(of_target, count)
    return Posed(
        fixed,
        _groups(System(matrix, least, is_equality, lowest, is_whole, truth, targets)),
    )


def _columns(knowledge: Knowledge) -> dict[Cell, int]:
    """Return the column of each unknown; those that are equal have one."""
    cells = sorted(knowledge.unknown - knowledge.known.keys())
    index = {cell: number for number, cell in enumerate(cells)}
    pairs = [
        [index[cell] for cell in relation.terms]
        for relation in knowledge.relations
        if relation.is_equality
        and not relation.least
        and sorted(relation.terms.values()) == [-1.0, 1.0]
    ]
    if not cells:
        return {}
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = sparse.coo_matrix((np.ones(len(pairs)), (one, other)), shape=(len(cells), len(cells)))
    _, labels = connected_components(links, directed=False)
    first: dict[int, int] = {}
    return {cell: first.setdefault(int(labels[index[cell]]), len(first)) for cell in cells}


def _distinct(
    relations: Sequence[Relation], columns: Mapping[Cell, int]
) -> list[tuple[dict[int, float], float, bool]]:
    """Return the relations between columns, each once, in the order in which they came."""
    found: dict[tuple[Any, ...], tuple[dict[int, float], float, bool]] = {}
    for relation in relations:
        terms: dict[int, float] = {}
        for cell, factor in relation.terms.items():
            terms[columns[cell]] = terms.get(columns[cell], 0.0) + factor
        terms = {column: factor for column, factor in terms.items() if factor}
        if terms:
            key = (tuple(sorted(terms.items())), round(relation.least, 6), relation.is_equality)
            found.setdefault(key, (terms, relation.least, relation.is_equality))
    return list(found.values())


def _matrix(rows: Sequence[Mapping[int, float]], width: int) -> Matrix:
    entries = [(number, *entry) for number, row in enumerate(rows) for entry in row.items()]
    return sparse.csr_matrix(
        (
            [factor for _, _, factor in entries],
            ([number for number, _, _ in entries], [column for _, column, _ in entries]),
        ),
        shape=(len(rows), width),
    )


def _groups(system: System) -> list[tuple[System, list[int]]]:
    """Split a system into groups that no relation and no target links; those without target go."""
    links = sparse.vstack([system.matrix, system.targets])
    square = sparse.bmat([[None, links], [links.T, None]], format="csr")
    _, labels = connected_components(square, directed=False)
    of_relation = labels[: len(system.least)]
    of_target = labels[len(system.least) : links.shape[0]]
    of_column = labels[links.shape[0] :]
    asked = [number for number in range(len(of_target)) if system.targets[number].nnz]
    groups = []
    for label in sorted({int(of_target[number]) for number in asked}):
        numbers = [number for number in asked if of_target[number] == label]
        here, relations = np.flatnonzero(of_column == label), np.flatnonzero(of_relation == label)
        groups.append(
            (
                System(
                    system.matrix[relations][:, here],
                    system.least[relations],
                    system.is_equality[relations],
                    system.lowest[here],
                    system.is_whole[here],
                    system.truth[here],
                    system.targets[numbers][:, here],
                ),
                numbers,
            )
        )
    return groups
