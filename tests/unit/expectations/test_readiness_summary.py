"""Where a year stands: the verdict, who has what to mend, and what to do next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from expectations.pages import site
from expectations.readiness_summary import Kind, Verdict, kind_of, readiness_summary_of
from expectations.results import Failure, Severity
from tests.support.signed_home import DUE, failure, judge, publish_warehouse


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish_warehouse(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("failures", "on", "verdict", "step"),
    [
        ((), date(2027, 2, 3), Verdict.READY, "sign the year off"),
        ((), DUE, Verdict.READY, "may be signed off from 1 February 2027 on"),
        ((failure(),), date(2027, 2, 3), Verdict.NOT_READY, "overridden with a reason"),
        ((failure(),), DUE, Verdict.NOT_READY, "may be signed off from 1 February 2027 on"),
        (
            (failure(severity=Severity.INFO),),
            date(2026, 11, 5),
            Verdict.COLLECTING,
            "stricter until 31 January 2027",
        ),
        ((), date(2026, 11, 5), Verdict.COLLECTING, "Nobody need decide yet"),
    ],
)
def test_the_verdict_and_the_next_step_follow_from_the_result_and_the_day(
    failures: tuple[Failure, ...], on: date, verdict: Verdict, step: str, home: Path
) -> None:
    summary = readiness_summary_of(judge(home, *failures, on=on))
    assert summary.verdict is verdict
    assert step in " ".join(summary.next_steps)
    assert summary.days_left == (DUE - on).days


def test_where_nothing_could_be_checked_nobody_knows(home: Path) -> None:
    summary = readiness_summary_of(judge(home, holding=()))
    assert summary.verdict is Verdict.UNKNOWN
    assert summary.next_steps[0].startswith("Build the warehouse")


@pytest.mark.parametrize(
    ("expectation", "kind"),
    [
        ("submitted.contacts", Kind.MISSING),
        ("covered.contacts", Kind.MISSING),
        ("refused.contacts", Kind.REFUSED),
        ("rejects.contacts", Kind.REFUSED),
        ("unplaced", Kind.REFUSED),
        ("volume.contacts", Kind.IMPLAUSIBLE),
        ("references.contacts.client_id", Kind.IMPLAUSIBLE),
        ("responsible_workers", Kind.IMPLAUSIBLE),
        ("survey_response", Kind.IMPLAUSIBLE),
        ("survey_round", Kind.IMPLAUSIBLE),
        ("late.contacts", Kind.LATE),
        ("values.parts_sum_to_whole", Kind.BUILD),
    ],
)
def test_every_failure_is_of_a_kind(expectation: str, kind: Kind) -> None:
    assert kind_of(failure(expectation)) is kind


def test_organisations_are_told_gravest_first_with_what_is_theirs(home: Path) -> None:
    result = judge(
        home,
        failure("late.plans", "hva-01", "plans", severity=Severity.INFO),
        failure("volume.plans", "hva-02", "plans", severity=Severity.WARNING),
        failure("submitted.contacts", "hva-20"),
        failure("refused.plans", "hva-20", "plans", "2026-03"),
        failure("unplaced", None, None, None, severity=Severity.WARNING),
        failure("values.key", "country:FI", "outreach"),
        on=date(2027, 2, 1),
    )
    summary = readiness_summary_of(result)
    assert [one.organisation for one in summary.organisations] == [
        "hva-20",
        None,
        "hva-02",
        "hva-01",
    ]
    gravest, unknown, implausible, late = summary.organisations
    assert (gravest.critical, gravest.is_late, len(gravest.to_mend)) == (2, True, 2)
    assert not implausible.is_late
    assert late.late
    assert not late.to_mend
    assert unknown.refused
    assert [one.expectation for one in summary.build] == ["values.key"]
    assert summary.count(Kind.MISSING) == 1
    assert summary.count(Kind.REFUSED) == 2
    assert summary.late == 2
    steps = " ".join(summary.next_steps)
    assert "The data engineer mends" in steps
    assert "3 organisations have something to mend" in steps
    assert "Find out who sent the files" in steps


@pytest.mark.parametrize(
    ("on", "said"), [(date(2026, 12, 1), "Today they go."), (date(2026, 12, 2), "15 December 2026")]
)
def test_the_next_step_tells_when_reminders_go(on: date, said: str, home: Path) -> None:
    assert said in readiness_summary_of(judge(home, failure(), on=on)).next_steps[0]


@pytest.mark.parametrize(
    ("failures", "on", "said"),
    [
        ((), date(2027, 2, 3), "Yes, as far as the checks can tell"),
        ((failure(), failure("covered.plans", feed="plans")), date(2027, 2, 3), "Not yet: 2 critical checks do not hold"),
        ((failure(),), date(2027, 2, 3), "Not yet: 1 critical check does not hold"),
        ((), date(2026, 11, 5), "It is still being collected"),
    ],
)  # fmt: skip
def test_the_page_says_first_whether_the_year_may_be_reported(
    failures: tuple[Failure, ...], on: date, said: str, home: Path
) -> None:
    result = judge(home, *failures, on=on)
    site.write_suite(result.docs, result, {})
    page = (result.docs / "index.html").read_text(encoding="utf-8")
    first_screen = " ".join(page[page.index("<h1>") : page.index("<h2>Who has what")].split())
    assert "May 2026 be reported?" in first_screen
    assert said in first_screen
    assert "What to do next" in first_screen
    assert "31 January 2027" in first_screen
    index = site.write_index(result.docs.parent, ("readiness",), "results.json")
    is_collected = on < DUE
    assert (">being collected<" in index.read_text(encoding="utf-8")) is is_collected
    assert "<script" not in page
    assert "http" not in page
