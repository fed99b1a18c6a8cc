"""Which problems stand out: every rule by hand-made numbers and hand-computed points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from exports.social_report.facts import Area, AreaValues, Key, Reading
from exports.social_report.problems import (
    Candidate,
    Evidence,
    Kind,
    Rules,
    Selection,
    select,
    stated_rules,
)
from tests.support.places import ROOT

YEAR = 2019
HIDDEN = Reading("suppressed")


def share(numerator: float, denominator: float) -> Reading:
    return Reading("published", numerator / denominator, numerator, denominator)


def count(number: float) -> Reading:
    return Reading("published", number, number)


def indicator(**given: Any) -> dict[str, Any]:
    return {
        "kind": "share",
        "unit": "share",
        "direction": "up",
        "target": None,
        "target_operator": None,
        "breakdown_rule": "within",
    } | given


ONLY: Mapping[str, Any] = {"direction": "none", "breakdown_rule": "only"}
SOURCES = {
    "structural.observations": indicator(kind="count", unit="observations", direction="none"),
    "outreach.topic_share": indicator(**ONLY),
    "process.support_need_share": indicator(**ONLY),
    "process.primary_reason": indicator(**ONLY),
    "access.blind_spots": indicator(direction="down", target=0.0, target_operator="="),
}


def choose(
    readings: Mapping[Key, Reading],
    *,
    catalogue: Mapping[str, Mapping[str, Any]] = SOURCES,
    country: Mapping[Key, Reading] | None = None,
    rules: Rules | None = None,
) -> Selection:
    def values(area: Area, found: Mapping[Key, Reading]) -> AreaValues:
        return AreaValues(area, dict(catalogue), dict(found))

    return select(
        rules or stated_rules(),
        YEAR,
        values(Area("welfare_area", "20"), readings),
        None if country is None else values(Area("country", "FI"), country),
    )


def candidate(selection: Selection, code: str) -> Candidate:
    (found,) = (one for one in selection.candidates if one.code == code)
    return found


def evidence(selection: Selection, code: str, rule: str) -> Evidence:
    (found,) = (one for one in candidate(selection, code).evidence if one.rule == rule)
    return found


def whole(code: str, reading: Reading, year: int = YEAR) -> dict[Key, Reading]:
    return {(year, code, "none", "all"): reading}


def judged(
    rule: str,
    entry: Mapping[str, Any],
    now: Reading | None,
    *,
    before: Reading | None = None,
    country: Reading | None = None,
) -> tuple[str, int]:
    """Return whether a rule judged one indicator, and its points."""
    readings = whole("x", now) if now else {}
    readings |= whole("x", before, YEAR - 1) if before else {}
    found = evidence(
        choose(
            readings,
            catalogue={**SOURCES, "x": dict(entry)},
            country=whole("x", country) if country else {},
        ),
        "x",
        rule,
    )
    return found.outcome, found.points


@pytest.mark.parametrize(
    ("target", "operator", "unit", "value", "expected"),
    [
        # Shares: the gap is in percentage points.
        (1.0, "=", "share", 1.0, ("judged", 0)),
        (1.0, "=", "share", 0.995, ("judged", 0)),  # less than one point below
        (1.0, "=", "share", 0.99, ("judged", 1)),
        (1.0, "=", "share", 0.90, ("judged", 2)),
        (1.0, "=", "share", 0.75, ("judged", 3)),
        (1.0, "=", "share", 0.50, ("judged", 4)),
        (1.0, "=", "share", 0.0, ("judged", 4)),  # a true zero is a value
        (0.95, ">=", "share", 0.95, ("judged", 0)),
        (0.95, ">=", "share", 0.85, ("judged", 2)),  # exactly ten points, though 0.95 - 0.85 is not
        (0.0, "=", "share", 0.0, ("judged", 0)),
        (0.0, "=", "share", 0.3, ("judged", 3)),
        # Other numbers: the gap is relative to the target.
        (35.0, "<=", "relationships_per_worker", 35.0, ("judged", 0)),
        (35.0, "<=", "relationships_per_worker", 42.0, ("judged", 2)),  # 7 / 35 = 0.20
        (35.0, "<=", "relationships_per_worker", 60.0, ("judged", 4)),  # 25 / 35 = 0.71
        (8.0, ">=", "hours_per_worker_month", 7.0, ("judged", 2)),  # 1 / 8 = 0.125
        (2.0, ">=", "meetings", 0.0, ("judged", 4)),  # 2 / 2 = 1
    ],
)
def test_a_missed_target_gives_points_by_its_distance(
    target: float, operator: str, unit: str, value: float, expected: tuple[str, int]
) -> None:
    entry = indicator(target=target, target_operator=operator, unit=unit, kind="ratio")
    assert judged("target_missed", entry, Reading("published", value, value, 1.0)) == expected


@pytest.mark.parametrize(
    ("now", "reported"), [(HIDDEN, "suppressed"), (None, "missing")], ids=["suppressed", "missing"]
)
def test_what_is_not_told_gives_no_points_and_says_why(now: Reading | None, reported: str) -> None:
    entry = indicator(target=1.0, target_operator="=")
    good = share(90, 100)
    for rule in ("target_missed", "worsened", "worse_than_country"):
        assert judged(rule, entry, now, before=good, country=good) == (reported, 0)


@pytest.mark.parametrize(
    ("direction", "unit", "kind", "before", "now", "expected"),
    [
        ("up", "share", "share", share(80, 100), share(80, 100), ("judged", 0)),
        ("up", "share", "share", share(80, 100), share(71, 100), ("judged", 0)),
        ("up", "share", "share", share(80, 100), share(70, 100), ("judged", 1)),
        ("up", "share", "share", share(80, 100), share(55, 100), ("judged", 2)),
        ("up", "share", "share", share(55, 100), share(80, 100), ("judged", 0)),  # better
        ("down", "share", "share", share(20, 100), share(30, 100), ("judged", 1)),
        # 9 of 10 is judged, 8 of 9 is not: fewer than ten.
        ("up", "share", "share", share(9, 10), share(5, 10), ("judged", 2)),
        ("up", "share", "share", share(9, 10), share(4, 9), ("small_base", 0)),
        ("up", "share", "share", share(9, 9), share(5, 10), ("small_base", 0)),
        # Relative: 60 to 75 is a quarter more.
        ("down", "ratio", "ratio", share(600, 10), share(750, 10), ("judged", 2)),
        # Counts: a fall to nothing is a fall where there was enough before.
        ("up", "visits", "count", count(10), count(0), ("judged", 2)),
        ("up", "visits", "count", count(9), count(0), ("small_base", 0)),
        # From nothing there is no relative change to speak of.
        ("down", "visits", "count", count(0), count(12), ("judged", 0)),
        ("up", "share", "share", HIDDEN, share(50, 100), ("suppressed", 0)),
        ("up", "share", "share", None, share(50, 100), ("missing", 0)),
    ],
)
def test_a_change_for_the_worse_gives_points(
    direction: str,
    unit: str,
    kind: str,
    before: Reading | None,
    now: Reading,
    expected: tuple[str, int],
) -> None:
    entry = indicator(direction=direction, unit=unit, kind=kind)
    assert judged("worsened", entry, now, before=before) == expected


@pytest.mark.parametrize(
    ("kind", "country", "now", "expected"),
    [
        ("share", share(700, 1000), share(70, 100), ("judged", 0)),
        ("share", share(700, 1000), share(60, 100), ("judged", 1)),
        ("share", share(700, 1000), share(40, 100), ("judged", 2)),
        ("share", share(400, 1000), share(70, 100), ("judged", 0)),
        ("share", share(700, 1000), share(2, 9), ("small_base", 0)),
        ("share", HIDDEN, share(60, 100), ("suppressed", 0)),
        ("share", None, share(60, 100), ("missing", 0)),
        ("count", count(1000), count(50), ("not_compared", 0)),  # of course a part has fewer
    ],
)
def test_a_value_worse_than_the_countrys_gives_points(
    kind: str, country: Reading | None, now: Reading, expected: tuple[str, int]
) -> None:
    assert judged("worse_than_country", indicator(kind=kind), now, country=country) == expected


def test_the_country_is_not_compared_with_itself() -> None:
    selection = choose(
        whole("x", share(10, 100)), catalogue={**SOURCES, "x": indicator()}, country=None
    )
    assert evidence(selection, "x", "worse_than_country").outcome == "not_compared"


def test_a_missed_duty_of_law_weighs_more() -> None:
    code = "caseload.responsible_worker"
    catalogue = {**SOURCES, code: indicator(target=1.0, target_operator="=")}
    for met, points in ((90, 2 + 2), (100, 0)):
        selection = choose(whole(code, share(met, 100)), catalogue=catalogue, country={})
        assert candidate(selection, code).points == points


OBSERVED: dict[Key, Reading] = {
    (2018, "structural.observations", "none", "all"): count(20),
    (2018, "structural.observations", "theme", "housing"): count(2),  # 10 %
    (2018, "structural.observations", "theme", "transport"): count(8),  # 40 %
    (2019, "structural.observations", "none", "all"): count(40),
    (2019, "structural.observations", "theme", "housing"): count(10),  # 25 %: 3 points, + 15: 2
    (2019, "structural.observations", "theme", "loneliness"): count(6),  # 15 %: 2, + 15: 2
    (2019, "structural.observations", "theme", "poverty_debt"): count(4),  # 10 %: 1, + 10: 2
    (2019, "structural.observations", "theme", "unemployment"): count(3),  # 7.5 %: 0, + 7.5: 1
    (2019, "structural.observations", "theme", "transport"): count(8),  # 20 %: 2, fewer: 0
}


@pytest.mark.parametrize(
    ("theme", "volume", "growth"),
    [
        ("housing", 3, 2),
        ("loneliness", 2, 2),
        ("poverty_debt", 1, 2),
        ("unemployment", 0, 1),
        ("transport", 2, 0),
        ("immigration", 0, 0),  # no row: nobody observed it, a true zero
    ],
)
def test_observations_give_points_by_their_share_and_its_growth(
    theme: str, volume: int, growth: int
) -> None:
    selection = choose(OBSERVED)
    for rule, points in (("observations", volume), ("observations_grew", growth)):
        found = evidence(selection, theme, rule)
        assert (found.outcome, found.points) == ("judged", points)


def test_a_few_observations_are_not_judged() -> None:
    readings = {
        (2019, "structural.observations", "none", "all"): count(9),
        (2019, "structural.observations", "theme", "housing"): count(9),
    }
    found = evidence(choose(readings), "housing", "observations")
    assert (found.outcome, found.points) == ("small_base", 0)


def test_a_year_without_observations_is_missing_and_not_zero() -> None:
    selection = choose({})
    assert {evidence.outcome for one in selection.candidates for evidence in one.evidence} <= {
        "missing",
        "not_compared",
    }
    assert not selection.is_judged
    assert not selection.chosen


@pytest.mark.parametrize(
    ("rule", "code", "breakdown", "part", "theme", "bands"),
    [
        (
            "outreach_topics",
            "outreach.topic_share",
            "topic",
            "housing",
            "housing",
            [(19, 0), (20, 1), (30, 2)],
        ),
        (
            "support_needs",
            "process.support_need_share",
            "support_need",
            "inclusion",
            "loneliness",
            [(24, 0), (25, 1), (40, 2)],
        ),
        (
            "reasons",
            "process.primary_reason",
            "reason",
            "work",
            "unemployment",
            [(9, 0), (10, 1), (20, 2)],
        ),
        (
            "without_place",
            "access.blind_spots",
            "target_group",
            "immigrants",
            "immigration",
            [(49, 0), (50, 1), (100, 1)],
        ),
    ],
)
def test_each_source_gives_points_by_the_share_in_which_a_theme_shows(
    rule: str, code: str, breakdown: str, part: str, theme: str, bands: list[tuple[int, int]]
) -> None:
    for percent, points in bands:
        found = evidence(choose({(2019, code, breakdown, part): share(percent, 100)}), theme, rule)
        assert (found.outcome, found.points) == ("judged", points)
    hidden = evidence(choose({(2019, code, breakdown, part): HIDDEN}), theme, rule)
    assert (hidden.outcome, hidden.points) == ("suppressed", 0)


def test_of_several_topics_the_largest_published_share_counts() -> None:
    readings = {
        (2019, "outreach.topic_share", "topic", "economy"): share(25, 100),
        (2019, "outreach.topic_share", "topic", "social_assistance"): share(35, 100),
        (2019, "outreach.topic_share", "topic", "other_benefits"): HIDDEN,
    }
    found = evidence(choose(readings), "poverty_debt", "outreach_topics")
    assert found.points == 2
    assert found.figures["part"] == "social_assistance"


def test_a_theme_in_three_sources_of_four_gets_a_point_for_that() -> None:
    readings = OBSERVED | {
        (2019, "outreach.topic_share", "topic", "housing"): share(30, 100),
        (2019, "process.support_need_share", "support_need", "housing"): share(40, 100),
        (2019, "process.primary_reason", "reason", "work"): share(20, 100),
    }
    selection = choose(readings)
    assert evidence(selection, "housing", "several_sources").points == 1
    assert evidence(selection, "unemployment", "several_sources").points == 0
    # 3 observations + 2 growth + 2 topics + 2 needs + 0 reasons + 1 sources
    assert candidate(selection, "housing").points == 10


def test_at_most_three_are_chosen_and_those_tied_with_the_last_are_named() -> None:
    # By hand: housing 5, loneliness 4, then poverty_debt 3; transport has 2.
    selection = choose(OBSERVED)
    assert [(one.code, one.points) for one in selection.chosen] == [
        ("housing", 5),
        ("loneliness", 4),
        ("poverty_debt", 3),
    ]
    assert selection.tied == []
    tied = choose(OBSERVED | {(2019, "process.primary_reason", "reason", "work"): share(20, 100)})
    # unemployment: 1 growth + 2 reasons = 3 by two rules, as poverty_debt 1 + 2, which comes first.
    assert [one.code for one in tied.chosen] == ["housing", "loneliness", "poverty_debt"]
    assert [(one.code, one.points) for one in tied.tied] == [("unemployment", 3)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Equal points: more rules first …
        ("poverty_debt", "x"),  # 1 + 2 by two rules, x 3 by one
        # … then the social problem before the service's own figure …
        ("loneliness", "caseload.responsible_worker"),  # both 4 by two rules
        # … then the order of the catalogue.
        ("x", "y"),
    ],
)
def test_ties_are_broken_in_the_stated_order(first: str, second: str) -> None:
    missed = indicator(target=1.0, target_operator="=")
    catalogue = {**SOURCES, "caseload.responsible_worker": missed, "x": missed, "y": missed}
    readings = (
        OBSERVED
        | whole("caseload.responsible_worker", share(90, 100))
        | whole("x", share(75, 100))
        | whole("y", share(75, 100))
    )
    selection = choose(readings, catalogue=catalogue, country={})
    assert candidate(selection, first).points == candidate(selection, second).points
    codes = [one.code for one in selection.candidates]
    assert codes.index(first) < codes.index(second)


def test_below_the_threshold_nothing_stands_out() -> None:
    selection = choose(
        whole("x", share(90, 100)),
        catalogue={**SOURCES, "x": indicator(target=1.0, target_operator="=")},
        country={},
    )
    assert candidate(selection, "x").points == 2
    assert selection.is_judged
    assert selection.chosen == []


def test_an_indicator_without_a_better_direction_is_never_a_problem() -> None:
    catalogue = {**SOURCES, "x": indicator(direction="none", target=1.0, target_operator="=")}
    selection = choose(whole("x", share(1, 100)), catalogue=catalogue, country={})
    assert "x" not in [one.code for one in selection.candidates]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ({}, "missing"),
        (whole("structural.observations", HIDDEN), "suppressed"),
        (whole("structural.observations", count(0)), "published"),
        ({(2019, "structural.observations", "theme", "housing"): count(3)}, "published"),
    ],
    ids=["nothing known", "whole suppressed", "whole is zero", "another part known"],
)
def test_a_part_without_a_row_is_zero_only_where_its_whole_was_counted(
    readings: Mapping[Key, Reading], expected: str
) -> None:
    values = AreaValues(Area("welfare_area", "20"), SOURCES, readings)
    found = values.read(YEAR, "structural.observations", "theme", "transport")
    assert found.status == expected
    assert found.value == (0 if expected == "published" else None)


def test_the_documentation_tells_the_stated_rules() -> None:
    rules = stated_rules()
    page = (ROOT / "docs" / "explanation" / "social_report.md").read_text(encoding="utf-8")
    reported = {
        rule: (of.replace("social problem", "theme"), points)
        for rule, of, points in re.findall(
            r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page, re.M
        )
    }
    assert list(reported) == [*rules.of("theme"), *rules.of("indicator")]
    for code, (of, points) in reported.items():
        rule = rules.rules[code]
        unit = " sources" if "sources" in rule else ""
        times = 1 if unit else 100
        bands = [f"{round(least * times)}{unit}: {given}" for least, given in rule.get("bands", [])]
        assert of == rule["of"]
        assert points == (", ".join(reversed(bands)) or f"always: {rule['points']}")


def test_the_stated_rules_are_complete() -> None:
    rules = stated_rules()
    kinds: tuple[Kind, ...] = ("theme", "indicator")
    assert {code for kind in kinds for code in rules.of(kind)} == set(rules.rules)
    for rule in rules.rules.values():
        for text in ("name", "explanation", "sentence"):
            assert set(rule[text]) == {"fi", "sv", "en"}
        bands = [least for least, _ in rule.get("bands", [])]
        assert bands == sorted(bands, reverse=True)
    for shows in rules.themes.values():
        assert set(shows) <= set(rules.of("theme"))
