"""Theme 3, outreach: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.support.mirror.counting import Indicator, Row, Tables
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import matching, people, total


def met(visits: Iterable[Row]) -> set[Any]:
    """Name everyone who was met, each on one visit."""
    return {
        (row["organisation"], row["visit_id"], nth)
        for row in visits
        for nth in range(row["persons_contacted"])
    }


def counted(
    numerator: Callable[[list[Row]], float],
    breakdowns: tuple[str, ...] = (),
    *,
    per_visit: bool = False,
) -> Indicator:
    """Count the visits, or something on them; their people are everyone who was met."""
    return Indicator(
        "outreach",
        lambda t: numerator(t["visits"]),
        lambda t: len(t["visits"]),
        (lambda t: len(t["visits"])) if per_visit else None,
        lambda t: met(t["visits"]),
        lambda t: met(t["visits"]),
        breakdowns=breakdowns,
        heads=True,
    )


def share_of_topics(fits: Callable[[Row], bool]) -> Indicator:
    """Count the visits that fit, of those with a topic."""

    def with_topic(t: Tables) -> list[Row]:
        return [visit for visit in t["visits"] if visit["topics"]]

    return Indicator(
        "outreach",
        lambda t: sum(fits(visit) for visit in with_topic(t)),
        lambda t: len(with_topic(t)),
        lambda t: len(with_topic(t)),
        lambda t: met(with_topic(t)),
        lambda t: met(visit for visit in with_topic(t) if fits(visit)),
        lambda t: met(visit for visit in with_topic(t) if not fits(visit)),
        heads=True,
    )


def with_feeling(t: Tables) -> list[Row]:
    """Choose the visits of which it is told how they felt."""
    return [visit for visit in t["visits"] if visit["feeling"] is not None]


INDICATORS: dict[str, Indicator] = {
    "outreach.visits": counted(len, ("nature",)),
    "outreach.persons_contacted": counted(
        lambda visits: total(visits, "persons_contacted"), ("nature",)
    ),
    "outreach.contacts_per_visit": counted(
        lambda visits: total(visits, "persons_contacted"), ("nature",), per_visit=True
    ),
    "outreach.topic_share": Indicator(
        "outreach",
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        lambda t: met(t["visits"]),
        lambda t: met(t["visits"]),
        # Among the visits without the topic.
        lambda t: met(t["visits"]),
        breakdowns=("topic",),
        only=True,
        heads=True,
    ),
    "outreach.economy_only": share_of_topics(lambda visit: visit["topics"] == ["economy"]),
    "outreach.economy_any": share_of_topics(lambda visit: bool(visit["economic"])),
    "outreach.four_or_more_topics": share_of_topics(lambda visit: len(visit["topics"]) >= 4),
    "outreach.feeling": Indicator(
        "outreach",
        lambda t: total(t["visits"], "feeling"),
        lambda t: len(with_feeling(t)),
        lambda t: len(with_feeling(t)),
        lambda t: met(with_feeling(t)),
        lambda t: met(with_feeling(t)),
        heads=True,
    ),
    "outreach.outside_office_share": Indicator(
        "contacts",
        lambda t: len(matching(t["contacts"], outside=True)),
        lambda t: len(t["contacts"]),
        lambda t: len(t["contacts"]),
        lambda t: people(t["contacts"]),
        lambda t: people(matching(t["contacts"], outside=True)),
        lambda t: people(matching(t["contacts"], outside=False)),
    ),
    "outreach.visits_per_10000": Indicator(
        "outreach",
        lambda t: 10_000 * len(t["visits"]),
        lambda t: len(t["visits"]),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        lambda t: met(t["visits"]),
        lambda t: met(t["visits"]),
        per_inhabitants=True,
        heads=True,
    ),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The visits of a period, in as many parts as they have topics."""
    visits = marts.events("fct_outreach_visit", "occurred_on", period)
    return {
        "visits": [
            row
            | {
                "topics": row["topics"] or [],
                "topic": sorted(set(row["topics"] or [])),
                "economic": marts.economic & set(row["topics"] or []),
            }
            for row in visits
        ],
    }


THEME = Theme(INDICATORS, rows)
