"""Equations: the relations of a year as a sparse matrix over its numbers.

Each column is a number: a cell, or a *difference* that inequalities add (what a whole has beyond
its part; it cannot be negative). Each row is a relation: a whole is the sum of its parts, and a
remainder. This module does not know where relations come from.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from exports.disclosure.arrays import BoolArray, FloatArray, IndexArray


class Equations:
    """Numbers and the relations between them.

    Args:
        numbers: the numbers of the cells; a cell's column is its number.
        is_signed: by cell, can it be negative?
    """

    def __init__(self, numbers: FloatArray, is_signed: BoolArray) -> None:
        self._numbers = [np.asarray(numbers, dtype=float)]
        self._signs = [np.asarray(is_signed, dtype=bool)]
        self._columns = len(numbers)
        self._relation: list[IndexArray] = []
        self._column: list[IndexArray] = []
        self._coefficient: list[FloatArray] = []
        self._remainder: list[FloatArray] = []
        self._relations = 0

    def add_numbers(self, numbers: FloatArray) -> IndexArray:
        """Append numbers that cannot be negative, and return their columns."""
        first = self._columns
        self._numbers.append(np.asarray(numbers, dtype=float))
        self._signs.append(np.zeros(len(numbers), dtype=bool))
        self._columns += len(numbers)
        return first + np.arange(len(numbers))

    def add_sums(
        self,
        relation: IndexArray,
        whole: IndexArray,
        part: IndexArray,
        scale: FloatArray | float,
        remainder: FloatArray | float,
    ) -> IndexArray:
        """Add: a whole is the sum of its parts, each times its scale, and a remainder.

        Args:
            relation: by part, the number of its relation, from 0. The parts of a relation stand
                together and repeat its whole and remainder.
            whole: the column of the whole.
            part: the column of the part.
            scale: what the part is multiplied by.
            remainder: what the whole has beyond its parts.

        Returns:
            The relations that were added, in the order of their number.
        """
        if len(relation) == 0:
            return np.zeros(0, dtype=np.int64)
        _, firsts = np.unique(relation, return_index=True)
        ids = np.asarray(relation, dtype=np.int64) + self._relations
        self.add_terms(ids[firsts], whole[firsts], np.ones(len(firsts)))
        self.add_terms(ids, part, np.broadcast_to(-np.asarray(scale, dtype=float), len(ids)))
        self._remainder.append(
            np.broadcast_to(np.asarray(remainder, dtype=float), len(ids))[firsts]
        )
        self._relations += len(firsts)
        return np.asarray(ids[firsts])

    def add_differences(
        self, whole: IndexArray, part: IndexArray, scale: FloatArray | float, numbers: FloatArray
    ) -> IndexArray:
        """Add: a difference is what a whole has beyond a part times its scale.

        Args:
            whole: the column of the whole, by difference.
            part: the column of the part.
            scale: what the part is multiplied by.
            numbers: the differences.

        Returns:
            The columns of the differences.
        """
        columns = self.add_numbers(numbers)
        ids = np.arange(len(whole)) + self._relations
        self.add_terms(ids, whole, np.ones(len(ids)))
        self.add_terms(ids, part, np.broadcast_to(-np.asarray(scale, dtype=float), len(ids)))
        self.add_terms(ids, columns, -np.ones(len(ids)))
        self._remainder.append(np.zeros(len(ids)))
        self._relations += len(ids)
        return columns

    def add_bounds(
        self, relation: IndexArray, column: IndexArray, factor: FloatArray, slack: FloatArray
    ) -> None:
        """Add: some columns, each times its factor, sum to at most 0.

        Args:
            relation: by term, the number of its bound.
            column: the column of the term.
            factor: what it is multiplied by.
            slack: by term, what the sum of its bound is below 0.
        """
        _, firsts, bound = np.unique(relation, return_index=True, return_inverse=True)
        below = self.add_numbers(slack[firsts])
        self.add_terms(bound + self._relations, column, factor)
        self.add_terms(np.arange(len(firsts)) + self._relations, below, np.ones(len(firsts)))
        self._remainder.append(np.zeros(len(firsts)))
        self._relations += len(firsts)

    def add_terms(self, relation: IndexArray, column: IndexArray, coefficient: FloatArray) -> None:
        """Add a term, a column times a coefficient, to each of these relations."""
        self._relation.append(np.asarray(relation, dtype=np.int64))
        self._column.append(np.asarray(column, dtype=np.int64))
        self._coefficient.append(np.asarray(coefficient, dtype=float))

    def numbers(self) -> FloatArray:
        """Return the number of each column."""
        return np.concatenate(self._numbers)

    def is_signed(self) -> BoolArray:
        """Return by column: can it be negative?"""
        return np.concatenate(self._signs)

    def matrix(self) -> sparse.csr_matrix:
        """Return the coefficients, relations x columns."""
        if not self._relation:
            return sparse.csr_matrix((0, self._columns))
        return sparse.csr_matrix(
            (
                np.concatenate(self._coefficient),
                (np.concatenate(self._relation), np.concatenate(self._column)),
            ),
            shape=(self._relations, self._columns),
        )

    def remainders(self) -> FloatArray:
        """Return by relation what its whole has beyond its parts."""
        return np.concatenate(self._remainder) if self._remainder else np.zeros(0)
