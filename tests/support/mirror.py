"""The indicators once more, in plain Python, as indicators.md words them.

Nothing here knows how the warehouse computes: each value of each cell is counted anew over the rows
that belong to it. Slow, and easy to check by reading. It starts from the facts and spells of the
marts; what a worker or a client was on a day it finds out for itself.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import duckdb
import holidays

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
Key = tuple[str, str, str, str, str, str, str]

MARTS = (
    "dim_organisation",
    "dim_municipality",
    "dim_period",
    "dim_worker_spell",
    "dim_client",
    "fct_coverage",
    "fct_assignment",
    "fct_contact",
    "fct_time_entry",
    "fct_outreach_visit",
    "fct_population",
    "fct_worker_survey_response",
    "fct_worker_survey_allocation",
    "fct_assessment",
    "fct_plan",
    "fct_measurement",
    "fct_measurement_score",
    "fct_client_feedback",
    "dim_group",
    "fct_group_answer",
    "fct_worker_survey_answer",
    "fct_survey_round",
    "fct_observation",
    "fct_measure",
    "fct_meeting",
    "dim_place",
)
# The rows of a feed that tell of a municipality, so that it has a rate per inhabitant.
TOLD_BY = {"outreach": ("visits",), "workers": ("staff", "spells"), "places": ("places",)}


@dataclass(frozen=True)
class Cell:
    """What a value should be, and the people on its sides."""

    numerator: float
    denominator: float | None
    persons: int | None
    events: int
    numerator_persons: int | None = None
    other_side_persons: int | None = None


@dataclass(frozen=True)
class Indicator:
    """How an indicator is counted over the rows of a cell.

    Each function gets the tables of the cell. `whole` of a part is counted over the undivided cell.
    """

    feed: str
    numerator: Callable[[Tables], float]
    events: Callable[[Tables], int]
    denominator: Callable[[Tables], float] | None = None
    persons: Callable[[Tables], Iterable[Any]] | None = None
    numerator_people: Callable[[Tables], Iterable[Any]] | None = None
    other_people: Callable[[Tables], Iterable[Any]] | None = None
    breakdowns: tuple[str, ...] = ()
    only: bool = False
    each: bool = False
    # Of parts that overlap, the other side stands among the rows of the part.
    overlapping: bool = False
    areas: tuple[str, ...] = ("country", "welfare_area", "organisation", "municipality")
    period_types: tuple[str, ...] = ("month", "year")


def total(rows: Iterable[Row], column: str) -> float:
    """Sum a column; an empty cell is nothing."""
    return sum(row[column] or 0 for row in rows)


def those(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Choose the rows with these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def people(rows: Iterable[Row], column: str = "person") -> set[Any]:
    """Name everyone whose row has something of the column, or every row's person."""
    return {row["person"] for row in rows if row[column]}


FINLAND = holidays.FI()
LIMIT, TARGET_MINUTES = 35, 480
BANDS = {"0-19": range(20), "20-39": range(20, 40), "40-59": range(40, 60)}


def band(clients: int) -> str:
    """Name the band that a number of clients falls in."""
    return next((name for name, band in BANDS.items() if clients in band), "60+")


YEAR = ("year",)
ANSWERS = {"scale_answers": "scale", "yes_no_answers": "yes_no"}


def share(
    feed: str,
    table: str,
    part: Callable[[Row], bool],
    whole: Callable[[Row], bool] = lambda row: True,
    events: Callable[[Row], int] = lambda row: 1,
    breakdowns: tuple[str, ...] = (),
    each: bool = False,
) -> Indicator:
    """Count the rows of a year that fit, of those of them that are meant."""

    def meant(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if whole(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in meant(t)),
        lambda t: sum(events(row) for row in meant(t)),
        lambda t: len(meant(t)),
        lambda t: {row["person"] for row in meant(t)},
        lambda t: {row["person"] for row in meant(t) if part(row)},
        lambda t: {row["person"] for row in meant(t) if not part(row)},
        breakdowns=breakdowns,
        each=each,
        period_types=YEAR,
    )


def division(feed: str, table: str, breakdown: str) -> Indicator:
    """Divide the rows of a year that have a value of the breakdown."""

    def meant(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if row[breakdown] is not None]

    return Indicator(
        feed,
        lambda t: len(meant(t)),
        lambda t: len(meant(t)),
        lambda t: len(meant(t)),
        lambda t: {row["person"] for row in meant(t)},
        lambda t: {row["person"] for row in meant(t)},
        lambda t: {row["person"] for row in meant(t)},
        breakdowns=(breakdown,),
        only=True,
        period_types=YEAR,
    )


def mean(
    feed: str,
    table: str,
    points: str,
    events: Callable[[list[Row]], int],
    breakdowns: tuple[str, ...],
    each: bool = False,
    areas: tuple[str, ...] = ("country", "welfare_area", "organisation", "municipality"),
) -> Indicator:
    """Take the mean of a column over the rows of a year."""
    return Indicator(
        feed,
        lambda t: total(t[table], points),
        lambda t: events(t[table]),
        lambda t: len(t[table]),
        lambda t: {row["person"] for row in t[table]},
        lambda t: people(t[table], points),
        breakdowns=breakdowns,
        each=each,
        areas=areas,
        period_types=YEAR,
    )


def count(
    feed: str, table: str, breakdowns: tuple[str, ...] = (), of: Callable[[Row], bool] | None = None
) -> Indicator:
    """Count the rows of a year."""

    def meant(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if of is None or of(row)]

    return Indicator(
        feed,
        lambda t: len(meant(t)),
        lambda t: len(meant(t)),
        persons=lambda t: {row["person"] for row in meant(t)},
        numerator_people=lambda t: {row["person"] for row in meant(t)},
        breakdowns=breakdowns,
        period_types=YEAR,
    )


CLIENT_PROCESS: dict[str, Indicator] = {
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
        period_types=YEAR,
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
        period_types=YEAR,
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

INSTRUMENTS = ("instrument", "wave", "instrument_wave")
OUTCOMES: dict[str, Indicator] = {
    "outcome.measurements": count("measurements", "measurements", INSTRUMENTS),
    "outcome.forms_returned": count(
        "measurements",
        "measurements",
        INSTRUMENTS,
        lambda row: row["is_form_returned"] and not row["is_form_blank"],
    ),
    "outcome.followed_up": Indicator(
        "measurements",
        lambda t: len({row["relationship"] for row in t["starts"] if row["followed"]}),
        lambda t: len(t["starts"]),
        lambda t: len({row["relationship"] for row in t["starts"]}),
        lambda t: people(t["starts"]),
        lambda t: people(t["starts"], "followed"),
        lambda t: {
            row["person"]
            for row in t["starts"]
            if not any(
                other["followed"]
                for other in t["starts"]
                if other["relationship"] == row["relationship"]
            )
        },
        breakdowns=("instrument",),
        period_types=YEAR,
    ),
    "outcome.mean_change": mean(
        "measurements",
        "pairs_of_scores",
        "change",
        lambda rows: 2 * len(rows),
        ("instrument_domain",),
        each=True,
    ),
    "outcome.improved_share": share(
        "measurements",
        "pairs_of_scores",
        lambda row: row["change"] > 0,
        events=lambda row: 2,
        breakdowns=("instrument_domain",),
        each=True,
    ),
    "outcome.client_feedback": mean(
        "client_feedback",
        "feedback",
        "score",
        len,
        ("question",),
        areas=("country", "welfare_area", "organisation"),
    ),
    "outcome.inclusion_mean": mean(
        "group_responses",
        "answers",
        "score",
        lambda rows: len({(row["organisation"], row["response_id"]) for row in rows}),
        ("phase", "statement_phase"),
    ),
    "outcome.group_participants": Indicator(
        "groups",
        lambda t: total(t["groups"], "participants"),
        lambda t: len(t["groups"]),
        persons=lambda t: participants(t["groups"]),
        numerator_people=lambda t: participants(t["groups"]),
        breakdowns=("method",),
        period_types=YEAR,
    ),
    "outcome.group_sessions": Indicator(
        "groups",
        lambda t: total(t["groups"], "sessions"),
        lambda t: len(t["groups"]),
        breakdowns=("method",),
        period_types=YEAR,
    ),
    "outcome.method_share": division("contacts", "contacts", "method"),
}


def participants(groups: Iterable[Row]) -> set[Any]:
    """Name everyone who takes part, each in one group."""
    return {
        (row["organisation"], row["group_id"], nth)
        for row in groups
        for nth in range(row["participants"])
    }


WITHOUT_MUNICIPALITY = ("country", "welfare_area", "organisation")


def unnamed(
    feed: str,
    table: str,
    part: Callable[[Row], bool] = lambda row: True,
    whole: Callable[[Row], bool] | None = None,
    breakdowns: tuple[str, ...] = (),
) -> Indicator:
    """Count the rows of a year that are meant, or their share; they tell of nobody."""

    def meant(tables: Tables) -> list[Row]:
        return [row for row in tables[table] if (whole or part)(row)]

    return Indicator(
        feed,
        lambda t: sum(part(row) for row in meant(t)),
        lambda t: len(meant(t)),
        (lambda t: len(meant(t))) if whole else None,
        breakdowns=breakdowns,
        period_types=YEAR,
    )


def distinct(feed: str, table: str, column: str) -> Indicator:
    """Count the distinct things that the rows of a year tell of."""
    return Indicator(
        feed,
        lambda t: len({row[column] for row in t[table]}),
        lambda t: len(t[table]),
        period_types=YEAR,
    )


def per_10000(feed: str, table: str, column: str, *, personal: bool) -> Indicator:
    """Divide what the rows of the last day have of a column by the population."""
    return Indicator(
        feed,
        lambda t: 10_000 * total(t[table], column),
        lambda t: int(total(t[table], column)),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        (lambda t: people(t[table], column)) if personal else None,
        (lambda t: people(t[table], column)) if personal else None,
        period_types=YEAR,
    )


STAFF: dict[str, Indicator] = {
    "staff.workers": count("workers", "staff", ("profession",)),
    "staff.fte": Indicator(
        "workers",
        lambda t: total(t["staff"], "fte"),
        lambda t: len(t["staff"]),
        persons=lambda t: people(t["staff"]),
        numerator_people=lambda t: people(t["staff"], "fte"),
        breakdowns=("profession",),
        period_types=YEAR,
    ),
    "staff.turnover": Indicator(
        "workers",
        lambda t: total(t["spells"], "ended"),
        lambda t: len(t["spells"]),
        lambda t: sum(row["month_ends"] / row["all_month_ends"] for row in t["spells"]),
        lambda t: people(t["spells"]),
        lambda t: people(t["spells"], "ended"),
        breakdowns=("profession",),
        period_types=YEAR,
    ),
    "staff.workers_per_10000": per_10000("workers", "staff", "carrying", personal=True),
    "staff.survey_response_rate": Indicator(
        "survey_rounds",
        lambda t: len(t["responses"]),
        lambda t: len(t["rounds"]),
        lambda t: total(t["rounds"], "sent_to"),
        lambda t: people(t["responses"]),
        lambda t: people(t["responses"]),
        areas=WITHOUT_MUNICIPALITY,
        period_types=YEAR,
    ),
    "staff.survey_mean": mean(
        "worker_survey",
        "scale_answers",
        "answer",
        len,
        ("question",),
        each=True,
        areas=WITHOUT_MUNICIPALITY,
    ),
    "staff.survey_yes_share": replace(
        share(
            "worker_survey",
            "yes_no_answers",
            lambda row: row["answer"] == 1,
            breakdowns=("question",),
            each=True,
        ),
        areas=WITHOUT_MUNICIPALITY,
    ),
}


def is_adopted(measure: Row) -> bool:
    """Tell whether a measure was adopted, be it in part."""
    return measure["decision"] in ("adopted", "adopted_in_part")


def has_known_effect(measure: Row) -> bool:
    """Tell whether a measure was evaluated and its effect is known."""
    return measure["evaluated_on"] is not None and measure["effect"] not in (None, "unknown")


def by(day: date | None, measure: Row, month: int, last: int) -> bool:
    """Tell whether a day is not after a day of the year after the proposal."""
    return day is not None and day <= date(measure["proposed_on"].year + 1, month, last)


STRUCTURAL: dict[str, Indicator] = {
    "structural.observations": unnamed(
        "observations", "observations", breakdowns=("theme", "source", "level")
    ),
    "structural.themes_raised": distinct("observations", "observations", "theme"),
    "structural.measures_proposed": unnamed("measures", "proposals", breakdowns=("theme",)),
    "structural.reported_in_window": unnamed(
        "measures", "proposals", lambda m: by(m["reported_on"], m, 5, 31), lambda m: True
    ),
    "structural.decided_share": unnamed(
        "measures", "proposals", lambda m: m["decided_on"] is not None, lambda m: True
    ),
    "structural.implemented_share": unnamed(
        "measures", "proposals", lambda m: m["implemented_on"] is not None, is_adopted
    ),
    "structural.evaluated_in_window": unnamed(
        "measures",
        "proposals",
        lambda m: by(m["evaluated_on"], m, 10, 31),
        lambda m: m["implemented_on"] is not None,
    ),
    "structural.improved_share": unnamed(
        "measures", "proposals", lambda m: m["effect"] == "improved", has_known_effect
    ),
    "structural.decision_maker_meetings": unnamed(
        "meetings", "meetings", lambda m: m["body"] in ("board", "council")
    ),
    "structural.hyte_municipalities": distinct("meetings", "hyte_meetings", "municipality"),
}

ACCESS: dict[str, Indicator] = {
    "access.places": unnamed("places", "places", breakdowns=("kind", "sector", "target_group")),
    "access.places_per_10000": per_10000("places", "places", "one", personal=False),
    # Counted in municipalities, not in rows: Mirror.blind_spots().
    "access.blind_spots": Indicator("places", lambda t: 0, lambda t: 0, areas=()),
}

INDICATORS: dict[str, Indicator] = {
    **CLIENT_PROCESS,
    **OUTCOMES,
    **STAFF,
    **STRUCTURAL,
    **ACCESS,
    "caseload.open_clients": Indicator(
        "clients",
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        persons=lambda t: people(t["relationships"]),
        numerator_people=lambda t: people(t["relationships"]),
        breakdowns=("intensity",),
    ),
    "caseload.clients_per_worker": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.clients_per_fte": Indicator(
        "assignments",
        lambda t: len(t["pairs"]),
        lambda t: total(t["pairs"], "assignments"),
        lambda t: total(t["workers"], "fte"),
        lambda t: people(t["workers"]),
        lambda t: people(t["pairs"]),
        breakdowns=("profession",),
    ),
    "caseload.intensive_per_worker": Indicator(
        "assignments",
        lambda t: len(those(t["pairs"], intensity="intensive")),
        lambda t: total(those(t["pairs"], intensity="intensive"), "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(those(t["pairs"], intensity="intensive")),
        breakdowns=("profession",),
    ),
    "caseload.workers_within_limit": Indicator(
        "assignments",
        lambda t: sum(worker["intensive"] <= LIMIT for worker in t["workers"]),
        lambda t: total(t["workers"], "intensive_assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] <= LIMIT},
        lambda t: {w["person"] for w in t["workers"] if w["intensive"] > LIMIT},
        breakdowns=("profession",),
    ),
    "caseload.workers_by_band": Indicator(
        "assignments",
        lambda t: len(t["workers"]),
        lambda t: total(t["workers"], "assignments"),
        lambda t: len(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        lambda t: people(t["workers"]),
        breakdowns=("band",),
        only=True,
    ),
    "caseload.intensive_share": Indicator(
        "clients",
        lambda t: len(those(t["relationships"], intensity="intensive")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(those(t["relationships"], intensity="intensive")),
        lambda t: {r["person"] for r in t["relationships"] if r["intensity"] != "intensive"},
    ),
    "caseload.responsible_worker": Indicator(
        "assignments",
        lambda t: sum(r["assignments"] > 0 for r in t["relationships"]),
        lambda t: total(t["relationships"], "assignments"),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(t["relationships"], "assignments"),
        lambda t: people(those(t["relationships"], assignments=0)),
        breakdowns=("special_support",),
    ),
    "caseload.special_support_social_worker": Indicator(
        "assignments",
        lambda t: len(those(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: total(those(t["relationships"], special_support="yes"), "assignments"),
        lambda t: len(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="yes", social_worker=True)),
        lambda t: people(those(t["relationships"], special_support="yes", social_worker=False)),
    ),
    "caseload.special_support_share": Indicator(
        "clients",
        lambda t: len(those(t["relationships"], special_support="yes")),
        lambda t: len(t["relationships"]),
        lambda t: len(t["relationships"]),
        lambda t: people(t["relationships"]),
        lambda t: people(those(t["relationships"], special_support="yes")),
        lambda t: people(those(t["relationships"], special_support="no")),
    ),
    "time.allocation": Indicator(
        "time_entries",
        lambda t: total(t["entries"], "minutes"),
        lambda t: len(t["entries"]),
        lambda t: total(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        breakdowns=("activity",),
        only=True,
    ),
    "time.client_process_share": Indicator(
        "time_entries",
        lambda t: total(those(t["entries"], activity="client_process"), "minutes"),
        lambda t: len(t["entries"]),
        lambda t: total(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(those(t["entries"], activity="client_process"), "minutes"),
        lambda t: people((e for e in t["entries"] if e["activity"] != "client_process"), "minutes"),
        breakdowns=("profession",),
    ),
    "time.community_hours": Indicator(
        "time_entries",
        lambda t: total(t["months"], "community") / 60,
        lambda t: total(t["months"], "entries"),
        lambda t: len(t["months"]),
        lambda t: people(t["months"]),
        lambda t: people(t["months"], "community"),
        breakdowns=("profession",),
    ),
    "time.community_target_met": Indicator(
        "time_entries",
        lambda t: sum(month["community"] >= TARGET_MINUTES for month in t["months"]),
        lambda t: total(t["months"], "entries"),
        lambda t: len(t["months"]),
        lambda t: people(t["months"]),
        lambda t: {m["person"] for m in t["months"] if m["community"] >= TARGET_MINUTES},
        lambda t: {m["person"] for m in t["months"] if m["community"] < TARGET_MINUTES},
        breakdowns=("profession",),
    ),
    "time.survey_allocation": Indicator(
        "worker_survey",
        lambda t: total(those(t["shares"], block="alloc"), "share") / 100,
        lambda t: len(those(t["responses"], alloc=True)),
        lambda t: len(those(t["responses"], alloc=True)),
        lambda t: people(those(t["responses"], alloc=True)),
        lambda t: people(those(t["shares"], block="alloc"), "share"),
        lambda t: people(those(t["shares"], block="alloc"), "share"),
        breakdowns=("activity",),
        only=True,
        areas=("country", "welfare_area", "organisation"),
        period_types=("year",),
    ),
    "time.survey_process_allocation": Indicator(
        "worker_survey",
        lambda t: total(those(t["shares"], block="process"), "share") / 100,
        lambda t: len(those(t["responses"], process=True)),
        lambda t: len(those(t["responses"], process=True)),
        lambda t: people(those(t["responses"], process=True)),
        lambda t: people(those(t["shares"], block="process"), "share"),
        lambda t: people(those(t["shares"], block="process"), "share"),
        breakdowns=("process_activity",),
        only=True,
        areas=("country", "welfare_area", "organisation"),
        period_types=("year",),
    ),
    "time.contact_minutes_per_client": Indicator(
        "contacts",
        lambda t: total(t["contacts"], "minutes"),
        lambda t: len(t["contacts"]),
        lambda t: len({(c["organisation"], c["client_id"]) for c in t["contacts"]}),
        lambda t: people(t["contacts"]),
        lambda t: people(t["contacts"], "minutes"),
        breakdowns=("channel",),
    ),
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
        lambda t: len(those(t["contacts"], outside=True)),
        lambda t: len(t["contacts"]),
        lambda t: len(t["contacts"]),
        lambda t: people(t["contacts"]),
        lambda t: people(those(t["contacts"], outside=True)),
        lambda t: people(those(t["contacts"], outside=False)),
    ),
    "outreach.visits_per_10000": Indicator(
        "outreach",
        lambda t: 10_000 * len(t["visits"]),
        lambda t: len(t["visits"]),
        lambda t: t["population"][0]["population"] if t["population"] else 0,
        period_types=("year",),
    ),
}


@dataclass
class Mirror:
    """The marts in memory, and every cell counted over them."""

    connection: duckdb.DuckDBPyConnection
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in MARTS:
            self.tables[name] = self._read(f"SELECT * FROM marts.{name}")
        self.economic = {
            code for (code,) in self._rows("SELECT code FROM codes.topic WHERE economic")
        }
        self.outside = {
            code for (code,) in self._rows("SELECT code FROM codes.channel WHERE outside_office")
        }
        self.carrying = {
            code
            for (code,) in self._rows("SELECT code FROM codes.profession WHERE carries_clients")
        }
        self.target_groups = [
            code
            for (code,) in self._rows("SELECT code FROM codes.target_group")
            if code != "anyone"
        ]
        self.needs = [code for (code,) in self._rows("SELECT code FROM codes.support_need")]
        self.forms = dict(self._rows("SELECT code, form FROM codes.client_question"))
        self.welfare_area = {
            row["organisation"]: row["welfare_area"] for row in self.tables["dim_organisation"]
        }
        self.clients = {
            (row["organisation"], row["client_id"]): row for row in self.tables["dim_client"]
        }
        self.spells: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.tables["dim_worker_spell"]:
            self.spells[row["organisation"], row["worker_id"]].append(row)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def _read(self, query: str) -> list[Row]:
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cells(self) -> dict[Key, Cell]:
        """Count every cell of every indicator."""
        found: dict[Key, Cell] = {}
        for period in self.tables["dim_period"]:
            covering = {
                feed: {
                    row["organisation"]
                    for row in self.tables["fct_coverage"]
                    if row["feed"] == feed
                    and row["period_type"] == period["period_type"]
                    and row["period"] == period["period"]
                }
                for feed in {indicator.feed for indicator in INDICATORS.values()}
            }
            if not any(covering.values()):
                continue
            rows = self._rows_of(period)
            if period["period_type"] == "year":
                found |= self.blind_spots(period, rows, covering["places"])
            for feed, organisations in covering.items():
                for (area_type, area), tables in self._areas(rows, organisations).items():
                    # A municipality without a row of the feed may be one that nobody told of.
                    is_told_of = area_type != "municipality" or any(
                        tables[name] for name in TOLD_BY.get(feed, ())
                    )
                    tables["population"] = (
                        self._population(area_type, area, period["period"][:4])
                        if is_told_of
                        else []
                    )
                    for name, indicator in INDICATORS.items():
                        if (
                            indicator.feed == feed
                            and area_type in indicator.areas
                            and period["period_type"] in indicator.period_types
                        ):
                            key = (name, area_type, area, period["period_type"], period["period"])
                            found |= {
                                (*key, *part): cell
                                for part, cell in _parts(indicator, tables, area_type).items()
                            }
        return found

    def _areas(
        self, rows: Tables, organisations: set[str]
    ) -> dict[tuple[str, str], dict[str, list[Row]]]:
        """Divide the rows of the covering organisations among the areas that they belong to."""
        areas: dict[tuple[str, str], dict[str, list[Row]]] = {}

        def tables_of(area_type: str, area: str | None) -> dict[str, list[Row]] | None:
            if area is None:
                return None
            return areas.setdefault((area_type, area), {name: [] for name in rows})

        for organisation in organisations:
            tables_of("country", "FI")
            tables_of("organisation", organisation)
            tables_of("welfare_area", self.welfare_area[organisation])
        for name, all_rows in rows.items():
            for row in all_rows:
                if row["organisation"] in organisations:
                    for tables in (
                        tables_of("country", "FI"),
                        tables_of("welfare_area", self.welfare_area[row["organisation"]]),
                        tables_of("organisation", row["organisation"]),
                        tables_of("municipality", row["municipality"]),
                    ):
                        if tables is not None:
                            tables[name].append(row)
        return areas

    def _population(self, area_type: str, area: str, year: str) -> list[Row]:
        if area_type == "organisation":
            area_type, area = "welfare_area", self.welfare_area[area]
        municipalities = {
            row["municipality"]
            for row in self.tables["dim_municipality"]
            if area_type == "country" or row[area_type] == area
        }
        years = [row["year"] for row in self.tables["fct_population"] if row["year"] <= year]
        counts = [
            row["population"]
            for row in self.tables["fct_population"]
            if years and row["year"] == max(years) and row["municipality"] in municipalities
        ]
        return [{"population": sum(counts)}] if counts else []

    def _rows_of(self, period: Row) -> dict[str, list[Row]]:
        """All rows of a period, or as they stand on its last day."""
        day: date = period["last_day"]
        events = {
            name: [
                row
                for row in self.tables[name]
                if row[date_column].isoformat().startswith(period["period"])
            ]
            for name, date_column in (
                ("fct_contact", "occurred_on"),
                ("fct_time_entry", "worked_on"),
                ("fct_outreach_visit", "occurred_on"),
            )
        }
        workers = self._carrying_workers(day)
        pairs = self._pairs(day, workers)
        return {
            **self._client_process(period),
            **self._outcomes(period),
            **self._staff(period),
            **self._structural(period),
            "places": [
                row | {"target_group": row["target_groups"], "one": 1}
                for row in self.tables["dim_place"]
                if row["opened_on"] <= day and (row["closed_on"] is None or row["closed_on"] >= day)
            ],
            "workers": self._workers(workers, pairs),
            "pairs": pairs,
            "relationships": self._relationships(day, pairs),
            "contacts": [self._contact(row) for row in events["fct_contact"]],
            "entries": [self._entry(row) for row in events["fct_time_entry"]],
            "months": self._months(events["fct_time_entry"]),
            "visits": [
                row
                | {
                    "topics": row["topics"] or [],
                    "economic": self.economic & set(row["topics"] or []),
                }
                for row in events["fct_outreach_visit"]
            ],
            "topics": [
                row | {"topic": topic}
                for row in events["fct_outreach_visit"]
                for topic in row["topics"] or []
            ],
            "responses": [
                {
                    "organisation": row["organisation"],
                    "municipality": None,
                    "person": (row["organisation"], row["response_id"]),
                    "alloc": bool(row["alloc_sum_is_100"]),
                    "process": bool(row["process_sum_is_100"]),
                }
                for row in self.tables["fct_worker_survey_response"]
                if row["year"] == period["period"]
            ],
            "shares": [
                {
                    "organisation": row["organisation"],
                    "municipality": None,
                    "person": (row["organisation"], row["response_id"]),
                    "block": row["block"],
                    "share": row["share"],
                    "activity": row["activity"] if row["block"] == "alloc" else None,
                    "process_activity": row["activity"] if row["block"] == "process" else None,
                }
                for row in self.tables["fct_worker_survey_allocation"]
                if row["year"] == period["period"] and row["block_sum_is_100"]
            ],
        }

    def _spell(self, organisation: str, worker_id: str, day: date) -> Row | None:
        """Find the worker's spell on a day: of those in force, else of all, the one begun last."""
        spells = self.spells.get((organisation, worker_id), [])
        return max(
            spells, key=lambda spell: (_in_force(spell, day), spell["started_on"]), default=None
        )

    def _carrying_workers(self, day: date) -> dict[tuple[str, str], Row]:
        found = {}
        for key in self.spells:
            spell = self._spell(*key, day)
            if spell and _in_force(spell, day) and spell["profession"] in self.carrying:
                found[key] = spell
        return found

    def _pairs(self, day: date, workers: Mapping[tuple[str, str], Row]) -> list[Row]:
        joined: dict[tuple[str, str, str], int] = defaultdict(int)
        for row in self.tables["fct_assignment"]:
            client = self.clients.get((row["organisation"], row["client_id"]))
            if (
                _in_force(row, day)
                and client
                and _in_force(client, day)
                and (row["organisation"], row["worker_id"]) in workers
            ):
                joined[row["organisation"], row["client_id"], row["worker_id"]] += 1
        return [
            {
                "organisation": organisation,
                "client_id": client_id,
                "worker_id": worker_id,
                "person": self.clients[organisation, client_id]["person_id"],
                "intensity": self.clients[organisation, client_id]["intensity"],
                "municipality": workers[organisation, worker_id]["municipality"],
                "profession": workers[organisation, worker_id]["profession"],
                "assignments": assignments,
            }
            for (organisation, client_id, worker_id), assignments in joined.items()
        ]

    def _workers(self, workers: Mapping[tuple[str, str], Row], pairs: list[Row]) -> list[Row]:
        of_worker: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for pair in pairs:
            of_worker[pair["organisation"], pair["worker_id"]].append(pair)
        return [
            {
                "organisation": key[0],
                "municipality": spell["municipality"],
                "person": key,
                "profession": spell["profession"],
                "fte": spell["fte"],
                "band": band(len(of_worker[key])),
                "assignments": total(of_worker[key], "assignments"),
                "intensive": len(those(of_worker[key], intensity="intensive")),
                "intensive_assignments": total(
                    those(of_worker[key], intensity="intensive"), "assignments"
                ),
            }
            for key, spell in workers.items()
        ]

    def _relationships(self, day: date, pairs: list[Row]) -> list[Row]:
        of_client: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for pair in pairs:
            of_client[pair["organisation"], pair["client_id"]].append(pair)
        return [
            {
                "organisation": client["organisation"],
                "municipality": client["municipality"],
                "person": client["person_id"],
                "intensity": client["intensity"],
                "special_support": "yes" if client["special_support"] else "no",
                "assignments": total(of_client[key], "assignments"),
                "social_worker": bool(those(of_client[key], profession="social_worker")),
            }
            for key, client in self.clients.items()
            if _in_force(client, day)
        ]

    def _of_client(self, row: Row) -> Row:
        """Add what the client relationship of a row tells; nobody is told of: a person of its own."""
        key = (row["organisation"], row["client_id"])
        client = self.clients.get(key)
        support = client["special_support"] if client else None
        return row | {
            "relationship": key,
            "municipality": client["municipality"] if client else None,
            "person": client["person_id"] if client else key,
            "special_support": None if support is None else "yes" if support else "no",
        }

    def _client_process(self, period: Row) -> dict[str, list[Row]]:
        """The rows of theme 4 in a year."""
        year, day = period["period"], period["last_day"]
        assessments = [
            self._of_client(row) | {"support_needs": row["support_needs"] or []}
            for row in self.tables["fct_assessment"]
        ]
        plans = [self._of_client(row) for row in self.tables["fct_plan"]]
        clients = [
            self._of_client(row)
            | {"initiator": row["initiated_by"], "reason": row["primary_reason"]}
            for row in self.tables["dim_client"]
        ]
        completed = [row for row in assessments if _in(row["completed_on"], year)]
        return {
            "completed": completed,
            "needs": [
                {name: row[name] for name in ("organisation", "municipality", "person")}
                | {"support_need": need, "has_need": need in row["support_needs"]}
                for row in completed
                for need in self.needs
            ],
            "initiated": [
                row
                | {
                    "seventh_day": FINLAND.get_nth_working_day(row["initiated_on"], 7),
                    "third_month": row["started_on"] and _three_months_on(row["started_on"]),
                }
                for row in assessments
                if _in(row["initiated_on"], year)
            ],
            "served": [
                row
                | {
                    "assessments": sum(
                        assessment["completed_on"] is not None and assessment["completed_on"] <= day
                        for assessment in assessments
                        if assessment["relationship"] == row["relationship"]
                    ),
                    "plans": sum(
                        plan["made_on"] <= day
                        for plan in plans
                        if plan["relationship"] == row["relationship"]
                    ),
                }
                for row in clients
                if _in_force(row, day) and period["period_type"] == "year"
            ],
            "made": [row for row in plans if _in(row["made_on"], year)],
            "made_year_before": [row for row in plans if str(row["made_on"].year + 1) == year],
            "reviewed": [
                row
                for row in plans
                if _in(row["reviewed_on"], year)
                and row["goals_set"]
                and row["goals_met"] is not None
            ],
            "started": [row for row in clients if _in(row["started_on"], year)],
            "ended": [row for row in clients if _in(row["ended_on"], year)],
        }

    def _outcomes(self, period: Row) -> dict[str, list[Row]]:
        """The rows of theme 5 in a year."""
        year = period["period"]
        measurements = [
            self._of_client(row)
            | {"instrument_wave": f"{row['instrument']}:{row['measurement_no']}"}
            for row in self.tables["fct_measurement"]
        ]
        measured = [row for row in measurements if _in(row["measured_on"], year)]
        known = {(row["organisation"], row["measurement_id"]): row for row in measurements}
        groups = {(row["organisation"], row["group_id"]): row for row in self.tables["dim_group"]}
        return {
            "measurements": measured,
            "starts": [
                row
                | {
                    "followed": any(
                        other["wave"] != "start" and other["measured_on"] > row["measured_on"]
                        for other in measurements
                        if other["relationship"] == row["relationship"]
                        and other["instrument"] == row["instrument"]
                    )
                }
                for row in measured
                if row["wave"] == "start"
            ],
            "pairs_of_scores": self._pairs_of_scores(year, known),
            "feedback": self._feedback(year, known),
            "answers": self._group_answers(year, groups),
            "groups": [row for row in groups.values() if _in(row["started_on"], year)],
        }

    def _staff(self, period: Row) -> dict[str, list[Row]]:
        """The rows of theme 6 in a year."""
        year, day = period["period"], period["last_day"]
        if period["period_type"] != "year":
            return {"staff": [], "spells": [], "rounds": [], **{name: [] for name in ANSWERS}}
        month_ends = [
            last
            for month in range(1, 13)
            if (last := date(int(year), month, monthrange(int(year), month)[1])) <= day
        ]
        staff, spells = [], []
        for key, own in self.spells.items():
            of_worker = {"organisation": key[0], "person": key}
            spell = self._spell(*key, day)
            if spell and _in_force(spell, day):
                staff.append(spell | of_worker | {"carrying": spell["profession"] in self.carrying})
            for one in own:
                told = sum(
                    _in_force(one, last) and self._spell(*key, last) is one for last in month_ends
                )
                ended = _in(one["ended_on"], year)
                if told or ended:
                    counts = {"month_ends": told, "all_month_ends": len(month_ends) or 1}
                    spells.append(one | of_worker | counts | {"ended": ended})
        return {
            "staff": staff,
            "spells": spells,
            "rounds": [
                row | {"municipality": None}
                for row in self.tables["fct_survey_round"]
                if row["year"] == year
            ],
            **{
                name: [
                    row
                    | {"municipality": None, "person": (row["organisation"], row["response_id"])}
                    for row in self.tables["fct_worker_survey_answer"]
                    if row["year"] == year and row["answer_type"] == answer_type
                ]
                for name, answer_type in ANSWERS.items()
            },
        }

    def _structural(self, period: Row) -> dict[str, list[Row]]:
        """The rows of theme 7 in a year."""
        year = period["period"]
        meetings = [row for row in self.tables["fct_meeting"] if _in(row["held_on"], year)]
        return {
            "observations": [
                row | {"level": str(row["level"])}
                for row in self.tables["fct_observation"]
                if _in(row["observed_on"], year)
            ],
            "proposals": [
                row for row in self.tables["fct_measure"] if _in(row["proposed_on"], year)
            ],
            "meetings": meetings,
            "hyte_meetings": [
                row for row in meetings if row["body"] == "hyte_group" and row["municipality"]
            ],
        }

    def blind_spots(self, period: Row, rows: Tables, covering: set[str]) -> dict[Key, Cell]:
        """Count the municipalities without a place and a visit, and those without one for a group."""
        day = period["last_day"]
        places = [row for row in rows["places"] if row["organisation"] in covering]
        visited = {row["municipality"] for row in rows["visits"] if row["organisation"] in covering}
        found: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
        for welfare_area in {self.welfare_area[organisation] for organisation in covering}:
            municipalities = {
                row["municipality"]
                for row in self.tables["dim_municipality"]
                if row["welfare_area"] == welfare_area
                and (row["valid_to"] is None or row["valid_to"] >= day)
            }
            for group in [None, *self.target_groups]:
                fitting = [
                    row
                    for row in places
                    if row["municipality"] in municipalities
                    and (group is None or {group, "anyone"} & set(row["target_groups"]))
                ]
                blind = municipalities - {row["municipality"] for row in fitting}
                blind -= visited if group is None else set()
                part = ("target_group", group) if group else ("none", "all")
                for area in (("welfare_area", welfare_area), ("country", "FI")):
                    before = found.setdefault(area, {}).get(part, Cell(0, 0, None, 0))
                    found[area][part] = Cell(
                        before.numerator + len(blind),
                        (before.denominator or 0) + len(municipalities),
                        None,
                        before.events + len(fitting),
                    )
        return {
            ("access.blind_spots", *area, "year", period["period"], *part): cell
            for area, parts in found.items()
            for part, cell in parts.items()
        }

    def _pairs_of_scores(self, year: str, known: Mapping[tuple[str, str], Row]) -> list[Row]:
        scored: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in self.tables["fct_measurement_score"]:
            measurement = known.get((row["organisation"], row["measurement_id"]))
            if measurement:
                scored[
                    measurement["relationship"], measurement["instrument"], row["domain"]
                ].append(measurement | {"score": row["score"]})
        pairs = []
        for (_, instrument, domain), rows in scored.items():
            rows.sort(key=lambda row: (row["measured_on"], row["measurement_id"]))
            first = next((row for row in rows if row["wave"] == "start"), None)
            later = [
                row for row in rows if row["wave"] != "start" and _in(row["measured_on"], year)
            ]
            if first and later and later[-1]["measured_on"] > first["measured_on"]:
                change = {
                    "instrument_domain": f"{instrument}:{domain}",
                    "change": later[-1]["score"] - first["score"],
                }
                pairs.append(later[-1] | change)
        return pairs

    def _feedback(self, year: str, known: Mapping[tuple[str, str], Row]) -> list[Row]:
        """Answers with the person behind them; of forms without a client, the n-th of each kind."""
        rows = [row for row in self.tables["fct_client_feedback"] if _in(row["answered_on"], year)]
        nameless: dict[tuple[str, str], list[str]] = defaultdict(list)
        found = []
        for row in sorted(rows, key=lambda row: str(row["feedback_id"])):
            measurement = known.get((row["organisation"], row["measurement_id"]))
            forms = nameless[row["organisation"], self.forms[row["question"]]]
            if not measurement and row["feedback_id"] not in forms:
                forms.append(row["feedback_id"])
            found.append(
                row
                | {
                    "municipality": None,
                    "person": measurement["person"]
                    if measurement
                    else (row["organisation"], forms.index(row["feedback_id"])),
                }
            )
        return found

    def _group_answers(self, year: str, groups: Mapping[tuple[str, str], Row]) -> list[Row]:
        """Answers with the person behind them: the n-th form of the start and of the end are one's."""
        forms: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row in self.tables["fct_group_answer"]:
            forms[row["organisation"], row["group_id"], row["phase"]].add(row["response_id"])
        found = []
        for row in self.tables["fct_group_answer"]:
            if not _in(row["answered_on"], year):
                continue
            place = (row["organisation"], row["group_id"])
            nth = sorted(forms[*place, row["phase"]]).index(row["response_id"])
            found.append(
                row
                | {
                    "municipality": groups[place]["municipality"] if place in groups else None,
                    "person": (*place, nth),
                    "statement_phase": f"{row['statement']}:{row['phase']}",
                    "score": 6 - row["answer"] if row["statement"] == "s05" else row["answer"],
                }
            )
        return found

    def _contact(self, row: Row) -> Row:
        client = self.clients.get((row["organisation"], row["client_id"]))
        return {
            "organisation": row["organisation"],
            "municipality": client["municipality"] if client else None,
            "client_id": row["client_id"],
            "person": client["person_id"] if client else (row["organisation"], row["client_id"]),
            "channel": row["channel"],
            "method": row["method"],
            "outside": row["channel"] in self.outside,
            "minutes": row["minutes"],
        }

    def _entry(self, row: Row) -> Row:
        spell = self._spell(row["organisation"], row["worker_id"], row["worked_on"]) or {}
        return {
            "organisation": row["organisation"],
            "municipality": spell.get("municipality"),
            "profession": spell.get("profession"),
            "person": (row["organisation"], row["worker_id"]),
            "activity": row["activity"],
            "minutes": row["minutes"],
        }

    def _months(self, entries: list[Row]) -> list[Row]:
        of_month: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
        built_on = max(period["last_day"] for period in self.tables["dim_period"])
        for row in entries:
            next_month = row["worked_on"].replace(day=28) + timedelta(days=4)
            last_day = min(next_month - timedelta(days=next_month.day), built_on)
            of_month[row["organisation"], row["worker_id"], last_day].append(row)
        return [
            {
                "organisation": organisation,
                "municipality": spell.get("municipality"),
                "profession": spell.get("profession"),
                "person": (organisation, worker_id),
                "community": total(those(rows, is_community=True), "minutes"),
                "entries": len(rows),
            }
            for (organisation, worker_id, last_day), rows in of_month.items()
            for spell in (self._spell(organisation, worker_id, last_day) or {},)
        ]


def _in_force(spell: Row, day: date) -> bool:
    return spell["started_on"] <= day and (spell["ended_on"] is None or spell["ended_on"] >= day)


def _in(day: date | None, year: str) -> bool:
    return day is not None and str(day.year) == year


def _three_months_on(day: date) -> date:
    """Find the day with the same number three months on, or the last of that month."""
    year, month = day.year + (day.month + 2) // 12, (day.month + 2) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _parts(indicator: Indicator, tables: Tables, area_type: str) -> dict[tuple[str, str], Cell]:
    """Count the undivided cell and every part of it that has a row."""
    found: dict[tuple[str, str], Cell] = {}
    if not indicator.only and not indicator.each:
        cell = _cell(indicator, tables, tables)
        is_zero_told = indicator.denominator is None and area_type != "municipality"
        if cell and (is_zero_told or _is_there(indicator, cell)):
            found["none", "all"] = cell
    for breakdown in indicator.breakdowns:
        values = {
            value
            for rows in tables.values()
            for row in rows
            for value in _values(row, breakdown)
            if value is not None
        }
        for value in values:
            part = {
                name: [
                    row for row in rows if breakdown not in row or value in _values(row, breakdown)
                ]
                for name, rows in tables.items()
            }
            rest = {
                name: [
                    row
                    for row in rows
                    if breakdown not in row or value not in _values(row, breakdown)
                ]
                for name, rows in tables.items()
            }
            cell = _cell(indicator, part, tables if indicator.only else part, rest)
            if cell and _is_there(indicator, cell):
                found[breakdown, value] = cell
    return found


def _values(row: Row, breakdown: str) -> list[Any]:
    """List the parts that a row stands in: several where the column is a list."""
    value = row.get(breakdown)
    return value if isinstance(value, list) else [value]


def _cell(
    indicator: Indicator, part: Tables, whole: Tables, rest: Tables | None = None
) -> Cell | None:
    denominator = indicator.denominator(whole) if indicator.denominator else None
    if denominator is not None and denominator <= 0:
        return None
    persons = len(set(indicator.persons(whole))) if indicator.persons else 0
    is_rest = indicator.only and not indicator.overlapping
    other = rest if is_rest and rest is not None else part
    return Cell(
        numerator=indicator.numerator(part),
        denominator=denominator,
        persons=persons or None,
        events=int(indicator.events(whole)),
        numerator_persons=len(set(indicator.numerator_people(part)))
        if indicator.numerator_people
        else None,
        other_side_persons=len(set(indicator.other_people(other)))
        if indicator.other_people
        else None,
    )


def _is_there(indicator: Indicator, cell: Cell) -> bool:
    if indicator.denominator is None or indicator.only:
        return cell.numerator > 0
    return cell.denominator is not None and cell.denominator > 0
