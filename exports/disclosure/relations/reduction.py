"""Reduction: the same equations with fewer unknowns and fewer relations.

Numbers that must change alike become one unknown, relations that say the same become one, and
inequalities that are far from binding become limits of their numbers. This module does not know
what needs protection, nor where the equations come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exports.disclosure.arrays import EQUAL_WITHIN, BoolArray, FloatArray, IndexArray
from exports.disclosure.relations.equations import Equations

# An inequality is far from binding when each of its numbers could change by this many times its
# full width.
FAR = 3.0


@dataclass(frozen=True)
class Remainders:
    """What wholes have beyond their parts, as unknowns: constants until nothing else protects.

    Attributes:
        columns: the unknowns.
        lowest, highest: how far each could fall and rise if it were not a constant.
    """

    columns: IndexArray
    lowest: FloatArray
    highest: FloatArray


@dataclass(frozen=True)
class Reduced:
    """Equations after reduction.

    Attributes:
        unknown_of: by column of the equations, its unknown.
        relations: relations x unknowns, with the remainders as the last unknowns.
        remainders: the remainders that are not 0.
    """

    unknown_of: IndexArray
    relations: sparse.csr_matrix
    remainders: Remainders


def reduce_equations(equations: Equations, one: IndexArray, other: IndexArray) -> Reduced:
    """Make one unknown of numbers that must change alike, and keep every relation once.

    Args:
        equations: the numbers and relations.
        one: columns that are the same number as
        other: these columns, pair by pair.
    """
    matrix = equations.matrix()
    columns = matrix.shape[1]
    remainder = equations.remainders()
    is_exact = np.abs(remainder) <= EQUAL_WITHIN
    links = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(columns, columns))
    count, unknown_of = connected_components(links, directed=False)
    while True:
        merged = matrix @ sparse.csr_matrix(
            (np.ones(columns), (np.arange(columns), unknown_of)), shape=(columns, count)
        )
        merged.data[np.abs(merged.data) < EQUAL_WITHIN] = 0
        merged.eliminate_zeros()
        merged.sort_indices()
        terms = np.diff(merged.indptr)
        # A relation of two terms with opposite coefficients: both change alike.
        pairs = np.flatnonzero((terms == 2) & is_exact)
        starts = merged.indptr[pairs]
        alike = np.abs(merged.data[starts] + merged.data[starts + 1]) < EQUAL_WITHIN
        if not alike.any():
            break
        starts = starts[alike]
        links = sparse.coo_matrix(
            (np.ones(len(starts)), (merged.indices[starts], merged.indices[starts + 1])),
            shape=(count, count),
        )
        count, of_unknown = connected_components(links, directed=False)
        unknown_of = of_unknown[unknown_of]
    kept = np.flatnonzero(terms > 0)
    merged, remainder = merged[kept], remainder[kept]
    firsts = _distinct_relations(merged, is_exact[kept])
    merged, remainder = merged[firsts], remainder[firsts]
    inexact = np.flatnonzero(np.abs(remainder) > EQUAL_WITHIN)
    extra = sparse.csr_matrix(
        (-np.ones(len(inexact)), (inexact, np.arange(len(inexact)))),
        shape=(merged.shape[0], len(inexact)),
    )
    remainders = Remainders(
        columns=count + np.arange(len(inexact)),
        lowest=np.where(remainder[inexact] > 0, -remainder[inexact], -np.inf),
        highest=np.where(remainder[inexact] > 0, np.inf, -remainder[inexact]),
    )
    return Reduced(
        unknown_of.astype(np.int64), sparse.hstack([merged, extra], format="csr"), remainders
    )


def _distinct_relations(relations: sparse.csr_matrix, is_exact: BoolArray) -> IndexArray:
    """Return the first of all relations that are the same, in order.

    Two relations are the same when they give the same sums over a fixed set of random numbers.
    """
    draws = np.random.default_rng(0).random((relations.shape[1], 2))
    scaled = sparse.diags(1 / relations.data[relations.indptr[:-1]]) @ relations
    fingerprints = np.column_stack([np.round(scaled @ draws, 9), is_exact])
    _, firsts = np.unique(fingerprints, axis=0, return_index=True)
    firsts.sort()
    return np.asarray(firsts)


def limit_far_differences(
    relations: sparse.csr_matrix,
    is_difference: BoolArray,
    numbers: FloatArray,
    full_width: FloatArray,
    lowest: FloatArray,
    highest: FloatArray,
) -> sparse.csr_matrix:
    """Replace inequalities that are far from binding by limits of each of their numbers.

    Two thousand minutes are more than three people, however much either changes: where the
    difference is large, it is divided among the numbers, none of which may use up more than its
    share. The attacker's numbers may then change less than they really could, never more, and the
    inequality no longer links them.

    Args:
        relations: relations x unknowns.
        is_difference: by unknown, is it a difference that is not sensitive itself?
        numbers: by unknown, the number.
        full_width: by unknown, how wide its interval would have to be if it were sensitive.
        lowest: by unknown, how far it may fall; narrowed in place.
        highest: by unknown, how far it may rise; narrowed in place.

    Returns:
        The other relations.
    """
    matrix = relations.tocsr()
    of_entry = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    difference_entries = is_difference[matrix.indices]
    differences_in = np.bincount(of_entry[difference_entries], minlength=matrix.shape[0])
    uses = np.bincount(matrix.indices, minlength=matrix.shape[1])
    candidates = np.flatnonzero(differences_in == 1)
    difference_of = np.full(matrix.shape[0], -1)
    difference_of[of_entry[difference_entries]] = matrix.indices[difference_entries]
    candidates = candidates[uses[difference_of[candidates]] == 1]
    is_candidate = np.zeros(matrix.shape[0], dtype=bool)
    is_candidate[candidates] = True
    terms = np.diff(matrix.indptr) - 1
    coefficient = np.zeros(matrix.shape[0])
    coefficient[of_entry[difference_entries]] = matrix.data[difference_entries]
    entries = np.flatnonzero(is_candidate[of_entry] & ~difference_entries)
    relation, column = of_entry[entries], matrix.indices[entries]
    # difference = sum of effect * change; it must not fall by more than its number.
    effect = -matrix.data[entries] / coefficient[relation]
    available = np.maximum(numbers[difference_of[relation]], 0)
    share = available / (terms[relation] * np.abs(effect))
    is_far = np.ones(matrix.shape[0], dtype=bool)
    np.logical_and.at(is_far, relation, share >= FAR * full_width[column])
    chosen = is_far[relation]
    rises, falls = chosen & (effect < 0), chosen & (effect > 0)
    np.minimum.at(highest, column[rises], share[rises])
    np.maximum.at(lowest, column[falls], -share[falls])
    return matrix[np.flatnonzero(~(is_far & is_candidate))]
