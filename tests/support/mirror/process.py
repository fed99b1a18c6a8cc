"""Theme 4, the client process: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta

import holidays

from tests.support.mirror.engine import (
    Indicator,
    Mirror,
    Row,
    Theme,
    count,
    division,
    is_in,
    people,
    share,
    total,
)

FINLAND = holidays.FI()


def _three_months_on(day: date) -> date:
    """Find the day with the same number three months on, or the last of that month."""
    year, month = day.year + (day.month + 2) // 12, (day.month + 2) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


INDICATORS: dict[str, Indicator] = {
    "process.assessments": count("assessments", "completed"),
    "process.assessment_started_in_7_days": share(
        "assessments",
        "initiated",
        lambda row: row["started_on"] is not None and row["started_on"] <= row["seventh_day"],
        breakdowns=("special_support",),
    ),
    "process.assessment_completed_in_3_months": share(
        "assessments",
        "initiated",
        lambda row: row["completed_on"] is not None and row["completed_on"] <= row["third_month"],
        whole=lambda row: row["started_on"] is not None,
        breakdowns=("special_support",),
    ),
    "process.support_need_share": Indicator(
        "assessments",
        lambda t: sum(row["has_need"] for row in t["needs"]),
        lambda t: len(t["completed"]),
        lambda t: len(t["completed"]),
        lambda t: {row["person"] for row in t["completed"]},
        lambda t: people(t["needs"], "has_need"),
        lambda t: {row["person"] for row in t["needs"] if not row["has_need"]},
        breakdowns=("support_need",),
        only=True,
        overlapping=True,
    ),
    "process.several_needs_share": share(
        "assessments", "completed", lambda row: len(set(row["support_needs"])) >= 2
    ),
    "process.opinions_match": share(
        "assessments",
        "completed",
        lambda row: row["opinions_match"] == "full",
        whole=lambda row: row["opinions_match"] is not None,
    ),
    "process.multiprofessional_share": share(
        "assessments", "completed", lambda row: row["is_multiprofessional"]
    ),
    "process.assessment_coverage": share(
        "assessments",
        "served",
        lambda row: row["assessments"] > 0,
        events=lambda row: row["assessments"],
        breakdowns=("special_support",),
    ),
    "process.plan_coverage": share(
        "plans",
        "served",
        lambda row: row["plans"] > 0,
        events=lambda row: row["plans"],
        breakdowns=("special_support",),
    ),
    "process.joint_plan_share": share("plans", "made", lambda row: row["is_joint"]),
    "process.client_participation": share(
        "plans", "made", lambda row: row["has_client_participated"]
    ),
    "process.plan_reviewed_in_year": share(
        "plans",
        "made_year_before",
        lambda row: (
            row["reviewed_on"] is not None
            and row["reviewed_on"] <= row["made_on"] + timedelta(days=365)
        ),
    ),
    "process.goal_attainment": Indicator(
        "plans",
        lambda t: total(t["reviewed"], "goals_met"),
        lambda t: len(t["reviewed"]),
        lambda t: total(t["reviewed"], "goals_set"),
        lambda t: people(t["reviewed"]),
        lambda t: people(t["reviewed"], "goals_met"),
        lambda t: {r["person"] for r in t["reviewed"] if r["goals_met"] < r["goals_set"]},
    ),
    "process.ended_goals_met": share(
        "clients",
        "ended",
        lambda row: row["end_reason"] == "goals_met",
        whole=lambda row: row["end_reason"] is not None,
    ),
    "process.end_reason_recorded": share(
        "clients", "ended", lambda row: row["end_reason"] is not None
    ),
    "process.initiated_by": division("clients", "started", "initiator"),
    "process.primary_reason": division("clients", "started", "reason"),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The rows of theme 4 in a year."""
    day: date = period["last_day"]
    year_before = {
        "first_day": period["first_day"].replace(year=day.year - 1),
        "last_day": date(day.year - 1, 12, 31),
    }
    assessments = [
        row | {"support_needs": row["support_needs"] or []}
        for row in marts.tables["fct_assessment"]
    ]
    plans = marts.tables["fct_plan"]
    clients = [
        row | {"initiator": row["initiated_by"], "reason": row["primary_reason"]}
        for row in marts.tables["dim_client"]
    ]

    def dated(rows: list[Row], dated_by: str, when: Row = period) -> list[Row]:
        return [
            marts.of_client(row, row[dated_by], day) for row in rows if is_in(row[dated_by], when)
        ]

    completed = dated(assessments, "completed_on")
    return {
        "completed": completed,
        "needs": [
            {name: row[name] for name in ("organisation", "municipality", "team", "person")}
            | {"support_need": need, "has_need": need in row["support_needs"]}
            for row in completed
            for need in marts.needs
        ],
        "initiated": [
            row
            | {
                "seventh_day": FINLAND.get_nth_working_day(row["initiated_on"], 7),
                "third_month": row["started_on"] and _three_months_on(row["started_on"]),
            }
            for row in dated(assessments, "initiated_on")
        ],
        "served": _served(marts, day, assessments, plans),
        "made": dated(plans, "made_on"),
        "made_year_before": dated(plans, "made_on", year_before),
        "reviewed": [
            row
            for row in dated(plans, "reviewed_on")
            if row["goals_set"] and row["goals_met"] is not None
        ],
        "started": dated(clients, "started_on"),
        "ended": dated(clients, "ended_on"),
    }


def _served(marts: Mirror, day: date, assessments: list[Row], plans: list[Row]) -> list[Row]:
    """Relationships open on the last day, with what is completed and made by then."""
    completed = Counter(
        (row["organisation"], row["client_id"])
        for row in assessments
        if row["completed_on"] is not None and row["completed_on"] <= day
    )
    made = Counter(
        (row["organisation"], row["client_id"]) for row in plans if row["made_on"] <= day
    )
    return [
        row | {"assessments": completed[row["relationship"]], "plans": made[row["relationship"]]}
        for client in marts.clients_of(day)
        for row in (marts.of_client(client, day, day),)
    ]


THEME = Theme(INDICATORS, rows)
