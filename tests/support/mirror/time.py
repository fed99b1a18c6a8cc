"""Theme 2, time allocation: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import matching, people, total

TARGET_MINUTES = 480


INDICATORS: dict[str, Indicator] = {
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
        lambda t: total(matching(t["entries"], activity="client_process"), "minutes"),
        lambda t: len(t["entries"]),
        lambda t: total(t["entries"], "minutes"),
        lambda t: people(t["entries"], "minutes"),
        lambda t: people(matching(t["entries"], activity="client_process"), "minutes"),
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
        lambda t: total(matching(t["shares"], block="alloc"), "share") / 100,
        lambda t: len(matching(t["responses"], alloc=True)),
        lambda t: len(matching(t["responses"], alloc=True)),
        lambda t: people(matching(t["responses"], alloc=True)),
        lambda t: people(matching(t["shares"], block="alloc"), "share"),
        lambda t: people(matching(t["shares"], block="alloc"), "share"),
        breakdowns=("activity",),
        only=True,
    ),
    "time.survey_process_allocation": Indicator(
        "worker_survey",
        lambda t: total(matching(t["shares"], block="process"), "share") / 100,
        lambda t: len(matching(t["responses"], process=True)),
        lambda t: len(matching(t["responses"], process=True)),
        lambda t: people(matching(t["responses"], process=True)),
        lambda t: people(matching(t["shares"], block="process"), "share"),
        lambda t: people(matching(t["shares"], block="process"), "share"),
        breakdowns=("process_activity",),
        only=True,
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
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """Contacts, time entries and answered surveys of a period."""
    contacts = marts.events("fct_contact", "occurred_on", period)
    entries = marts.events("fct_time_entry", "worked_on", period)
    return {
        "contacts": [_contact(marts, row) for row in contacts],
        "entries": [_entry(marts, row) for row in entries],
        "months": _months(marts, entries),
        "responses": [
            {
                "organisation": row["organisation"],
                "municipality": None,
                "person": (row["organisation"], row["response_id"]),
                "alloc": bool(row["alloc_sum_is_100"]),
                "process": bool(row["process_sum_is_100"]),
            }
            for row in marts.tables["fct_worker_survey_response"]
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
            for row in marts.tables["fct_worker_survey_allocation"]
            if row["year"] == period["period"] and row["block_sum_is_100"]
        ],
    }


def _contact(marts: Mirror, row: Row) -> Row:
    return marts.of_client(row, row["occurred_on"]) | {
        "outside": row["channel"] in marts.outside,
    }


def _entry(marts: Mirror, row: Row) -> Row:
    worker = marts.worker(row["organisation"], row["worker_id"], row["worked_on"]) or {}
    return {
        "organisation": row["organisation"],
        "municipality": worker.get("municipality"),
        "team": worker.get("team"),
        "profession": worker.get("profession"),
        "person": (row["organisation"], row["worker_id"]),
        "activity": row["activity"],
        "minutes": row["minutes"],
    }


def _months(marts: Mirror, entries: list[Row]) -> list[Row]:
    of_month: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
    for row in entries:
        next_month = row["worked_on"].replace(day=28) + timedelta(days=4)
        last_day = min(next_month - timedelta(days=next_month.day), marts.built_on)
        of_month[row["organisation"], row["worker_id"], last_day].append(row)
    return [
        {
            "organisation": organisation,
            "municipality": worker.get("municipality"),
            "team": worker.get("team"),
            "profession": worker.get("profession"),
            "person": (organisation, worker_id),
            "community": total(matching(rows, is_community=True), "minutes"),
            "entries": len(rows),
        }
        for (organisation, worker_id, last_day), rows in of_month.items()
        for worker in (marts.worker(organisation, worker_id, last_day) or {},)
    ]


THEME = Theme(INDICATORS, rows)
