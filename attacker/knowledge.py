"""Knowledge: what somebody knows who has read one or several publications.

The numbers that a withheld row could have are unknowns, one for each number (a measure in an area,
a period and a part), with everything that anybody knows about such numbers: a welfare area is the
sum of its organisations, a whole the sum of its parts, a year that of its months, what the
definitions say (:mod:`attacker.facts`), none is negative, and what is withheld is at least 1, since
a count of 0 would have been published. A row that is not there counts nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from attacker.cells import Cell, cells_of, not_zero, numbers_of
from attacker.reading import Contents, PublicLists
from attacker.sums import (
    Group,
    by_definition,
    inside_a_row,
    same_measure_of_two_feeds,
    sums,
    year_before,
)
from attacker.topics import by_counting_topics

SAME = 1e-6


@dataclass
class Relation:
    """A sum of unknowns, each times a number, that is at least (equality: exactly) a number."""

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
        whole: measures that are whole numbers.
        signed: measures that may be negative.
        truth: by cell, its true number: what the house knows, and judges the attacker by.
    """

    known: dict[Cell, float] = field(default_factory=dict)
    unknown: set[Cell] = field(default_factory=set)
    relations: list[Relation] = field(default_factory=list)
    at_least_one: set[Cell] = field(default_factory=set)
    alike: list[tuple[Cell, Cell]] = field(default_factory=list)
    whole: frozenset[str] = frozenset()
    signed: frozenset[str] = frozenset()
    truth: dict[Cell, float] = field(default_factory=dict)

    def shown(self) -> set[Cell]:
        """Return the numbers that a published row shows, under any name, of any publication.

        Returns:
            Cells without their feed, which is one of their names.
        """
        shown = {cell[1:] for cell in self.known if self.known[cell]}
        links = [(one[1:], other[1:]) for one, other in self.alike]
        while True:
            more = {b for a, b in links if a in shown} | {a for a, b in links if b in shown}
            if more <= shown:
                return shown | {cell[1:] for cell in self.known}
            shown |= more


def learn(publications: Sequence[Contents], lists: PublicLists) -> Knowledge:
    """Return what somebody knows who has read publications, the last one last.

    Args:
        publications: what they show, and their true numbers.
        lists: the catalogue and the areas.
    """
    knowledge = Knowledge(truth=_truth(publications, lists))
    truth = knowledge.truth
    groups: list[Group] = []
    of_publication: list[dict[Cell, float | None]] = []
    for number, contents in enumerate(publications):
        shown: dict[Cell, float | None] = {}
        for row in contents.rows:
            entry = lists.catalogue.get(str(row["indicator"]))
            if entry is None:
                continue
            numbers = numbers_of(row, entry)
            for role, cell in cells_of(row, entry, number).items():
                if row["status"] == "published":
                    shown[cell] = numbers[role]
                else:
                    shown.setdefault(cell, None)
            groups += inside_a_row(row, entry, number)
            knowledge.at_least_one |= {
                cell for cell in not_zero(row, entry, number) if truth[cell] >= 1
            }
        for cell, value in shown.items():
            if value is None:
                knowledge.unknown.add(cell)
            else:
                knowledge.known[cell] = value
        groups += sums(shown, lists.welfare_area)
        groups += same_measure_of_two_feeds(shown)
        groups += by_definition(shown)
        of_publication.append(shown)
    groups += _between(of_publication, truth)
    _relate_groups(knowledge, groups)
    for shown in of_publication:
        for terms in by_counting_topics(shown):
            _relate(knowledge, terms, is_equality=False)
    broken = {cell[2] for cell, number in truth.items() if abs(number - round(number)) > SAME}
    knowledge.whole = frozenset({cell[2] for cell in truth} - broken - lists.broken)
    knowledge.signed = lists.signed | {cell[2] for cell, number in truth.items() if number < 0}
    return knowledge


def _truth(publications: Sequence[Contents], lists: PublicLists) -> dict[Cell, float]:
    """Return the true number of every cell; what a row publishes goes first."""
    truth: dict[Cell, float] = {}
    for number, contents in enumerate(publications):
        for status in ("suppressed", "published"):
            for row in contents.truth:
                entry = lists.catalogue.get(str(row["indicator"]))
                if entry is not None and row["status"] == status:
                    numbers = numbers_of(row, entry)
                    for role, cell in cells_of(row, entry, number).items():
                        truth[cell] = numbers[role]
    return truth


def _between(
    publications: Sequence[Mapping[Cell, float | None]], truth: Mapping[Cell, float]
) -> Iterable[Group]:
    """Yield the numbers of a publication that a later one, or another year's, has unchanged."""
    for number, shown in enumerate(publications):
        for other, beside in enumerate(publications):
            if other == number:
                continue
            for cell in shown:
                before = year_before(cell)
                names = [cell] if other > number else []
                names += [before] if before is not None else []
                for name in names:
                    there = (name[0], str(other), *name[2:])
                    if there in beside and abs(truth[there] - truth[cell]) <= SAME:
                        family = ("publications", str(number), str(other))
                        yield Group(family, cell, {there: 1.0})


def _relate_groups(knowledge: Knowledge, groups: list[Group]) -> None:
    """Add the relations of every family that sums, or whose parts are at most the whole."""
    truth = knowledge.truth
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
        parts = group.parts
        if exact[group.family]:
            counting = [cell for cell in parts if truth[cell] != 0]
            if len(counting) == 1 and parts[counting[0]] == 1:
                knowledge.alike.append((group.whole, counting[0]))
            _relate(knowledge, _rest(group.whole, parts), is_equality=True)
        elif last[group.family]:
            newest = max(parts, key=lambda cell: cell[6])
            _relate(knowledge, _rest(group.whole, {newest: 1.0}), is_equality=True)
        elif at_most[group.family]:
            _relate(knowledge, _rest(group.whole, parts), is_equality=False)


def _rest(whole: Cell, parts: Mapping[Cell, float]) -> Mapping[Cell, float]:
    """Return the whole less its parts."""
    rest: dict[Cell, float] = defaultdict(float)
    rest[whole] = 1.0
    for cell, scale in parts.items():
        rest[cell] -= scale
    return rest


def _relate(knowledge: Knowledge, sum_of: Mapping[Cell, float], *, is_equality: bool) -> None:
    """Add: these numbers, each times its factor, sum to at least (equality: exactly) 0."""
    terms: dict[Cell, float] = {}
    least = 0.0
    for cell, factor in sum_of.items():
        if cell in knowledge.known:
            least -= factor * knowledge.known[cell]
        elif factor:
            terms[cell] = factor
    if terms:
        knowledge.relations.append(Relation(terms, least, is_equality))
