"""An attack: how many numbers somebody can find out who has read one publication or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attacker.intervals import Effort, Interval, bound
from attacker.knowledge import learn
from attacker.reading import Promise, Published, lists_of, read
from attacker.secrets import Secret, secrets


@dataclass(frozen=True)
class Finding:
    """A number that the attacker knows better than was promised; the number itself is not told.

    Attributes:
        publication: the name of the publication that withholds it.
        indicator, area_type, area, period, breakdown, breakdown_value: a row that it stands in.
        what: which number of the row: ``numerator``, ``denominator``, ``persons``, ``events``,
            ``other side``, or ``count`` where it is withheld only to protect others.
        is_exact: he knows the number.
        is_within_one: he knows it to within one.
    """

    publication: str
    indicator: str
    area_type: str
    area: str
    period: str
    breakdown: str
    breakdown_value: str
    what: str
    is_exact: bool
    is_within_one: bool


@dataclass(frozen=True)
class Attack:
    """What an attack looked for, and what it found.

    Attributes:
        publications: the names of those that were read, oldest first.
        attacked: how many numbers were asked for.
        exact: how many of them he knows.
        within_one: how many he knows to within one, those he knows among them.
        narrower: how many he knows better than was promised, all these among them.
        undecided: how many of them the linear program leaves as wide as promised, in groups of
            numbers too large to be asked in whole numbers.
        narrowest: the least width of an interval, as a multiple of what it must be; None where
            nothing is asked.
        unknown: withheld rows of which the house knows no numbers; they were left out.
        differing: published numbers that the warehouse has otherwise.
        findings: the numbers of ``narrower``, by the row that tells of them.
    """

    publications: tuple[str, ...]
    attacked: int
    exact: int
    within_one: int
    narrower: int
    undecided: int
    narrowest: float | None
    unknown: int
    differing: int
    findings: tuple[Finding, ...]


def attack(
    publications: Sequence[Published],
    promise: Promise | None = None,
    effort: Effort | None = None,
) -> Attack:
    """Attack publications together, with everything that anybody knows.

    Args:
        publications: what was published, oldest first, with what the house knows of it. The counts
            that are withheld only to protect others are asked of the last one.
        promise: what was promised of numbers about few people; None for the default.
        effort: how hard the attacker tries; None for the default.

    Returns:
        What was found. The same input gives the same result.

    Raises:
        ValueError: no publication comes with a warehouse.
        duckdb.Error: a file is not what it should be.
        RuntimeError: what is known contradicts itself.
    """
    promise = promise or Promise()
    lists = lists_of(publications)
    contents = [read(one, promise) for one in publications]
    knowledge = learn(contents, lists)
    asked = secrets(contents, lists, promise, knowledge)
    intervals = bound(
        knowledge, [one.terms for one in asked], [one.enough for one in asked], effort
    )
    pairs = list(zip(asked, intervals, strict=True))
    findings = tuple(
        _finding(publications, secret, interval) for secret, interval in pairs if interval.is_narrow
    )
    return Attack(
        publications=tuple(one.name for one in publications),
        attacked=len(asked),
        exact=sum(one.is_exact for one in intervals),
        within_one=sum(one.is_within_one for one in intervals),
        narrower=len(findings),
        undecided=sum(not one.is_decided for one in intervals),
        narrowest=min((one.width / one.enough for one in intervals), default=None),
        unknown=sum(one.unknown for one in contents),
        differing=sum(one.differing for one in contents),
        findings=findings,
    )


def _finding(publications: Sequence[Published], secret: Secret, interval: Interval) -> Finding:
    indicator, area_type, area, _, period, breakdown, value = secret.key
    return Finding(
        publication=publications[secret.publication].name,
        indicator=indicator,
        area_type=area_type,
        area=area,
        period=period,
        breakdown=breakdown,
        breakdown_value=value,
        what=secret.role,
        is_exact=interval.is_exact,
        is_within_one=interval.is_within_one,
    )
