"""An attacker who has only what was published.

The attacker reads the files of a publication, the catalogue of indicators and the list of areas,
all of which are public. The numbers that a withheld row could have are unknowns of a linear program,
one for each number (a measure in an area, a period and a part), with everything that anybody knows
about such numbers: a welfare area is the sum of its organisations, a whole the sum of its parts, a
year that of its months, what the definitions say (`tests.support.attacker_facts`), none is negative,
and what is withheld is at least 1, since a count of 0 would have been published. The attacker is given the truth about which families sum
exactly, and which numbers are the same in two publications. The result is how small and how large
each number can be.

This module must not use the room ``exports``, which it tests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exports.publication_plan import publication_plan
from tests.support import attacker_facts

SAME = 1e-6

# feed, publication, measure, area_type, area, period_type, period, breakdown, breakdown_value
Cell = tuple[str, ...]


@dataclass
class Relation:
    """A sum of unknowns, each times a number, that is at least (equality: and at most) a number."""

    terms: Mapping[Cell, float]
    least: float
    is_equality: bool


@dataclass
class Knowledge:
    """What the attacker knows.

    Attributes:
        known: the numbers that a published row shows.
        unknown: those that rows only withhold.
        relations: between the unknown ones.
        at_least_one: those that cannot be 0, since a row about them exists.
        alike: numbers that are one by two names, of the same people: a whole all of whose parts
            but one are 0, and that part.
    """

    known: dict[Cell, float] = field(default_factory=dict)
    unknown: set[Cell] = field(default_factory=set)
    relations: list[Relation] = field(default_factory=list)
    at_least_one: set[Cell] = field(default_factory=set)
    alike: list[tuple[Cell, Cell]] = field(default_factory=list)

    def shown(self) -> set[Cell]:
        """Return the numbers that a published row shows, under any of their names, of any publication."""
        shown = {cell[1:] for cell in self.known if self.known[cell]}
        links = [(one[1:], other[1:]) for one, other in self.alike]
        while True:
            more = {b for a, b in links if a in shown} | {a for a, b in links if b in shown}
            if more <= shown:
                return shown | {cell[1:] for cell in self.known}
            shown |= more


def read(files: Sequence[Path], houses: Sequence[Path]) -> Knowledge:
    """Read publications, the last one last, with the public catalogue and list of areas.

    Args:
        files: what was published.
        houses: the warehouses that they were made from. Their numbers say which families sum and
            which numbers stayed the same, so that the attacker assumes all that is true and nothing
            that is not.
    """
    truth: dict[Cell, float] = {}
    for number, house in enumerate(houses):
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{house}' AS house (READ_ONLY)")
            entries = {
                row["indicator"]: row
                for row in _dicts(connection, "FROM house.indicators.indicator_catalogue")
            }
            planned = publication_plan().values("given")
            for row in _dicts(
                connection, f"FROM house.indicators.indicator_values AS given WHERE {planned}"
            ):
                whole_row: dict[Cell, float | None] = {}
                list(
                    _read_row(
                        {**row, "status": "published"}, entries[row["indicator"]], number, whole_row
                    )
                )
                truth.update({cell: value or 0.0 for cell, value in whole_row.items()})
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{houses[-1]}' AS house (READ_ONLY)")
        catalogue = {
            row["indicator"]: row
            for row in _dicts(connection, "FROM house.indicators.indicator_catalogue")
        }
        welfare_area = {
            (row["area_type"], row["area"]): row["welfare_area"]
            for row in _dicts(connection, "FROM house.indicators.indicator_area")
        }
        publications = [_dicts(connection, f"FROM read_parquet('{file}')") for file in files]
    knowledge = Knowledge()
    groups: list[_Group] = []
    for number, rows in enumerate(publications):
        shown: dict[Cell, float | None] = {}
        own_groups = []
        for row in rows:
            entry = catalogue.get(row["indicator"])
            own_groups += _read_row(row, entry, number, shown)
            if entry is not None:
                knowledge.at_least_one |= {
                    cell for cell in _not_zero(row, entry, number) if truth[cell] >= 1
                }
        for cell, value in shown.items():
            if value is None:
                knowledge.unknown.add(cell)
            else:
                knowledge.known[cell] = value
            newest = (cell[0], str(len(files) - 1), *cell[2:])
            if newest != cell and abs(truth.get(newest, np.inf) - truth[cell]) <= SAME:
                groups.append(_Group(("publications", str(number)), cell, {newest: 1.0}))
        groups += own_groups + list(_sums(shown, welfare_area))
        groups += list(_same_measure_of_two_feeds(shown))
        groups += list(_by_definition(shown))
    _learn(knowledge, groups, truth)
    return knowledge


def cells_of(
    row: Mapping[str, object], entry: Mapping[str, object], publication: int
) -> dict[str, Cell]:
    """Return the cells of the numbers of a row: numerator, denominator, persons, events."""
    place = tuple(str(row[name]) for name in ("area_type", "area", "period_type", "period"))
    part = (str(row["breakdown"]), str(row["breakdown_value"]))
    whole = ("none", "all") if entry["breakdown_rule"] == "only" else part
    start = (str(entry["base_feed"]), str(publication))
    named = {"numerator": (*start, str(entry["numerator_measure"]), *place, *part)}
    if entry["denominator_measure"] not in (None, "population"):
        named["denominator"] = (*start, str(entry["denominator_measure"]), *place, *whole)
    if entry["persons_measure"] is not None:
        named["persons"] = (*start, f"{entry['persons_measure']}_people", *place, *whole)
    named["events"] = (*start, str(entry["events_measure"]), *place, *whole)
    return named


def _not_zero(
    row: Mapping[str, object], entry: Mapping[str, object], publication: int
) -> Iterable[Cell]:
    """Yield the cells of a row that are not 0, or there would be no row or it would be published."""
    named = cells_of(row, entry, publication)
    is_count = entry["denominator_measure"] is None
    for role, cell in named.items():
        if role in ("denominator", "persons") or (
            role == "numerator" and (is_count or entry["breakdown_rule"] == "only")
        ):
            yield cell


@dataclass
class _Group:
    """A whole and its parts, and the family that it is one of."""

    family: tuple[str, ...]
    whole: Cell
    parts: dict[Cell, float]
    # Sums by what a share is, whatever the numbers of the family say.
    is_at_most: bool = False


def _read_row(
    row: Mapping[str, object],
    entry: Mapping[str, object] | None,
    publication: int,
    shown: dict[Cell, float | None],
) -> Iterable[_Group]:
    """Add the numbers of one row; yield that the part of a share is at most its whole."""
    if entry is None:
        return
    scale = float(entry["multiplier"]) / float(entry["divisor"])  # type: ignore[arg-type]
    named = cells_of(row, entry, publication)
    for role, cell in named.items():
        if row["status"] == "published":
            value = float(row[role] or 0) / (scale if role == "numerator" else 1)  # type: ignore[arg-type]
            shown[cell] = round(value, 6)
        else:
            shown.setdefault(cell, None)
    if "persons" in named:
        counted = "numerator" if "denominator" not in named else "denominator"
        for role in (counted, "events"):
            family = ("people", role, str(entry["indicator"]))
            yield _Group(family, named[role], {named["persons"]: 1.0}, is_at_most=True)
    if entry["kind"] == "share" and "denominator" in named:
        yield _Group(("share",), named["denominator"], {named["numerator"]: scale}, is_at_most=True)


def _sums(
    shown: Mapping[Cell, float | None], welfare_area: Mapping[tuple[str, str], str | None]
) -> Iterable[_Group]:
    """Find every whole that has parts, over areas, periods and breakdowns."""
    parts: dict[tuple[tuple[str, ...], Cell], dict[Cell, float]] = defaultdict(dict)
    for cell in shown:
        feed, publication, measure, area_type, area, period_type, period, breakdown, value = cell

        def add(
            what: str,
            *,
            area_type: str = area_type,
            area: str = area,
            period_type: str = period_type,
            period: str = period,
            breakdown: str = breakdown,
            value: str = value,
            cell: Cell = cell,
        ) -> None:
            whole = (*cell[:3], area_type, area, period_type, period, breakdown, value)
            if whole in shown:
                family = (what, feed, publication, measure, cell[7])  # noqa: B023
                parts[family, whole][cell] = 1.0

        if area_type != "country":
            add(f"country of {area_type}", area_type="country", area="FI")
            inside = welfare_area.get((area_type, area))
            if area_type != "welfare_area" and inside is not None:
                add(f"welfare_area of {area_type}", area_type="welfare_area", area=inside)
        if period_type == "month":
            add("months", period_type="year", period=period[:4])
        if breakdown != "none":
            add("undivided", breakdown="none", value="all")
        if ":" in value:
            first, second = value.split(":", 1)
            for name, other in {(b[7], b[8]) for b in _halves(cell)}:
                if breakdown.startswith(f"{name}_") and other == first:
                    add(f"margin {name}", breakdown=name, value=first)
                elif breakdown.endswith(f"_{name}") and other == second:
                    add(f"margin {name}", breakdown=name, value=second)
    for (family, whole), of_whole in parts.items():
        yield _Group(family, whole, of_whole)


def _halves(cell: Cell) -> Iterable[Cell]:
    """Yield what the halves of a cross-classified part ('instrument_wave', 'kykyviisari:1') may be."""
    words = cell[7].split("_")
    first, second = cell[8].split(":", 1)
    for cut in range(1, len(words)):
        yield (*cell[:7], "_".join(words[:cut]), first)
        yield (*cell[:7], "_".join(words[cut:]), second)


def _same_measure_of_two_feeds(shown: Mapping[Cell, float | None]) -> Iterable[_Group]:
    """Yield the same measure of two feeds as a whole with one part, in case the two are the same."""
    alike: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in shown:
        alike[cell[1:]].append(cell)
    for cells in alike.values():
        for other in sorted(cells)[1:]:
            one = min(cells)
            yield _Group(("feeds", one[0], other[0], one[2]), one, {other: 1.0})


def _by_definition(shown: Mapping[Cell, float | None]) -> Iterable[_Group]:
    """Yield what the definitions of the measures say of them."""
    parts: dict[tuple[str, ...], dict[Cell, float]] = defaultdict(dict)
    feeds: dict[str, set[str]] = defaultdict(set)
    for cell in shown:
        parts[cell[:8]][cell] = 1.0
        feeds[cell[2]].add(cell[0])
    for cell in shown:
        feed, publication, measure, *place, breakdown, value = cell
        holds = place[0] != "municipality" or measure not in attacker_facts.NOT_IN_MUNICIPALITIES
        if holds and measure in attacker_facts.PARTS and breakdown == "none":
            base, divided_by, codes = attacker_facts.PARTS[measure]
            of_base = parts.get((feed, publication, base, *place, divided_by), {})
            wanted = {part: 1.0 for part in of_base if part[8] in codes}
            if wanted:
                yield _Group(("definition", feed, measure), cell, wanted)
        if measure in attacker_facts.OF_YEAR_BEFORE and place[2] == "year":
            before = f"{int(place[3]) - 1:04d}"
            base = attacker_facts.OF_YEAR_BEFORE[measure]
            part = (feed, publication, base, *place[:3], before, breakdown, value)
            if part in shown:
                yield _Group(("year before", measure, place[3]), cell, {part: 1.0})
        for one, other in attacker_facts.SAME:
            if holds and measure == one:
                for other_feed in sorted(feeds[other]):
                    same = (other_feed, publication, other, *cell[3:])
                    if same in shown:
                        # By area: not everybody covers both feeds.
                        family = ("same", one, other, feed, other_feed, *place[:2])
                        yield _Group(family, cell, {same: 1.0})
        for one, other in attacker_facts.AT_MOST:
            if measure == one:
                whole = (feed, publication, other, *place, breakdown, value)
                if whole in shown:
                    yield _Group(("at most", one, other), whole, {cell: 1.0}, is_at_most=True)


def _learn(knowledge: Knowledge, groups: list[_Group], truth: Mapping[Cell, float]) -> None:
    """Add the relations of every family that sums, or whose parts are at most the whole."""
    exact: dict[tuple[str, ...], bool] = defaultdict(lambda: True)
    at_most: dict[tuple[str, ...], bool] = defaultdict(lambda: True)
    last: dict[tuple[str, ...], bool] = defaultdict(lambda: True)
    for group in groups:
        whole = truth[group.whole]
        newest = max(group.parts, key=lambda cell: cell[6])
        total = sum(scale * truth[cell] for cell, scale in group.parts.items())
        last[group.family] &= group.family[0] == "months" and abs(truth[newest] - whole) <= SAME
        exact[group.family] &= not group.is_at_most and abs(total - whole) <= SAME
        at_most[group.family] &= total <= whole + SAME
    for group in groups:
        # Numbers that are in no publication give no relation.
        parts = {
            cell: scale
            for cell, scale in group.parts.items()
            if cell in knowledge.known or cell in knowledge.unknown
        }
        if group.whole not in knowledge.known and group.whole not in knowledge.unknown:
            continue
        if exact[group.family]:
            counting = [cell for cell in parts if truth[cell] != 0]
            if len(counting) == 1 and parts[counting[0]] == 1:
                knowledge.alike.append((group.whole, counting[0]))
            _relate(knowledge, group.whole, parts, is_equality=True)
        elif last[group.family]:
            newest = max(parts, key=lambda cell: cell[6])
            _relate(knowledge, group.whole, {newest: 1.0}, is_equality=True)
        elif at_most[group.family]:
            _relate(knowledge, group.whole, parts, is_equality=False)


def _relate(
    knowledge: Knowledge, whole: Cell, parts: Mapping[Cell, float], *, is_equality: bool
) -> None:
    """Add: the whole less its parts is at least (equality: exactly) 0."""
    terms: dict[Cell, float] = defaultdict(float)
    least = 0.0
    for cell, factor in ((whole, 1.0), *((cell, -scale) for cell, scale in parts.items())):
        if cell in knowledge.known:
            least -= factor * knowledge.known[cell]
        else:
            terms[cell] += factor
    terms = {cell: factor for cell, factor in terms.items() if factor}
    if terms:
        knowledge.relations.append(Relation(terms, least, is_equality))


@dataclass
class Interval:
    """The result of the attack: the least and the greatest that a number can be."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def bound(
    knowledge: Knowledge,
    wanted: Sequence[Mapping[Cell, float]],
    enough: Sequence[float],
    *,
    signed: frozenset[str] = frozenset(),
) -> list[Interval]:
    """Bound sums of numbers from everything that is known.

    Args:
        knowledge: what the attacker knows.
        wanted: what to bound: numbers, each times a factor.
        enough: how wide an interval must be to count as protected; the search ends there.
        signed: measures that may be negative.
    """
    cells = sorted(knowledge.unknown)
    index = {cell: number for number, cell in enumerate(cells)}
    rows, columns, factors, least, equal = [], [], [], [], []
    for relation in knowledge.relations:
        for cell, factor in relation.terms.items():
            rows.append(len(least))
            columns.append(index[cell])
            factors.append(factor)
        least.append(relation.least)
        equal.append(relation.is_equality)
    matrix = sparse.csr_matrix((factors, (rows, columns)), shape=(len(least), len(cells)))
    least_of, is_equal = np.array(least), np.array(equal, dtype=bool)
    lowest = np.array(
        [-np.inf if cell[2] in signed else float(cell in knowledge.at_least_one) for cell in cells]
    )

    targets = sparse.lil_matrix((len(wanted), len(cells)))
    fixed = np.zeros(len(wanted))
    for number, terms in enumerate(wanted):
        for cell, factor in terms.items():
            if cell in index:
                targets[number, index[cell]] += factor
            else:
                fixed[number] += factor * knowledge.known[cell]
    targets = targets.tocsr()
    # Cells of one target belong to one group, like cells that a relation links.
    links = sparse.vstack([matrix, targets])
    square = sparse.bmat([[None, links], [links.T, None]], format="csr")
    _, labels = connected_components(square, directed=False)
    of_relation, of_target = labels[: len(least)], labels[len(least) : links.shape[0]]
    of_cell = labels[links.shape[0] :]
    found = [Interval(0.0, 0.0) for _ in wanted]
    by_label: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(of_target):
        if targets[number].nnz:
            by_label[int(label)].append(number)
        else:
            found[number] = Interval(fixed[number], fixed[number])
    for label, numbers in by_label.items():
        here = np.flatnonzero(of_cell == label)
        relations = np.flatnonzero(of_relation == label)
        part = matrix[relations][:, here]
        _bound_group(
            part,
            least_of[relations],
            is_equal[relations],
            lowest[here],
            targets[numbers][:, here].toarray(),
            np.array([enough[number] for number in numbers]),
            [found[number] for number in numbers],
        )
        for number in numbers:
            found[number].low += fixed[number]
            found[number].high += fixed[number]
    return found


def _bound_group(
    matrix: sparse.csr_matrix,
    least: np.ndarray,
    is_equal: np.ndarray,
    lowest: np.ndarray,
    targets: np.ndarray,
    enough: np.ndarray,
    found: list[Interval],
) -> None:
    """Bound the targets of one group: all together first, then each that is still narrow."""
    # Larger than any number in question: keeps every program finite.
    far = 1e3 + 4 * float(np.abs(least).sum() + enough.max())
    limits = np.column_stack([np.where(np.isinf(lowest), -far, lowest), np.full(len(lowest), far)])

    solve = _Program(matrix, least, is_equal, limits).maximize
    low, high = np.full(len(found), np.inf), np.full(len(found), -np.inf)

    def learn(point: np.ndarray) -> None:
        values = targets @ point
        np.minimum(low, values, out=low)
        np.maximum(high, values, out=high)

    draws = np.random.default_rng(0)
    for turn in range(12 if len(found) > 6 else 0):
        narrow = high - low < enough
        if not narrow.any():
            break
        gains = (narrow * draws.uniform(0.1, 1, len(found))) @ targets
        learn(solve(gains if turn % 2 == 0 else -gains))
    for number in range(len(found)):
        for sign in (1.0, -1.0):
            if not high[number] - low[number] >= enough[number]:
                learn(solve(sign * targets[number]))
    for interval, one, other in zip(found, low, high, strict=True):
        interval.low, interval.high = float(one), float(other)


class _Program:
    """One linear program, maximized for many gains: each run starts from where the last ended."""

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        least: np.ndarray,
        is_equal: np.ndarray,
        limits: np.ndarray,
    ) -> None:
        by_column = sparse.csc_matrix(matrix)
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = by_column.shape
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = np.zeros(program.num_col_)
        program.col_lower_, program.col_upper_ = limits[:, 0], limits[:, 1]
        program.row_lower_ = least
        program.row_upper_ = np.where(is_equal, least, highspy.kHighsInf)
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = by_column.indptr
        program.a_matrix_.index_ = by_column.indices
        program.a_matrix_.value_ = by_column.data
        self._solver = highspy.Highs()
        self._solver.silent()
        self._solver.setOptionValue("threads", 1)
        self._solver.passModel(program)
        self._columns = np.arange(program.num_col_, dtype=np.int32)

    def maximize(self, gains: np.ndarray) -> np.ndarray:
        """Return the unknowns for which the sum of gains is greatest."""
        self._solver.changeColsCost(len(gains), self._columns, np.asarray(gains, dtype=float))
        self._solver.run()
        status = self._solver.getModelStatus()
        assert status == highspy.HighsModelStatus.kOptimal, status
        return np.asarray(self._solver.getSolution().col_value)


def _dicts(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, object]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
