"""What anybody who reads the definitions of the indicators knows of their numbers.

Written from the definitions and the code lists that are published, not from the declarations that
disclosure control solves over: what it does not declare, the attacker finds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping

from ingest.contracts import CODES


def _codes(name: str, flag: str | None = None) -> frozenset[str]:
    """Return the codes of a list; only those with a flag, if one is named."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(
            row["code"] for row in csv.DictReader(file) if flag is None or row[flag] == "1"
        )


# What was talked about at outreach visits, and which of it is about money.
TOPICS = _codes("topic")
ECONOMIC_TOPICS = _codes("topic", "economic")

# A measure that counts what another counts in some parts of a breakdown.
PARTS: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "contacts_outside_office": ("contacts", "channel", _codes("channel", "outside_office")),
    "contacts_with_method": ("contacts_by_method", "method", _codes("method")),
    "client_process_minutes": ("time_minutes", "activity", frozenset({"client_process"})),
    "intensive_relationships": ("open_relationships", "intensity", frozenset({"intensive"})),
    "special_support_relationships": (
        "open_relationships",
        "special_support",
        frozenset({"yes"}),
    ),
    "special_support_assignments": (
        "relationship_assignments",
        "special_support",
        frozenset({"yes"}),
    ),
    "worker_month_entries": ("time_entries", "none", frozenset({"all"})),
    "start_measurements": ("measurements", "wave", frozenset({"start"})),
}

# A measure that counts, in a year, what another counted in the year before.
OF_YEAR_BEFORE: Mapping[str, str] = {"plans_of_year_before": "plans_made"}

# Two names of one number. The attacker believes it where it is true everywhere.
SAME: Iterable[tuple[str, str]] = (
    ("relationships_on_last_day", "open_relationships"),
    ("workers_carrying_clients", "carrying_workers"),
    ("contacted_relationships_people", "contacts_people"),
    ("worker_assignments", "pair_assignments"),
    ("relationship_assignments", "pair_assignments"),
    ("worker_intensive_assignments", "intensive_pair_assignments"),
)

# These do not hold in municipalities: an assignment counts in that of its worker or of its client,
# a relationship that is measured twice in that of its first measurement.
NOT_IN_MUNICIPALITIES = frozenset(
    {
        "worker_assignments",
        "relationship_assignments",
        "worker_intensive_assignments",
        "start_measurements",
        "worker_month_entries",
    }
)

# The first is never more than the second.
AT_MOST: Iterable[tuple[str, str]] = (
    ("assessments_with_opinions", "assessments_completed"),
    ("assigned_pairs", "pair_assignments"),
    ("assigned_relationships", "relationship_assignments"),
    ("contacted_relationships", "contacts"),
    ("contacts_with_method", "contacts"),
    ("forms_returned", "measurements"),
    ("intensive_pairs", "assigned_pairs"),
    ("intensive_pairs", "intensive_pair_assignments"),
    ("intensive_pair_assignments", "pair_assignments"),
    ("relationships_measured_at_start", "start_measurements"),
    ("relationships_started_with_reason", "relationships_started"),
    ("score_pairs", "paired_scores"),
    ("special_support_relationships", "open_relationships"),
    ("visits_economy_only", "visits_with_economic_topic"),
    ("visits_with_any_topic", "visits"),
    ("visits_with_economic_topic", "visits_with_any_topic"),
    ("visits_with_feeling", "visits"),
    ("visits_with_four_topics", "visits_with_any_topic"),
    ("worker_months", "worker_month_entries"),
    ("workers_carrying_clients", "workers"),
)
