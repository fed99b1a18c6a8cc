"""Secrets: which numbers an attacker must not find, and how wide an interval each was promised.

They are the numbers about few people, counted from the warehouse, and every other count that a row
withholds: a number that nobody is to fill in. This module must not know which rows disclosure
control withheld to protect them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attacker.cells import Cell, Row, cells_of, numbers_of, scale_of
from attacker.knowledge import Knowledge
from attacker.reading import Contents, Promise, PublicLists
from attacker.system import Terms
from common.indicator_key import KEY

_NEAR = 1e-9


@dataclass(frozen=True)
class Secret:
    """A number that is asked for.

    Attributes:
        terms: the number, as a sum of cells.
        enough: how wide its interval must be.
        publication: the number of the publication that withholds it.
        role: ``numerator``, ``denominator``, ``persons``, ``events``, ``other side``, or ``count``
            where it is withheld only to protect others.
        key: a row that tells it: the values of ``common.indicator_key.KEY``.
    """

    terms: Terms
    enough: float
    publication: int
    role: str
    key: tuple[str, ...]


def secrets(
    publications: Sequence[Contents], lists: PublicLists, promise: Promise, knowledge: Knowledge
) -> list[Secret]:
    """Return the numbers that are asked for, each once.

    Args:
        publications: what they show and the true numbers, the last one last.
        lists: the catalogue and the areas.
        promise: what was promised.
        knowledge: what somebody knows who has read them.
    """
    found: dict[tuple[tuple[Cell, float], ...], Secret] = {}

    def ask(secret: Secret) -> None:
        name = tuple(sorted(secret.terms.items()))
        if name not in found or found[name].enough < secret.enough:
            found[name] = secret

    about_nobody = _about_nobody(publications, lists)
    for number, contents in enumerate(publications):
        for row in contents.truth:
            entry = lists.catalogue.get(str(row["indicator"]))
            if entry is not None and entry["personal"]:
                for secret in _of_few(row, entry, number, promise):
                    if not about_nobody.issuperset(secret.terms):
                        ask(secret)
    # Nor may any other count be filled in that a row withholds, unless another row shows it.
    shown = knowledge.shown()
    last = len(publications) - 1
    for row in publications[-1].truth if publications else ():
        entry = lists.catalogue.get(str(row["indicator"]))
        if entry is None or row["status"] == "published" or not row["numerator"]:
            continue
        cell = cells_of(row, entry, last)["numerator"]
        if cell[1:] not in shown and cell not in about_nobody:
            ask(Secret({cell: 1.0}, promise.width, last, "count", _key(row)))
    return list(found.values())


def _of_few(row: Row, entry: Row, publication: int, promise: Promise) -> list[Secret]:
    """Return the secrets of one row about people."""
    cells, numbers = cells_of(row, entry, publication), numbers_of(row, entry)
    key = _key(row)
    found = []
    for role, cell in cells.items():
        is_secret = row["few_persons"] or (
            row["few_on_numerator"]
            and (role == "numerator" or (role == "persons" and row["denominator"] is None))
        )
        if is_secret and numbers[role]:
            enough = promise.enough(numbers[role])
            found.append(Secret({cell: 1.0}, enough, publication, role, key))
    if entry["kind"] == "share" and "denominator" in cells:
        scale = scale_of(entry)
        rest = numbers["denominator"] - numbers["numerator"] * scale
        other_side = {cells["denominator"]: 1.0, cells["numerator"]: -scale}
        is_few = row["few_persons"] or row["few_on_other_side"]
        if is_few and rest > _NEAR:
            enough = promise.enough(rest)
            found.append(Secret(other_side, enough, publication, "other side", key))
        # That nobody stands on one side of a delicate share is as much a secret.
        if row["is_homogeneous"]:
            if numbers["numerator"]:
                found.append(Secret(other_side, promise.width, publication, "other side", key))
            else:
                terms = {cells["numerator"]: 1.0}
                found.append(Secret(terms, promise.width, publication, "numerator", key))
    return found


def _about_nobody(publications: Sequence[Contents], lists: PublicLists) -> set[Cell]:
    """Return the numbers in rows about no people: no secret, whichever other rows show them."""
    found: set[Cell] = set()
    for number, contents in enumerate(publications):
        for row in contents.rows:
            entry = lists.catalogue.get(str(row["indicator"]))
            if entry is not None and not entry["personal"]:
                found.update(cells_of(row, entry, number).values())
    return found


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEY)
