"""Which one to three problems stand out in an area, by the stated rules of ``rules.yaml``.

Pure functions: readings and rules in, candidates with their points out. Knows no sentence and no
page, and says nothing of causes: it only compares published numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from exports.social_report.facts import AreaValues, Reading

Outcome = Literal["judged", "suppressed", "missing", "small_base", "not_compared"]
Kind = Literal["theme", "indicator"]

# So that a share of 0.1 + 0.2 is not above a limit of 0.3.
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as data.

    Attributes:
        stands_out_from: points from which a candidate stands out.
        at_most: how many problems are chosen.
        least_base: what a number must rest on to be judged.
        rules: the rules by code, in their order.
        themes: the social problems: by rule, the breakdown values in which each shows.
        not_candidates: indicators that are never a problem, with the reason by language.
    """

    stands_out_from: int
    at_most: int
    least_base: int
    rules: Mapping[str, Mapping[str, Any]]
    themes: Mapping[str, Mapping[str, Sequence[str]]]
    not_candidates: Mapping[str, Mapping[str, str]]

    def points(self, rule: str, amount: float) -> int:
        """Return the points of a rule for an amount: those of the first band that it reaches."""
        for least, points in self.rules[rule]["bands"]:
            if amount >= least - _TINY:
                return int(points)
        return 0

    def of(self, kind: Kind) -> list[str]:
        """Return the rules of one kind of candidate, in their order."""
        return [code for code, rule in self.rules.items() if rule["of"] == kind]


@cache
def stated_rules() -> Rules:
    """Return the rules of ``rules.yaml``, read once."""
    path = Path(__file__).with_name("rules.yaml")
    return Rules(**yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of one rule for one candidate.

    Attributes:
        rule: the rule's code.
        outcome: whether the rule could be applied (``judged``), and if not, why not.
        points: the points that the rule gave; 0 unless judged.
        figures: the numbers that it compared, for its sentence: ``value``, ``before``, ``country``,
            ``target``, ``count``, ``total``; ``part`` is a breakdown value.
    """

    rule: str
    outcome: Outcome
    points: int = 0
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A social problem or an indicator, with the result of each rule.

    Attributes:
        kind: ``theme`` (a social problem) or ``indicator`` (the service's own figure).
        code: the code of the theme or of the indicator.
        evidence: one for each rule, in the order of the rules.
    """

    kind: Kind
    code: str
    evidence: Sequence[Evidence]

    @property
    def points(self) -> int:
        """The sum of the points of all rules."""
        return sum(evidence.points for evidence in self.evidence)

    @property
    def gave_points(self) -> list[Evidence]:
        """The evidence that gave points."""
        return [evidence for evidence in self.evidence if evidence.points]

    @property
    def is_judged(self) -> bool:
        """Whether any rule could be applied to it."""
        return any(evidence.outcome == "judged" for evidence in self.evidence)


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidates in order, and the problems that stand out.

    Attributes:
        candidates: all, those with most points first.
        chosen: at most as many as the rules allow.
        tied: those that have as many points as the last chosen one and were not chosen.
    """

    candidates: Sequence[Candidate]
    chosen: Sequence[Candidate]
    tied: Sequence[Candidate]

    @property
    def is_judged(self) -> bool:
        """Whether any rule could be applied to any candidate."""
        return any(candidate.is_judged for candidate in self.candidates)


def select(rules: Rules, year: int, values: AreaValues, country: AreaValues | None) -> Selection:
    """Choose the problems that stand out in an area.

    Args:
        rules: the stated rules.
        year: the release's year.
        values: the area's values.
        country: the country's values; None where the area is the country.

    Returns:
        All candidates with their points, and those that stand out.
    """
    candidates = [_theme(rules, year, values, code) for code in rules.themes]
    candidates += [
        _indicator(rules, year, values, country, code, entry)
        for code, entry in values.catalogue.items()
        if entry["direction"] != "none" and code not in rules.not_candidates
    ]
    # Sorting keeps the order of the rules and of the catalogue where all else is equal.
    ordered = sorted(
        candidates, key=lambda one: (-one.points, -len(one.gave_points), one.kind != "theme")
    )
    standing_out = [one for one in ordered if one.points >= rules.stands_out_from]
    chosen = standing_out[: rules.at_most]
    tied = [one for one in standing_out[rules.at_most :] if one.points == chosen[-1].points]
    return Selection(ordered, chosen, tied)


def _indicator(
    rules: Rules,
    year: int,
    values: AreaValues,
    country: AreaValues | None,
    code: str,
    entry: Mapping[str, Any],
) -> Candidate:
    now = values.read(year, code)
    missed = _target_missed(rules, now, entry)
    evidence = {
        "target_missed": missed,
        "duty_of_law": _duty_of_law(rules, code, missed),
        "worsened": _worse(
            rules, "worsened", "before", entry, now, values.read(year - 1, code), bases=2
        ),
        "worse_than_country": (
            Evidence("worse_than_country", "not_compared")
            if country is None or entry["kind"] == "count"
            else _worse(
                rules, "worse_than_country", "country", entry, now, country.read(year, code)
            )
        ),
    }
    return Candidate("indicator", code, [evidence[rule] for rule in rules.of("indicator")])


def _target_missed(rules: Rules, now: Reading, entry: Mapping[str, Any]) -> Evidence:
    rule, target = "target_missed", entry["target"]
    if target is None:
        return Evidence(rule, "not_compared")
    if now.value is None:
        return Evidence(rule, _why_not_judged(now))
    gap = 0.0 if meets_target(now.value, entry) else _gap(now.value, target, entry)
    return Evidence(
        rule,
        "judged",
        0 if gap is None else rules.points(rule, gap),
        {"value": now.value, "target": target},
    )


def meets_target(value: float, entry: Mapping[str, Any]) -> bool:
    """Whether a value meets the target of its indicator, which must have one."""
    target = entry["target"]
    return {
        "<=": bool(value <= target + _TINY),
        ">=": bool(value >= target - _TINY),
        "=": bool(abs(value - target) <= _TINY),
    }[entry["target_operator"]]


def _duty_of_law(rules: Rules, code: str, missed: Evidence) -> Evidence:
    rule = "duty_of_law"
    if code not in rules.rules[rule]["indicators"]:
        return Evidence(rule, "not_compared")
    if missed.outcome != "judged":
        return Evidence(rule, missed.outcome)
    return Evidence(rule, "judged", int(rules.rules[rule]["points"]) if missed.points else 0)


def _worse(
    rules: Rules,
    rule: str,
    other: str,
    entry: Mapping[str, Any],
    now: Reading,
    compared: Reading,
    *,
    bases: Literal[1, 2] = 1,
) -> Evidence:
    """Judge by how much a value is worse than another; ``bases``: whether both need a base."""
    for reading in (now, compared):
        if reading.value is None:
            return Evidence(rule, _why_not_judged(reading))
    assert now.value is not None
    assert compared.value is not None
    figures = {"value": now.value, other: compared.value}
    held = [now.base or 0, compared.base or 0][:bases]
    # Of a count it is enough that either year is large: a fall to nothing is a fall.
    base = max(held) if entry["kind"] == "count" else min(held)
    if base < rules.least_base:
        return Evidence(rule, "small_base", 0, figures)
    difference = now.value - compared.value
    is_worse = difference < 0 if entry["direction"] == "up" else difference > 0
    gap = _gap(now.value, compared.value, entry) if is_worse else 0.0
    return Evidence(rule, "judged", 0 if gap is None else rules.points(rule, gap), figures)


def _gap(value: float, compared: float, entry: Mapping[str, Any]) -> float | None:
    """Return how far apart two values are; None where nothing can be divided by."""
    difference = abs(value - compared)
    if entry["unit"] == "share":
        return difference
    return difference / abs(compared) if compared else None


def _theme(rules: Rules, year: int, values: AreaValues, theme: str) -> Candidate:
    shows = rules.themes[theme]
    evidence: dict[str, Evidence] = {
        "observations": _observations(rules, year, values, theme),
        "observations_grew": _observations_grew(rules, year, values, theme),
    }
    for rule in ("outreach_topics", "support_needs", "reasons", "without_place"):
        evidence[rule] = _largest(rules, rule, year, values, shows.get(rule, ()))
    rule = "several_sources"
    sources = [evidence[source] for source in rules.rules[rule]["sources"]]
    count = sum(source.points > 0 for source in sources)
    evidence[rule] = Evidence(
        rule,
        "judged" if any(source.outcome == "judged" for source in sources) else "missing",
        rules.points(rule, count),
        {"count": count},
    )
    return Candidate("theme", theme, [evidence[rule] for rule in rules.of("theme")])


def _share_of_observations(
    rules: Rules, year: int, values: AreaValues, theme: str
) -> tuple[Outcome, dict[str, float]]:
    """Return a theme's share of the observations with the numbers it is made of."""
    indicator = rules.rules["observations"]["indicator"]
    total = values.read(year, indicator)
    part = values.read(year, indicator, "theme", theme)
    for reading in (total, part):
        if reading.value is None:
            return _why_not_judged(reading), {}
    assert total.value is not None
    assert part.value is not None
    if total.value < rules.least_base:
        return "small_base", {"count": part.value, "total": total.value}
    share = part.value / total.value
    return "judged", {"value": share, "count": part.value, "total": total.value}


def _observations(rules: Rules, year: int, values: AreaValues, theme: str) -> Evidence:
    outcome, figures = _share_of_observations(rules, year, values, theme)
    points = rules.points("observations", figures["value"]) if outcome == "judged" else 0
    return Evidence("observations", outcome, points, figures)


def _observations_grew(rules: Rules, year: int, values: AreaValues, theme: str) -> Evidence:
    rule = "observations_grew"
    shares: list[float] = []
    for when in (year - 1, year):
        outcome, figures = _share_of_observations(rules, when, values, theme)
        if outcome != "judged":
            return Evidence(rule, outcome)
        shares.append(figures["value"])
    before, now = shares
    return Evidence(
        rule, "judged", rules.points(rule, now - before), {"before": before, "value": now}
    )


def _largest(
    rules: Rules, rule: str, year: int, values: AreaValues, parts: Sequence[str]
) -> Evidence:
    """Judge by the largest share of the parts in which a theme shows."""
    if not parts:
        return Evidence(rule, "not_compared")
    indicator, breakdown = rules.rules[rule]["indicator"], rules.rules[rule]["breakdown"]
    readings = {part: values.read(year, indicator, breakdown, part) for part in parts}
    published = {part: one for part, one in readings.items() if one.value is not None}
    if not published:
        is_suppressed = any(one.status == "suppressed" for one in readings.values())
        return Evidence(rule, "suppressed" if is_suppressed else "missing")
    # The first in the rule's order where two are equal.
    part = max(published, key=lambda one: published[one].value or 0.0)
    reading = published[part]
    assert reading.value is not None
    figures = {"value": reading.value, "part": part}
    # Of places the base is municipalities: however few they are, each is known.
    if rule != "without_place" and (reading.denominator or 0) < rules.least_base:
        return Evidence(rule, "small_base", 0, figures)
    return Evidence(rule, "judged", rules.points(rule, reading.value), figures)


def _why_not_judged(reading: Reading) -> Outcome:
    return "suppressed" if reading.status == "suppressed" else "missing"
