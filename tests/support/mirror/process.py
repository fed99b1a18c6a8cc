"""Theme 4, the client process: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, timedelta

import holidays

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.days import days, is_in
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import count, division, people, share, total

FINLAND = holidays.FI()


def _three_months_on(day: date) -> date:
    """Find the day with the same number three months on, or the last of that month."""
    year, month = day.year + (day.month + 2) // 12, (day.month + 2) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def quantiles(feed: str, table: str) -> Indicator:
    """Find the smallest number of days that a share of the rows does not exceed."""

    def quantile(rows: list[Row]) -> float:
        ordered = sorted(row["days"] for row in rows)
        place = next(
            nth for nth in range(len(ordered)) if 100 * (nth + 1) >= rows[0]["percent"] * len(rows)
        )
        return float(ordered[place])

    return Indicator(
        feed,
        lambda t: quantile(t[table]) if t[table] else 0,
        lambda t: len(t[table]),
        persons=lambda t: people(t[table]),
        numerator_people=lambda t: people(t[table]),
        breakdowns=("quantile",),
        each=True,
        told_at_zero=True,
    )


def with_days(rows: list[Row], first: str, last: str) -> list[Row]:
    """Give each row once for each quantile, with the days from the first day to the last."""
    return [
        row | {"days": (row[last] - row[first]).days, "quantile": f"p{percent}", "percent": percent}
        for row in rows
        if row[first] is not None
        for percent in (50, 90)
    ]


INDICATORS: dict[str, Indicator] = {
    "process.assessments": count("assessments", "completed", ("age_group", "sex")),
    "process.assessment_started_in_7_days": share(
        "assessments",
        "due_to_start",
        lambda row: row["started_on"] is not None and row["started_on"] <= row["limit"],
        breakdowns=("special_support",),
    ),
    "process.assessment_completed_in_3_months": share(
        "assessments",
        "due_to_complete",
        lambda row: row["completed_on"] is not None and row["completed_on"] <= row["limit"],
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
        breakdowns=("method",),
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
    "process.days_to_start": quantiles("assessments", "days_to_start"),
    "process.days_to_completion": quantiles("assessments", "days_to_completion"),
    "process.days_to_first_contact": quantiles("contacts", "days_to_first_contact"),
    "process.returned_in_6_months": share("clients", "started", lambda row: row["has_returned"]),
    "process.no_contact_in_90_days": share(
        "contacts",
        "longer_served",
        lambda row: row["contacts_in_90_days"] == 0,
        events=lambda row: row["contacts_in_90_days"],
        breakdowns=("intensity",),
    ),
    "process.workers_per_client": Indicator(
        "assignments",
        lambda t: total(t["worked_with"], "workers"),
        lambda t: total(t["worked_with"], "assignments"),
        lambda t: len(t["worked_with"]),
        lambda t: people(t["worked_with"]),
        lambda t: people(t["worked_with"]),
    ),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The rows of theme 4 in a year."""
    day: date = period["last_day"]
    assessments = [
        row
        | {
            "support_needs": row["support_needs"] or [],
            "start_limit": FINLAND.get_nth_working_day(row["initiated_on"], 7),
            "completion_limit": row["started_on"] and _three_months_on(row["started_on"]),
        }
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

    before = _year_before(period)
    covering_before = marts.covering("plans", before)
    completed = dated(assessments, "completed_on")
    return {
        "completed": completed,
        "needs": [
            {name: row[name] for name in ("organisation", "municipality", "team", "person")}
            | {"support_need": need, "has_need": need in row["support_needs"]}
            for row in completed
            for need in marts.needs
        ],
        "due_to_start": [
            row | {"limit": row["start_limit"]} for row in dated(assessments, "start_limit")
        ],
        "due_to_complete": [
            row | {"limit": row["completion_limit"]}
            for row in dated(assessments, "completion_limit")
        ],
        "days_to_start": with_days(dated(assessments, "started_on"), "initiated_on", "started_on"),
        "days_to_completion": with_days(completed, "started_on", "completed_on"),
        "days_to_first_contact": with_days(
            dated(_first_contacts(marts, clients), "first_contact_on"),
            "started_on",
            "first_contact_on",
        ),
        "served": _served(marts, day, assessments, plans),
        "made": dated(plans, "made_on"),
        "made_year_before": [
            row
            for row in dated(plans, "made_on", before)
            if row["made_on"] + timedelta(days=365) <= marts.built_on
            and row["organisation"] in covering_before
        ],
        "reviewed": [
            row | {"method": _methods(marts, row)}
            for row in dated(plans, "reviewed_on")
            if row["goals_set"] and row["goals_met"] is not None
        ],
        "started": [
            row | {"has_returned": _has_returned(row, clients)}
            for row in dated(clients, "started_on")
        ],
        "longer_served": _longer_served(marts, day),
        "worked_with": _worked_with(marts, day),
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


def _year_before(period: Row) -> Row:
    """The same period a year before, to its last calendar day.

    It is covered like any period; that every day is covered is asked of a rolling year itself only.
    """
    first = period["first_day"].replace(year=period["first_day"].year - 1)
    after = first.month + {"month": 1, "quarter": 3}.get(period["period_type"], 12) - 1
    last = date(first.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return {"period_type": "year", "first_day": first, "last_day": last}


def _methods(marts: Mirror, plan: Row) -> list[str]:
    """The methods of the contacts from the making of a plan to its review."""
    return sorted(
        {
            row["method"]
            for row in marts.contacts.get(plan["relationship"], [])
            if row["method"] and plan["made_on"] <= row["occurred_on"] <= plan["reviewed_on"]
        }
    )


def _has_returned(row: Row, clients: list[Row]) -> bool:
    """Tell whether another relationship of the person ended 1 to 183 days before the start."""
    return any(
        other["organisation"] == row["organisation"]
        and other["person_id"] == row["person_id"]
        and other["client_id"] != row["client_id"]
        and other["ended_on"] is not None
        and 1 <= (row["started_on"] - other["ended_on"]).days <= 183
        for other in clients
    )


def _first_contacts(marts: Mirror, clients: list[Row]) -> list[Row]:
    """Relationships with their first contact, where contacts cover every day up to it."""
    return [
        client | {"first_contact_on": first}
        for client in clients
        for first in (
            next(
                (
                    row["occurred_on"]
                    for row in marts.contacts.get((client["organisation"], client["client_id"]), [])
                    if row["occurred_on"] >= client["started_on"]
                ),
                None,
            ),
        )
        if first
        and marts.stated[client["organisation"], "contacts"].issuperset(
            days(client["started_on"], first)
        )
    ]


def _longer_served(marts: Mirror, day: date) -> list[Row]:
    """Relationships open on the last day for more than 90 days, and their contacts in 90 days."""
    window = days(day - timedelta(days=89), day)
    return [
        marts.of_client(client, day)
        | {
            "contacts_in_90_days": sum(
                window[0] <= row["occurred_on"] <= day
                for row in marts.contacts.get((client["organisation"], client["client_id"]), [])
            )
        }
        for client in marts.clients_of(day)
        if (day - client["started_on"]).days > 90
        and marts.stated[client["organisation"], "contacts"].issuperset(window)
    ]


def _worked_with(marts: Mirror, day: date) -> list[Row]:
    """Relationships open on the last day, with their workers of the twelve months up to it."""
    last = monthrange(day.year - 1, day.month)[1]
    begins = date(day.year - 1, day.month, min(day.day, last)) + timedelta(days=1)
    assignments: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in marts.tables["fct_assignment"]:
        if row["started_on"] <= day and (row["ended_on"] is None or row["ended_on"] >= begins):
            assignments[row["organisation"], row["client_id"]].append(row["worker_id"])
    return [
        marts.of_client(client, day) | {"workers": len(set(workers)), "assignments": len(workers)}
        for client in marts.clients_of(day)
        for workers in (assignments[client["organisation"], client["client_id"]],)
        if workers
    ]


THEME = Theme(INDICATORS, rows)
