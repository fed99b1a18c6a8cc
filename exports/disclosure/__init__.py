"""Disclosure control: what may be published, so that no withheld number can be calculated.

Primary suppression (:mod:`~exports.disclosure.primary`) finds the values about few people;
complementary suppression (:mod:`~exports.disclosure.complementary`) withholds the values that those
could be calculated from, at the least cost, over everything that is published together and was
published before (:mod:`~exports.disclosure.relations`). Every proof of protection is checked at the
end (:mod:`~exports.disclosure.attack`); where one does not hold, all about people of that year is
withheld. Data never make it fail.

This package reads the schema ``indicators`` and files that were published. It must not know what is
written from the published values, nor the home folder.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from common.indicator_key import KEY
from common.progress import Progress
from exports.disclosure import primary, prior_publications, relations
from exports.disclosure.arrays import FloatArray, IndexArray
from exports.disclosure.attack import change_limits, unknown_when_hidden
from exports.disclosure.complementary import choose_rows
from exports.disclosure.primary import NUMBERS
from exports.disclosure.prior_publications import save_withheld
from exports.disclosure.protection import Protection

__all__ = [
    "DisclosureResult",
    "Protection",
    "control",
    "save_withheld",
]


@dataclass(frozen=True, slots=True)
class DisclosureResult:
    """What disclosure control did.

    Attributes:
        cells: rows of values, published or not.
        primary: rows withheld because they are about few people.
        complementary: rows withheld because a primary number could be calculated from them.
        published: rows with their numbers.
        information_kept: of the weight of all rows (what withholding them would cost), the share
            that is published; 1 for no rows.
        loss: the weight of the rows withheld in the years that were solved, and ``least_loss`` the
            least that any choice of rows could lose there: a proven lower bound.
        sensitive: numbers that an interval was proved for.
        narrowest: the narrowest of these intervals as a multiple of the width it must have, 1 or
            more; None where there are none. Intervals are only proved as wide as needed.
        earlier: rows of earlier publications that were taken into account.
        given_away: numbers that earlier publications withheld and together reveal; withholding
            more now does not change that.
        known_anyway: of the values withheld now, those with a number that follows from what is
            always published or was published before: indicator, area, period.
        not_proved: years of which all about people is withheld, since a proof did not hold.
        public: numbers about few people that a row about no people shows, and which are therefore
            no secret.
        assumptions_relaxed: wholes whose remainder was treated as unknown to the attacker, since a
            number could not be protected otherwise.
        exact_components, large_components: groups of linked numbers solved to the optimum, and
            those for which the heuristic was needed; groups that need nothing are not counted.
        years_taken_over: years published as they were, which were proved then; ``sensitive``,
            ``narrowest``, ``given_away``, ``public``, ``assumptions_relaxed`` and the components
            count the other years only.
        threshold, homogeneous, width, share: the protection that was configured.
        seconds: how long it took.
    """

    cells: int
    primary: int
    complementary: int
    published: int
    information_kept: float
    loss: float
    least_loss: float
    sensitive: int
    narrowest: float | None
    earlier: int
    given_away: int
    known_anyway: tuple[str, ...]
    not_proved: tuple[int, ...]
    public: int
    assumptions_relaxed: int
    exact_components: int
    large_components: int
    years_taken_over: tuple[int, ...]
    threshold: int
    homogeneous: int
    width: float
    share: float
    seconds: float

    @property
    def above_least(self) -> float | None:
        """By which share the loss is at most above the least possible; None for no loss."""
        return max(0.0, self.loss / self.least_loss - 1) if self.least_loss else None


def control(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    *,
    protection: Protection,
    years: Sequence[int] | None,
    earlier: Sequence[Path] = (),
    take_over: bool = False,
    progress: Progress | None = None,
) -> DisclosureResult:
    """Decide for every value whether it is published.

    Makes temp tables: ``disclosed``, the columns of ``indicator_values`` and ``status``
    (``published``, or ``suppressed`` without any of the numbers), in the order of the key; and
    ``disclosure_reason``, the keys of the suppressed rows with the reason (``primary``,
    ``complementary``), which is for the officer responsible and never published. The same input
    gives the same tables. Years are solved one by one, the later ones knowing what is published of
    the earlier ones.

    Args:
        connection: reads the warehouse and takes the temp tables.
        schema: the schema ``indicators`` as the connection knows it, with its database if need be.
        protection: how well withheld numbers are protected.
        years: the years to publish, with their months; None for all.
        earlier: Parquet files that were published earlier, with the columns of ``disclosed``.
        take_over: publish a year as it was published, without solving it again, where neither its
            numbers nor anything that decides about them has changed since. That reveals nothing
            new.
        progress: called for every year: how many are done, of how many, and which one is next.

    Returns:
        What was withheld, and how well it is protected.

    Raises:
        duckdb.Error: the warehouse has no indicators, or an earlier file is not one.
    """
    began = time.perf_counter()
    primary.find_primary(
        connection,
        schema,
        threshold=protection.threshold,
        homogeneous=protection.homogeneous,
        years=years,
    )
    earlier_rows = sum(
        prior_publications.add_publication(connection, schema, file, number)
        for number, file in enumerate(earlier, 1)
    )
    prior_publications.record_method(connection, schema, protection)
    unchanged = prior_publications.unchanged_years(connection, earlier) if take_over else {}
    weight = relations.row_weights(connection, protection)
    cells = _count(connection, "publication = 0")
    primary_rows = _count(connection, "publication = 0 AND is_primary")
    hidden = np.zeros(cells, dtype=bool)
    solved: list[_Year] = []
    taken_over: list[str] = []
    of_year = prior_publications.years(connection)
    for number, year in enumerate(of_year):
        if progress:
            progress(number, len(of_year), year)
        # What a year shows of the year before was decided knowing that year: a year is taken over
        # only with all before it.
        if year in unchanged and not solved:
            taken_over.append(year)
            rows = prior_publications.withheld_in(connection, year, unchanged[year])
        else:
            solved.append(_solve(connection, schema, protection, year))
            rows = solved[-1].hidden
        hidden[rows] = True
        prior_publications.record_withheld(connection, rows)
    _write_tables(connection, weight[:cells], np.flatnonzero(hidden))
    prior_publications.compare_statuses(connection)
    total = float(weight[:cells].sum())
    withheld = int(np.count_nonzero(hidden))
    if progress:
        progress(len(of_year), len(of_year), "")
    return DisclosureResult(
        cells=cells,
        primary=primary_rows,
        complementary=withheld - primary_rows,
        published=cells - withheld,
        information_kept=1 - float(weight[:cells][hidden].sum()) / total if total else 1.0,
        loss=sum(one.loss for one in solved),
        least_loss=sum(one.least_loss for one in solved),
        sensitive=sum(one.sensitive for one in solved),
        narrowest=min([one.narrowest for one in solved if one.narrowest], default=None),
        earlier=earlier_rows,
        given_away=sum(one.given_away for one in solved),
        known_anyway=_names(
            connection, np.concatenate([np.zeros(0, np.int64), *(one.known for one in solved)])
        ),
        not_proved=tuple(int(one.year) for one in solved if not one.is_proved),
        public=sum(one.public for one in solved),
        assumptions_relaxed=sum(one.relaxed for one in solved),
        exact_components=sum(one.exact for one in solved),
        large_components=sum(one.together for one in solved),
        years_taken_over=tuple(int(year) for year in taken_over),
        threshold=protection.threshold,
        homogeneous=protection.homogeneous,
        width=protection.least_width,
        share=protection.share,
        seconds=time.perf_counter() - began,
    )


@dataclass(frozen=True, slots=True)
class _Year:
    """One year, solved: the rows to withhold and those of ``known_anyway``, and counts."""

    year: str
    hidden: IndexArray
    known: IndexArray
    is_proved: bool
    loss: float
    least_loss: float
    sensitive: int
    narrowest: float | None
    given_away: int
    public: int
    relaxed: int
    exact: int
    together: int


def _solve(
    connection: duckdb.DuckDBPyConnection, schema: str, protection: Protection, year: str
) -> _Year:
    """Choose the rows of a year to withhold, and prove that they protect it."""
    rows = prior_publications.make_year(connection, schema, year)
    system = relations.build_system(connection, schema, protection)
    asked_before = system.needed > 0
    pattern = choose_rows(
        system,
        prior_publications.withheld_before(connection, len(rows)),
        exact_rows=protection.exact_rows,
        least_width=protection.least_width,
    )
    unknown = unknown_when_hidden(system, pattern.hidden, pattern.known)
    width = pattern.feasible.verified_widths(
        system, unknown, *change_limits(system, pattern.relaxed)
    )
    is_sensitive = system.needed > 0
    reached = width[is_sensitive] / system.needed[is_sensitive]
    is_proved = not np.any(reached < 1 - 1e-4)
    withheld = pattern.hidden if is_proved else system.can_be_hidden
    is_known = pattern.given_up & (system.needed_now > 0)
    shows_known = system.shows @ is_known.astype(float) > 0
    return _Year(
        year=year,
        hidden=rows[withheld & system.is_current],
        known=rows[shows_known & withheld & system.is_current],
        is_proved=is_proved,
        loss=float(system.weight[withheld].sum()),
        least_loss=pattern.least,
        sensitive=int(np.count_nonzero(is_sensitive)) if is_proved else 0,
        narrowest=max(1.0, float(reached.min())) if reached.size and is_proved else None,
        given_away=int(np.count_nonzero(pattern.given_up & asked_before & ~is_known)),
        public=system.public,
        relaxed=int(np.count_nonzero(pattern.relaxed)),
        exact=pattern.exact,
        together=pattern.together,
    )


def _names(connection: duckdb.DuckDBPyConnection, rows: IndexArray) -> tuple[str, ...]:
    """Name the values of these rows of ``disclosure_row``: indicator, area, period."""
    return tuple(
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT indicator || ', ' || area || ', ' || period AS name "
            "FROM disclosure_row WHERE row_id IN (SELECT unnest($rows)) ORDER BY name",
            {"rows": rows.tolist()},
        ).fetchall()
    )


def _count(connection: duckdb.DuckDBPyConnection, which: str) -> int:
    """Count the rows of ``disclosure_row`` for which this holds."""
    row = connection.execute(f"SELECT count(*) FROM disclosure_row WHERE {which}").fetchone()
    return int(row[0]) if row else 0


def _write_tables(
    connection: duckdb.DuckDBPyConnection, weight: FloatArray, hidden: IndexArray
) -> None:
    """Make ``disclosed`` and ``disclosure_reason`` from the rows to withhold.

    ``disclosure_weighed`` is for the report: every row with its weight and the reason, if any.
    """
    key = ", ".join(KEY)
    numbers = ", ".join(f"CASE WHEN reason IS NULL THEN {name} END AS {name}" for name in NUMBERS)
    is_hidden = np.zeros(len(weight), dtype=bool)
    is_hidden[hidden] = True
    connection.register(
        "decided_rows",
        pa.table(
            {
                "row_id": pa.array(np.arange(len(weight)), pa.int32()),
                "is_hidden": pa.array(is_hidden),
                "weight": pa.array(weight),
            }
        ),
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE disclosure_weighed AS
        SELECT
            given.row_id, {key}, {", ".join(NUMBERS)}, decided.weight,
            CASE
                WHEN decided.is_hidden AND given.is_primary THEN 'primary'
                WHEN decided.is_hidden THEN 'complementary'
            END AS reason
        FROM disclosure_row AS given
        INNER JOIN decided_rows AS decided ON given.row_id = decided.row_id
        WHERE given.publication = 0
        ORDER BY given.row_id
        """
    )
    connection.unregister("decided_rows")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE disclosed AS
        SELECT
            {key}, {numbers}, if(reason IS NULL, 'published', 'suppressed') AS status
        FROM disclosure_weighed
        ORDER BY row_id
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE disclosure_reason AS
        SELECT {key}, reason FROM disclosure_weighed WHERE reason IS NOT NULL ORDER BY row_id
        """
    )
