"""What the steps of the reporting window tell Airflow, by homes written out by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common import clock
from expectations.results import Failure
from tests.support.signed_home import YEAR, failure, judge, publish_warehouse
from vuosikello.reporting.sign_off import latest_sign_off, sign_offs

OPEN = date(2027, 2, 3)
ANSWERED = datetime(2027, 2, 3, 7, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a published warehouse, and steps that work in it on a day of the open window."""
    from vuosikello.orchestration import tasks, window_tasks

    monkeypatch.setattr(tasks, "home", lambda: tmp_path)
    monkeypatch.setattr(clock, "today", lambda: OPEN)
    monkeypatch.setattr(
        "airflow.sdk.get_current_context",
        lambda: {"ti": SimpleNamespace(dag_id="reporting_window", task_id="one", map_index=-1)},
    )
    assert window_tasks.tasks is tasks
    publish_warehouse(tmp_path)
    return tmp_path


def on(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: day)


def asked(home: Path, *failures: Failure) -> dict[str, Any]:
    from vuosikello.orchestration import window_tasks

    judge(home, *failures)
    return window_tasks.ask({"year": YEAR})


def answer(option: str, **filled_in: str) -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"by": None, "reason": "", "override_reason": None} | filled_in,
        "responded_by_user": {"id": "7", "name": "office"},
        "responded_at": ANSWERED,
    }


def skipped(said: str) -> Any:
    from airflow.sdk.exceptions import AirflowSkipException

    return pytest.raises(AirflowSkipException, match=said)


def failed(said: str) -> Any:
    from airflow.sdk.exceptions import AirflowFailException

    return pytest.raises(AirflowFailException, match=said)


def test_until_the_window_opens_nobody_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(date(2027, 1, 31), monkeypatch)
    with skipped("The window of 2026 opens on 2027-02-01"):
        asked(home)


def test_the_question_tells_what_a_person_needs_to_decide(home: Path) -> None:
    question = asked(home, failure(), failure(organisation="hva-21"), failure("refused.plans"))
    assert question["subject"] == "May 2026 be reported?"
    body = question["body"]
    assert "**Not ready**: 2 of 4 checks fail critically" in body
    assert "missing something: **2**" in body
    assert "- hva-20: 2 checks, 1 feeds not submitted" in body
    assert "docs/validation/readiness/index.html" in body
    assert "Submissions in the warehouse: **3**" in body
    assert question["seen"]["newest_submission_id"] == "SUBMISSION-1"
    assert "**Ready**: no critical check fails" in asked(home)["body"]


def test_an_approval_is_kept_with_who_and_why(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    reported = window_tasks.sign(
        asked(home), answer("Approve", by="knowledge manager", reason="Ready.")
    )
    assert reported == {"year": YEAR, "number": 1, "decision": "approved"}
    signed = latest_sign_off(home, YEAR)
    assert signed is not None
    assert (signed.by, signed.account, signed.through) == ("knowledge manager", "office", "airflow")
    assert (signed.at, signed.reason) == (ANSWERED, "Ready.")


def test_who_does_not_say_who_signs_signs_with_the_account(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    window_tasks.sign(asked(home), answer("Approve", reason="Ready."))
    signed = latest_sign_off(home, YEAR)
    assert signed is not None
    assert signed.by == "office"


def test_a_task_that_was_killed_after_signing_signs_once(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    question, given = asked(home), answer("Approve", reason="Ready.")
    assert window_tasks.sign(question, given) == window_tasks.sign(question, given)
    assert len(sign_offs(home, YEAR)) == 1


@pytest.mark.parametrize(
    ("failures", "given", "said"),
    [
        ((), {"reason": " "}, "Give a reason"),
        ((failure(),), {"reason": "Ready."}, "2026 is not ready: 1 critical"),
        ((failure(),), {"reason": "Ready.", "override_reason": " "}, "2026 is not ready"),
    ],
)
def test_what_cannot_be_signed_fails_and_says_how_to_be_asked_again(
    failures: tuple[Failure, ...], given: dict[str, str], said: str, home: Path
) -> None:
    from vuosikello.orchestration import window_tasks

    with failed(rf"(?s){said}.*clear the task readiness"):
        window_tasks.sign(asked(home, *failures), answer("Approve", **given))
    assert latest_sign_off(home, YEAR) is None


def test_an_answer_about_older_data_is_refused(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    question = asked(home)
    publish_warehouse(home, newest="SUBMISSION-2")
    with failed("not the one that readiness was judged on"):
        window_tasks.sign(question, answer("Approve", reason="Ready."))
    judge(home)
    with failed("newer submissions since you were asked"):
        window_tasks.sign(question, answer("Approve", reason="Ready."))


def test_without_a_decision_nothing_is_kept_and_nothing_fails(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    with skipped("asked again tomorrow"):
        window_tasks.sign(asked(home), answer("Not yet"))
    assert latest_sign_off(home, YEAR) is None


def test_a_rejected_year_is_kept_and_not_released(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    reported = window_tasks.sign(asked(home, failure()), answer("Reject", reason="hva-20 mends."))
    assert reported["decision"] == "rejected"
    with skipped("2026 was rejected"):
        window_tasks.release(reported)


@pytest.mark.parametrize(
    ("day", "is_forced", "said"),
    [
        (date(2026, 10, 31), False, "The collection of 2026 opens on 2026-11-01"),
        (date(2027, 6, 1), False, "The results of 2026 were due on 2027-05-31"),
    ],
)
def test_outside_its_days_a_year_is_not_judged(
    day: date, is_forced: bool, said: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vuosikello.orchestration import window_tasks

    on(day, monkeypatch)
    with skipped(said):
        window_tasks.readiness(YEAR, is_forced=is_forced)


def test_a_signed_year_is_not_judged_again_by_itself(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    window_tasks.sign(asked(home), answer("Approve", by="knowledge manager", reason="Ready."))
    with skipped("2026 was signed off by knowledge manager on 2027-02-03"):
        window_tasks.readiness(None, is_forced=False)


def test_without_a_warehouse_nothing_is_judged(home: Path) -> None:
    from vuosikello.orchestration import window_tasks

    (home / "warehouse.duckdb").unlink()
    with skipped("Nothing has been built yet"):
        window_tasks.readiness(YEAR, is_forced=True)


def test_a_year_is_judged_and_its_reminders_are_written(
    home: Path, iso_sos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vuosikello.orchestration import window_tasks

    (home / "warehouse.duckdb").unlink()
    (home / "warehouse.duckdb").symlink_to(iso_sos / "warehouse.duckdb")
    on(date(2020, 1, 28), monkeypatch)
    judged = window_tasks.readiness(None, is_forced=False)
    assert (judged["year"], judged["success"], judged["days_left"]) == (2019, False, 3)
    window_tasks.remind(judged)
    assert (home / "reminders" / "2019" / "kainuun-sote.fi.txt").is_file()


def test_a_deadline_that_passed_raises_an_alert(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vuosikello.orchestration import window_tasks
    from vuosikello.reporting import alerts

    raised: list[Any] = []
    monkeypatch.setattr(alerts, "deadline_passed", lambda *reported: raised.append(reported))
    context = {"dag_run": {}, "deadline": {"deadline_time": ANSWERED + timedelta(days=1)}}
    asyncio.run(window_tasks.deadline_passed(year=YEAR, deadline="collection_due", context=context))
    assert raised == [(home, YEAR, alerts.Deadline.COLLECTION)]
