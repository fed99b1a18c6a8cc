"""Theme 6, staff: its indicators in plain Python, and the rows that they are counted over."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

from tests.support.mirror.engine import (
    WITHOUT_MUNICIPALITY,
    YEAR,
    Indicator,
    Mirror,
    Row,
    Theme,
    count,
    in_force,
    is_in,
    mean,
    people,
    per_10000,
    share,
    total,
)

ANSWERS = {"scale_answers": "scale", "yes_no_answers": "yes_no"}


INDICATORS: dict[str, Indicator] = {
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


def rows(marts: Mirror, period: Row) -> dict[str, list[Row]]:
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
    for key, own in marts.spells.items():
        of_worker = {"organisation": key[0], "person": key}
        spell = marts.spell(*key, day)
        if spell and in_force(spell, day):
            staff.append(spell | of_worker | {"carrying": spell["profession"] in marts.carrying})
        for one in own:
            in_force_at = sum(
                in_force(one, last) and marts.spell(*key, last) is one for last in month_ends
            )
            ended = is_in(one["ended_on"], year)
            if in_force_at or ended:
                counts = {"month_ends": in_force_at, "all_month_ends": len(month_ends) or 1}
                spells.append(one | of_worker | counts | {"ended": ended})
    return {
        "staff": staff,
        "spells": spells,
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


THEME = Theme(INDICATORS, rows)
