"""Theme 3, outreach: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import matching, people, total

INDICATORS: dict[str, Indicator] = {
    "outreach.visits": Indicator(
        "outreach",
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.persons_contacted": Indicator(
        "outreach",
        lambda t: total(t["visits"], "persons_contacted"),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.contacts_per_visit": Indicator(
        "outreach",
        lambda t: total(t["visits"], "persons_contacted"),
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("nature",),
    ),
    "outreach.topic_share": Indicator(
        "outreach",
        lambda t: len({(topic["organisation"], topic["visit_id"]) for topic in t["topics"]}),
        lambda t: len(t["visits"]),
        lambda t: len(t["visits"]),
        breakdowns=("topic",),
        only=True,
    ),
    "outreach.economy_only": Indicator(
        "outreach",
        lambda t: sum(visit["topics"] == ["economy"] for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.economy_any": Indicator(
        "outreach",
        lambda t: sum(bool(visit["economic"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.four_or_more_topics": Indicator(
        "outreach",
        lambda t: sum(len(visit["topics"]) >= 4 for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
        lambda t: sum(bool(visit["topics"]) for visit in t["visits"]),
    ),
    "outreach.feeling": Indicator(
        "outreach",
        lambda t: total(t["visits"], "feeling"),
        lambda t: sum(visit["feeling"] is not None for visit in t["visits"]),
        lambda t: sum(visit["feeling"] is not None for visit in t["visits"]),
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
        per_inhabitants=True,
    ),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The visits of a period, and their topics."""
    visits = marts.events("fct_outreach_visit", "occurred_on", period)
    return {
        "visits": [
            row
            | {
                "topics": row["topics"] or [],
                "economic": marts.economic & set(row["topics"] or []),
            }
            for row in visits
        ],
        "topics": [row | {"topic": topic} for row in visits for topic in row["topics"] or []],
    }


THEME = Theme(INDICATORS, rows)
