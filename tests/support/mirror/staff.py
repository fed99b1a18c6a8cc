"""Theme 6, staff: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from datetime import date, timedelta

from tests.support.mirror.counting import Indicator, Row
from tests.support.mirror.days import days, in_force, is_in, of_day
from tests.support.mirror.engine import Mirror, Theme
from tests.support.mirror.kinds import count, mean, people, per_10000, share, total

ANSWERS = {"scale_answers": "scale", "yes_no_answers": "yes_no"}


INDICATORS: dict[str, Indicator] = {
    "staff.workers": count("workers", "staff", ("profession",)),
    "staff.fte": Indicator(
        "workers",
        lambda t: total(t["posts"], "fte"),
        lambda t: len(t["posts"]),
        persons=lambda t: people(t["posts"]),
        numerator_people=lambda t: people(t["posts"], "fte"),
        breakdowns=("profession",),
    ),
    "staff.turnover": Indicator(
        "workers",
        lambda t: total(t["spells"], "ended"),
        lambda t: len({row["post_key"] for row in t["spells"]}),
        lambda t: total(t["spells"], "part_of_year"),
        lambda t: people(t["spells"]),
        lambda t: people(t["spells"], "ended"),
        breakdowns=("profession",),
    ),
    "staff.workers_per_10000": per_10000("workers", "staff", "carrying", personal=True),
    "staff.survey_response_rate": Indicator(
        "survey_rounds",
        lambda t: len(t["responses"]),
        lambda t: len(t["rounds"]),
        lambda t: total(t["rounds"], "sent_to"),
        lambda t: people(t["responses"]),
        lambda t: people(t["responses"]),
    ),
    "staff.survey_mean": mean(
        "worker_survey",
        "scale_answers",
        "answer",
        len,
        ("question",),
        each=True,
    ),
    "staff.survey_yes_share": share(
        "worker_survey",
        "yes_no_answers",
        lambda row: row["answer"] == 1,
        breakdowns=("question",),
        each=True,
    ),
}


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
    """The rows of theme 6 in a year."""
    year, day = period["period"], period["last_day"]
    staff, posts_in_force = [], []
    for key in marts.workers:
        posts = [post for post in marts.posts(*key, day) if in_force(post, day)]
        posts_in_force += [post | {"person": key} for post in posts]
        if posts:
            carries = posts[-1]["profession"] in marts.carrying
            staff.append(posts[-1] | {"person": key, "carrying": carries})
    return {
        "staff": staff,
        "posts": posts_in_force,
        "spells": _spells(marts, period),
        "rounds": [
            row | {"municipality": None}
            for row in marts.tables["fct_survey_round"]
            if row["year"] == year
        ],
        **{
            name: [
                row | {"municipality": None, "person": (row["organisation"], row["response_id"])}
                for row in marts.tables["fct_worker_survey_answer"]
                if row["year"] == year and row["answer_type"] == answer_type
            ]
            for name, answer_type in ANSWERS.items()
        },
    }


def _spells(marts: Mirror, period: Row) -> list[Row]:
    """The worker at each month end of a year, and the posts that ended in it, as of that day."""
    month_ends = [day for day in days(period["first_day"], period["last_day"]) if _ends_month(day)]
    found = []
    for key, states in marts.workers.items():
        rows = [
            post | {"part_of_year": 1 / len(month_ends), "ended": False}
            for day in month_ends
            for post in marts.posts(*key, day)[-1:]
            if in_force(post, day)
        ]
        rows += [
            state | {"part_of_year": 0, "ended": True}
            for state in states
            if is_in(state["ended_on"], period) and of_day(state, state["ended_on"])
        ]
        found += [
            row | {"person": key, "post_key": (*key, row["started_on"], row["post"] or "")}
            for row in rows
        ]
    return found


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


THEME = Theme(INDICATORS, rows)
