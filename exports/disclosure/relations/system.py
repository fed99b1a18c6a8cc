"""The system of a year: unknowns, relations between them, and what each of them needs.

It is put together here from the other modules of the package. This module does not know how rows
to withhold are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
from scipy import sparse

from exports.disclosure.arrays import (
    EQUAL_WITHIN,
    BoolArray,
    FloatArray,
    IndexArray,
    fetch_columns,
)
from exports.disclosure.protection import Protection
from exports.disclosure.relations import families, row_relations
from exports.disclosure.relations.cells import CELLS, make_cells
from exports.disclosure.relations.equations import Equations
from exports.disclosure.relations.parts import make_parts
from exports.disclosure.relations.reduction import (
    Remainders,
    limit_far_differences,
    reduce_equations,
)
from exports.disclosure.relations.sensitivity import known_to_be, needed_widths, shown_cells
from exports.disclosure.relations.weights import weighted_rows


@dataclass(frozen=True)
class System:
    """Unknowns, relations between them, and what each of them needs.

    The unknowns are cells, those that must change alike counted as one, and *differences*: what
    one number has beyond another. A difference is shown by no row.

    Attributes:
        shows: rows x unknowns; 1 where the row shows the unknown.
        relations: relations x unknowns; the changes of the unknowns, multiplied, sum to 0.
        lowest: by unknown, how far it can fall (at most 0; without end where it may be negative).
        highest: by unknown, how far it can rise (infinity, or 0 for a constant).
        needed: by unknown, how wide its interval must be; 0 where it is not sensitive.
        needed_now: the same without what is needed only to protect earlier publications.
        full_width: by unknown, how wide its interval would have to be if it were sensitive.
        can_be_hidden: by row.
        is_primary: by row.
        is_current: by row; the others were published, or withheld, earlier.
        weight: by row, what withholding it costs.
        remainders: the unknowns that are constants until nothing else protects a number.
        count_of: by row, the unknown that is its numerator; -1 where that is no secret.
        public: sensitive unknowns that a row which is always published shows.
    """

    shows: sparse.csr_matrix
    relations: sparse.csr_matrix
    lowest: FloatArray
    highest: FloatArray
    needed: FloatArray
    needed_now: FloatArray
    full_width: FloatArray
    can_be_hidden: BoolArray
    is_primary: BoolArray
    is_current: BoolArray
    weight: FloatArray
    remainders: Remainders
    count_of: IndexArray
    public: int


def build_system(
    connection: duckdb.DuckDBPyConnection, schema: str, protection: Protection
) -> System:
    """Make the system of one year; there is no relation between years.

    Args:
        connection: holds the temp table ``disclosure_year``, the rows of the year in all
            publications, numbered from 0; takes others (``disclosure_…``).
        schema: the schema ``indicators``, which says in which welfare area an area lies.
        protection: how wide the interval of a withheld number must be.
    """
    make_cells(connection, schema)
    make_parts(connection, schema)
    families.make_families(connection)
    row_relations.make_differences(connection, schema)
    equations, first_difference = _equations(connection, schema)
    one, other = _same_numbers(connection, schema)
    reduced = reduce_equations(equations, one, other)
    numbers, unknown_of = equations.numbers(), reduced.unknown_of
    count = reduced.relations.shape[1]
    least = np.zeros(len(numbers))
    least[:first_difference] = known_to_be(connection, first_difference)
    lowest, highest = _limits(equations, least, unknown_of, reduced.remainders, count)

    shown = shown_cells(connection)
    widths = needed_widths(
        connection, shown, numbers, first_difference, unknown_of, count, protection
    )
    rows = weighted_rows(connection, "disclosure_year", protection)
    is_current = rows["publication"] == 0
    # What was withheld earlier shows nothing, whatever is published now.
    is_shown = ~shown["was_withheld"].astype(bool)
    shows = sparse.csr_matrix(
        (
            np.ones(int(is_shown.sum())),
            (shown["row_id"][is_shown], unknown_of[shown["cell"][is_shown]]),
        ),
        shape=(len(rows["weight"]), count),
    )
    shows.data[:] = 1
    can_be_hidden = rows["can_be_hidden"].astype(bool)
    is_always_shown = np.asarray(shows[~can_be_hidden].sum(axis=0)).ravel() > 0
    public = int(np.count_nonzero(is_always_shown & (widths.needed_now > 0)))
    widths.needed[is_always_shown] = 0
    widths.needed_now[is_always_shown] = 0

    is_count = shown["is_count"].astype(bool)
    count_of = np.full(len(rows["weight"]), -1)
    count_of[shown["row_id"][is_count]] = unknown_of[shown["cell"][is_count]]
    is_no_secret = is_always_shown.copy()
    is_no_secret[unknown_of[np.abs(numbers) <= EQUAL_WITHIN]] = True
    counts = np.flatnonzero(count_of >= 0)
    count_of[counts[is_no_secret[count_of[counts]]]] = -1

    is_difference = np.zeros(count, dtype=bool)
    is_difference[unknown_of[first_difference:]] = True
    # Of numbers that are one unknown, the least is the first to reach 0.
    least_numbers = np.full(count, np.inf)
    np.minimum.at(least_numbers, unknown_of, numbers)
    relations = limit_far_differences(
        reduced.relations,
        is_difference & (widths.needed == 0),
        least_numbers,
        widths.full,
        lowest,
        highest,
    )
    return System(
        shows=shows,
        relations=relations,
        lowest=lowest,
        highest=highest,
        needed=widths.needed,
        needed_now=widths.needed_now,
        full_width=widths.full,
        can_be_hidden=can_be_hidden,
        is_primary=rows["is_primary"].astype(bool),
        is_current=is_current,
        weight=np.where(is_current, rows["weight"].astype(float), 0.0),
        remainders=reduced.remainders,
        count_of=count_of,
        public=public,
    )


def _equations(connection: duckdb.DuckDBPyConnection, schema: str) -> tuple[Equations, int]:
    """Return the equations of the year, and the column of the first difference."""
    cells = fetch_columns(connection, CELLS)
    equations = Equations(cells["number"], cells["is_signed"])
    sums = fetch_columns(connection, families.SUMS)
    equations.add_sums(sums["relation"], sums["whole"], sums["part"], 1.0, sums["remainder"])
    shares = fetch_columns(connection, row_relations.SUMS_TO_DENOMINATOR)
    equations.add_sums(
        shares["relation"], shares["whole"], shares["part"], shares["scale"], shares["remainder"]
    )
    differences = fetch_columns(connection, row_relations.DIFFERENCES)
    equations.add_differences(
        differences["whole"], differences["part"], differences["scale"], differences["number"]
    )
    overlaps = fetch_columns(connection, families.OVERLAPS)
    equations.add_differences(overlaps["whole"], overlaps["part"], 1.0, overlaps["number"])
    at_most = fetch_columns(connection, families.AT_MOST_ALL)
    added = equations.add_sums(at_most["relation"], at_most["whole"], at_most["part"], 1.0, 0.0)
    _, firsts = np.unique(at_most["relation"], return_index=True)
    excess = equations.add_numbers(-at_most["remainder"][firsts])
    equations.add_terms(added, excess, np.ones(len(added)))
    bounds = fetch_columns(connection, row_relations.BOUNDS.format(schema=schema))
    equations.add_bounds(bounds["relation"], bounds["cell"], bounds["factor"], bounds["slack"])
    return equations, len(cells["number"])


def _same_numbers(
    connection: duckdb.DuckDBPyConnection, schema: str
) -> tuple[IndexArray, IndexArray]:
    """Return the columns that are the same number as others, pair by pair."""
    same = fetch_columns(connection, families.SAME_MEASURES.format(schema=schema))
    states = fetch_columns(connection, families.STATES)
    return (
        np.concatenate([same["one_cell"], states["whole"]]),
        np.concatenate([same["other_cell"], states["last_part"]]),
    )


def _limits(
    equations: Equations,
    least: FloatArray,
    unknown_of: IndexArray,
    remainders: Remainders,
    count: int,
) -> tuple[FloatArray, FloatArray]:
    """Return how far each unknown can fall and rise.

    ``least`` is by column what anybody knows the number to be at least, if it cannot be negative.
    """
    lowest, highest = np.full(count, -np.inf), np.full(count, np.inf)
    falls = np.where(equations.is_signed(), -np.inf, -np.maximum(equations.numbers() - least, 0))
    # Of numbers that are one unknown, the first to reach its limit stops them all.
    np.maximum.at(lowest, unknown_of, falls)
    lowest[remainders.columns] = 0
    highest[remainders.columns] = 0
    return lowest, highest
