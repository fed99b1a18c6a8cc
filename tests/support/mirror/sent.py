"""What the mirror counts over, made of the files sent: facts, spells and covered days.

The tables have the names and the columns of the marts that the themes read, and are made without
them: from the files by :mod:`received` and :mod:`spells`. An identifier stays as it was sent, with
its organisation before it where the same one could be another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.support.mirror.counting import Row
from tests.support.mirror.days import days
from tests.support.mirror.marts import Source
from tests.support.mirror.received import Received, SentRow
from tests.support.mirror.spells import spells

# The mart of each feed that the themes read, and its columns that have another name.
FACTS: dict[str, tuple[str, dict[str, str]]] = {
    "fct_assignment": ("assignments", {}),
    "fct_contact": ("contacts", {}),
    "fct_time_entry": ("time_entries", {"community": "is_community"}),
    "fct_outreach_visit": ("outreach", {}),
    "fct_population": ("population", {}),
    "fct_assessment": ("assessments", {"multiprofessional": "is_multiprofessional"}),
    "fct_plan": ("plans", {"joint": "is_joint", "client_participated": "has_client_participated"}),
    "fct_measurement": (
        "measurements",
        {"form_returned": "is_form_returned", "form_blank": "is_form_blank"},
    ),
    "fct_measurement_score": ("measurement_scores", {}),
    "fct_client_feedback": ("client_feedback", {}),
    "dim_group": ("groups", {}),
    "fct_survey_round": ("survey_rounds", {}),
    "fct_observation": ("observations", {}),
    "fct_measure": ("measures", {}),
    "fct_meeting": ("meetings", {}),
}
NUMBERS = (
    "answer",
    "feeling",
    "fte",
    "goals_met",
    "goals_set",
    "level",
    "minutes",
    "participants",
    "persons_contacted",
    "persons_present",
    "population",
    "score",
    "sent_to",
    "sessions",
    "share",
)
YES_OR_NO = (
    "client_participated",
    "community",
    "form_blank",
    "form_returned",
    "joint",
    "multiprofessional",
    "special_support",
)
LISTS = ("support_needs", "target_groups", "topics")
STATEMENTS = [f"s{nth:02}" for nth in range(1, 15)]
# The century that each separator of a personal identity code names.
CENTURIES = {"+": 1800} | dict.fromkeys("-YXWVU", 1900) | dict.fromkeys("ABCDEF", 2000)


def source_of(received: Received, waves: dict[str, int], questions: dict[str, str]) -> Source:
    """Make the tables that the themes read, and the days that are covered.

    Args:
        received: what was sent.
        waves: the number of the measurement of each wave.
        questions: the type of answer of each question of the worker survey: scale or yes_no.
    """
    tables: dict[str, list[Row]] = {
        mart: [
            {renamed.get(column, column): value for column, value in _typed(row).items()}
            for row in received.rows(feed)
        ]
        for mart, (feed, renamed) in FACTS.items()
    }
    for row in tables["fct_measurement"]:
        row["measurement_no"] = waves[row["wave"]]
    responses = received.rows("worker_survey")
    shares = [share for row in responses for share in _shares(row)]
    tables["fct_worker_survey_allocation"] = shares
    tables["fct_worker_survey_response"] = [
        _named(row, "organisation", "response_id", "year")
        | {
            f"{block}_sum_is_100": all(
                share["block_sum_is_100"] for share in _shares(row) if share["block"] == block
            )
            for block in ("alloc", "process")
        }
        for row in responses
    ]
    tables["fct_worker_survey_answer"] = [
        _named(row, "organisation", "response_id", "year")
        | {"question": question, "answer_type": answer_type, "answer": _answer(row[question])}
        for row in responses
        for question, answer_type in questions.items()
        if row.get(question) is not None
    ]
    tables["fct_group_answer"] = [
        _typed(
            _named(row, "organisation", "response_id", "group_id", "phase", "answered_on")
            | {"statement": statement, "answer": row[statement]}
        )
        for row in received.rows("group_responses")
        for statement in STATEMENTS
        if row[statement] is not None
    ]
    tables["dim_client"] = [_client(row) for row in received.rows("clients")]
    for mart, feed in (
        ("dim_client_spell", "clients"),
        ("dim_worker_spell", "workers"),
        ("dim_place_spell", "places"),
    ):
        tables[mart] = [
            (_client(row) if feed == "clients" else _typed(row))
            | {"valid_from": first, "valid_to": last}
            for first, last, row in spells(received, feed)
        ]
    stated: dict[tuple[str, str], set[date]] = defaultdict(set)
    for place, submissions in received.current.items():
        for one in submissions:
            stated[place] |= set(days(one.first_day, one.last_day))
    return Source(tables, stated)


def _typed(row: SentRow) -> Row:
    return {column: _value(column, text) for column, text in row.items()}


def _value(column: str, text: str | None) -> Any:
    if column in LISTS:
        return sorted(set(text.split("|"))) if text else []
    if text is None:
        return None
    if column.endswith("_on"):
        return date.fromisoformat(text)
    if column in NUMBERS:
        return float(text) if "." in text else int(text)
    return text == "true" if column in YES_OR_NO else text


def _named(row: SentRow, *columns: str) -> SentRow:
    return {column: row[column] for column in columns}


def _client(row: SentRow) -> Row:
    """Add what a personal identity code tells of its person."""
    code = str(row["person_id"]).upper()
    return _typed(row) | {
        "person_id": code,
        "birth_year": CENTURIES[code[6]] + int(code[4:6]),
        "sex": "male" if int(code[9]) % 2 else "female",
    }


def _shares(row: SentRow) -> Iterable[Row]:
    """List the shares of one response to the worker survey."""
    for block in ("alloc", "process"):
        told = {
            column.removeprefix(f"{block}_"): float(value)
            for column, value in row.items()
            if column.startswith(f"{block}_") and value is not None
        }
        for activity, share in told.items():
            yield _named(row, "organisation", "response_id", "year") | {
                "block": block,
                "activity": activity,
                "share": share,
                "block_sum_is_100": sum(told.values()) == 100,
            }


def _answer(text: str | None) -> int:
    return {"true": 1, "false": 0}[text] if text in ("true", "false") else int(str(text))
