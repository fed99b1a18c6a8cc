"""A value that changed since rows went out of force, or came back: diff says by what."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from tests.support.out_of_force import MANAGER, Known, known_at_three_moments
from vuosikello.cli.output import changes
from vuosikello.cli.output.json_values import json_values
from vuosikello.cli.output.streams import out
from vuosikello.lineage.diff import Change, Difference, ResponsibleSubmission
from vuosikello.lineage.explain import explain
from vuosikello.reporting.revision_reasons import write_reasons


@pytest.fixture(scope="module")
def known() -> Known:
    return known_at_three_moments()


def visits_of(result: Difference, area: str, period: str) -> tuple[str, list[str]]:
    """Return why the number of visits changed, and by which submissions."""
    (value,) = (
        one
        for one in result.values
        if (one.indicator, one.area, one.period, one.breakdown)
        == ("outreach.visits", area, period, "none")
        and one.period_type != "rolling_year"
    )
    return value.why, value.submissions


def responsible(result: Difference | Change, submission_id: str) -> ResponsibleSubmission:
    (found,) = (one for one in result.submissions if one.submission_id == submission_id)
    return found


def shown(result: Difference) -> str:
    with out.capture() as captured:
        changes.show_difference(result)
    return " ".join(captured.get().split())


# Displaced ----------------------------------------------------------------------------------------


def test_a_value_whose_days_another_submission_replaced_says_so(known: Known) -> None:
    result = known.between(0, 1)
    assert visits_of(result, "essote", "2019-03") == ("displaced", [known.ids["March"]])
    assert visits_of(result, "essote", "2019-05") == ("displaced", [known.ids["May"]])


def test_the_submission_names_whose_days_it_replaced(known: Known) -> None:
    result = known.between(0, 1)
    march = responsible(result, known.ids["March"])
    (days,) = march.displaced
    assert (days.submission_id, days.file) == (known.ids["year"], "essote/outreach/2019.csv")
    assert (days.first_day, days.last_day) == (date(2019, 3, 1), date(2019, 3, 31))
    assert (march.why, march.withdrawn_at) == ("displaced", None)
    assert changes.effects_of(march) == [
        "replaced the days 2019-03-01 – 2019-03-31 of essote/outreach/2019.csv"
    ]
    assert "replaced the days" in shown(result)


def test_explain_names_the_rows_that_went_out_of_force(known: Known) -> None:
    _, second, _ = known.warehouses
    result = explain(
        second, "outreach.visits", area="essote", period="2019", earlier=known.warehouses[0]
    )
    assert result.change is not None
    assert {(row.change, row.key["visit_id"], row.why) for row in result.change.rows} == {
        ("removed", "V1", "displaced"),
        ("removed", "V5", "displaced"),
        ("added", "V6", "own"),
        ("added", "V7", "own"),
    }
    by_row = {row.key["visit_id"]: row.submissions for row in result.change.rows}
    assert by_row["V1"] == [known.ids["March"]]
    assert by_row["V5"] == [known.ids["May"]]


# Withdrawn ----------------------------------------------------------------------------------------


def test_a_value_that_lost_its_rows_by_a_withdrawal_says_so(known: Known) -> None:
    result = known.between(1, 2)
    meetings = [
        one
        for one in result.values
        if one.indicator == "structural.decision_maker_meetings" and one.period == "2018"
    ]
    assert meetings
    for value in meetings:
        assert (value.change, value.why) == ("disappeared", "withdrawn")
        assert value.submissions == [known.ids["meetings"]]


def test_rows_that_come_back_are_by_the_withdrawal_and_not_by_their_own_file(known: Known) -> None:
    result = known.between(1, 2)
    assert visits_of(result, "essote", "2019-03") == ("withdrawn", [known.ids["March"]])
    assert visits_of(result, "kainuun-sote", "2019-06") == ("withdrawn", [known.ids["other"]])
    assert {one.why for one in result.values} == {"withdrawn"}
    assert {one.submission_id for one in result.submissions} == {
        known.ids[name] for name in ("March", "other", "meetings")
    }


def test_the_withdrawal_is_told_with_who_when_and_what_is_in_force_again(known: Known) -> None:
    result = known.between(1, 2)
    again = {
        name: responsible(result, known.ids[name]).in_force_again
        for name in ("March", "other", "meetings")
    }
    assert again == {
        "March": ["essote/outreach/2019.csv"],
        "other": ["kainuun-sote/outreach/2019.csv"],
        "meetings": [],
    }
    march = responsible(result, known.ids["March"])
    assert (march.why, march.withdrawn_by) == ("withdrawn", MANAGER)
    assert march.withdrawn_at == datetime(2020, 2, 3, 9)
    assert changes.effects_of(march) == [
        "withdrawn by a manager on 2020-02-03 11:00",
        "in force again: essote/outreach/2019.csv",
    ]
    assert "withdrawn by a manager on" in shown(result)
    assert result.without_effect == []


def test_explain_names_the_withdrawal_for_each_row(known: Known) -> None:
    _, second, third = known.warehouses
    result = explain(third, "outreach.visits", area="kainuun-sote", period="2019", earlier=second)
    assert result.change is not None
    assert [(row.change, row.key["visit_id"], row.why) for row in result.change.rows] == [
        ("removed", "K2", "withdrawn")
    ]
    assert responsible(result.change, known.ids["other"]).withdrawn_by == MANAGER


def test_what_came_and_was_withdrawn_in_between_is_no_cause(known: Known) -> None:
    result = known.between(0, 2)
    assert {one.submission_id for one in result.submissions} == {
        known.ids["May"],
        known.ids["meetings"],
    }
    assert visits_of(result, "essote", "2019")[1] == [known.ids["May"]]


# Where it is told ---------------------------------------------------------------------------------


def test_json_holds_who_withdrew_and_whose_days_were_replaced(known: Known) -> None:
    of_second = json.loads(json.dumps(json_values(known.between(0, 1))))
    days = {
        one["period"]: [
            (day["file"], day["first_day"], day["last_day"]) for day in one["displaced"]
        ]
        for one in of_second["submissions"]
    }
    assert days["2019-05"] == [("essote/outreach/2019.csv", "2019-05-01", "2019-05-31")]
    of_third = json.loads(json.dumps(json_values(known.between(1, 2))))
    assert {one["withdrawn_by"] for one in of_third["submissions"]} == {MANAGER}


@pytest.mark.parametrize(
    ("earlier", "later", "why", "told"),
    [
        (0, 1, "displaced", "essote/outreach/2019-03 {March} > essote/outreach/2019 {year} "
         "2019-03-01/2019-03-31"),
        (1, 2, "withdrawn", "essote/outreach/2019-03 {March} withdrawn 2020-02-03"),
    ],
)  # fmt: skip
def test_the_revisions_of_a_release_say_it_and_name_no_person(
    known: Known, tmp_path: Path, earlier: int, later: int, why: str, told: str
) -> None:
    reasons = tmp_path / "reasons.parquet"
    write_reasons(known.warehouses[later], known.warehouses[earlier], reasons)
    rows = duckdb.execute(
        "SELECT DISTINCT why, submissions FROM read_parquet($file) WHERE area = 'essote' "
        "AND indicator = 'outreach.visits' AND period = '2019-03' AND period_type = 'month'",
        {"file": str(reasons)},
    ).fetchall()
    assert rows == [(why, told.format(**known.ids))]
    everything = duckdb.execute("FROM read_parquet($file)", {"file": str(reasons)}).fetchall()
    assert MANAGER not in str(everything)
