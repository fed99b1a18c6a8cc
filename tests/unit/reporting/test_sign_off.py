"""Signing a year off: what may be signed, what is kept, and what keeps it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from expectations.results import Severity
from tests.support.signed_home import (
    BUILT,
    DUE,
    NEWEST,
    OPEN,
    YEAR,
    failure,
    judge,
    publish_warehouse,
)
from vuosikello.reporting.sign_off import (
    SigningProblem,
    SignOff,
    latest_sign_off,
    sign_off,
    sign_offs,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose year is ready, but for a warning."""
    publish_warehouse(tmp_path)
    judge(tmp_path, failure("volume.plans", severity=Severity.WARNING))
    return tmp_path


def sign(home: Path, **changes: object) -> SignOff:
    given = {"by": "knowledge manager", "reason": "Looked through with the areas.", "at": OPEN}
    return sign_off(home, YEAR, **(given | changes))  # type: ignore[arg-type]


def kept(home: Path) -> list[str]:
    path = home / "signoffs" / f"{YEAR}.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_a_year_that_nobody_signed_has_no_sign_off(tmp_path: Path) -> None:
    assert latest_sign_off(tmp_path, YEAR) is None
    assert sign_offs(tmp_path, YEAR) == []


def test_a_ready_year_is_signed_with_the_result_that_was_read(home: Path) -> None:
    signed = sign(home)
    assert latest_sign_off(home, YEAR) == signed
    assert (signed.number, signed.decision, signed.by) == (1, "approved", "knowledge manager")
    assert (signed.reason, signed.override_reason) == ("Looked through with the areas.", None)
    assert signed.at == OPEN
    assert not signed.is_early
    readiness = signed.readiness
    assert (readiness.success, readiness.evaluated, readiness.failed, readiness.warned) == (
        True,
        3,
        0,
        1,
    )
    assert [one.expectation for one in readiness.failures] == ["volume.plans"]
    original = (home / "docs" / "validation" / "readiness" / "results.json").read_bytes()
    copy = home / "signoffs" / f"{YEAR}.1.readiness.json"
    assert copy.read_bytes() == original
    assert readiness.sha256 == hashlib.sha256(original).hexdigest()
    # The line itself is short: what did not hold stands in the copy.
    assert "failures" not in json.loads(kept(home)[0])["readiness"]


@pytest.mark.parametrize(
    ("newest_at", "frozen_at"),
    [
        (NEWEST, BUILT),
        # It came after the build had begun, and was still seen by it.
        (
            BUILT + timedelta(seconds=2, microseconds=7),
            BUILT + timedelta(seconds=2, microseconds=7),
        ),
    ],
)
def test_a_sign_off_freezes_the_moment_by_which_all_had_come(
    newest_at: datetime, frozen_at: datetime, tmp_path: Path
) -> None:
    publish_warehouse(tmp_path, newest_at=newest_at)
    judge(tmp_path)
    signed = sign(tmp_path)
    assert signed.frozen_at == frozen_at
    assert signed.frozen_at.utcoffset() == timedelta(0)
    assert signed.knowledge.newest_submission_id == "SUBMISSION-1"
    assert signed.knowledge.submissions == 3


def test_a_failed_check_is_overridden_with_a_reason_only(tmp_path: Path) -> None:
    publish_warehouse(tmp_path)
    judge(tmp_path, failure("submitted.contacts"), failure("covered.plans", feed="plans"))
    with pytest.raises(
        SigningProblem, match=r"2 critical checks.*submitted\.contacts, covered\.plans"
    ):
        sign(tmp_path)
    with pytest.raises(SigningProblem, match="override"):
        sign(tmp_path, override_reason="")
    assert kept(tmp_path) == []
    signed = sign(tmp_path, override_reason="hva-20 closed the unit in May.")
    assert signed.override_reason == "hva-20 closed the unit in May."
    assert not signed.readiness.success
    assert {one.expectation for one in signed.readiness.critical} == {
        "submitted.contacts",
        "covered.plans",
    }


def test_where_nothing_failed_nothing_is_overridden(home: Path) -> None:
    assert sign(home, override_reason="To be on the safe side.").override_reason is None


def test_nothing_is_signed_that_was_not_judged(tmp_path: Path) -> None:
    publish_warehouse(tmp_path)
    with pytest.raises(SigningProblem, match=r"has not been judged yet.*--year 2026"):
        sign(tmp_path)
    judge(tmp_path, year=2025)
    with pytest.raises(SigningProblem, match="judged last for 2025"):
        sign(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"newest": "SUBMISSION-2"},
        {"project_hash": "models 2"},
        {"submissions": 4},
        # What had waited for a person was let in: received before, known since.
        {"known_at": BUILT},
    ],
    ids=str,
)
def test_only_what_is_published_is_signed(changes: dict[str, object], home: Path) -> None:
    publish_warehouse(home, **changes)  # type: ignore[arg-type]
    with pytest.raises(SigningProblem, match="not the one that readiness was judged on"):
        sign(home)
    assert kept(home) == []


def test_a_build_of_the_next_day_from_the_same_submissions_may_be_signed(home: Path) -> None:
    publish_warehouse(home, built_at=BUILT + timedelta(days=1))
    assert sign(home).frozen_at == BUILT


def test_before_the_year_is_over_each_day_is_another_warehouse(tmp_path: Path) -> None:
    december = datetime(2026, 12, 20, 3, 0, tzinfo=UTC)
    publish_warehouse(tmp_path, built_at=december)
    judge(tmp_path)
    publish_warehouse(tmp_path, built_at=december + timedelta(days=1))
    with pytest.raises(SigningProblem, match="not the one that readiness was judged on"):
        sign(tmp_path, at=december + timedelta(days=1), early=True)


def test_without_a_warehouse_nothing_is_signed(home: Path) -> None:
    (home / "warehouse.duckdb").unlink()
    with pytest.raises(SigningProblem, match="not the one that readiness was judged on"):
        sign(home)


def test_what_a_person_was_shown_must_still_be_what_is_published(home: Path) -> None:
    seen = judge(home).knowledge
    publish_warehouse(home, newest="SUBMISSION-2")
    judge(home)
    with pytest.raises(SigningProblem, match="newer submissions since you were asked"):
        sign(home, seen=seen)


def test_before_the_window_opens_it_is_signed_early_only(home: Path) -> None:
    evening = datetime(2027, 1, 31, 21, 59, tzinfo=UTC)
    with pytest.raises(SigningProblem, match=r"opens on 2027-02-01.*--early"):
        sign(home, at=evening)
    assert not sign(home, at=evening + timedelta(minutes=1)).is_early
    publish_warehouse(home, newest="SUBMISSION-2")
    judge(home)
    assert sign(home, at=evening, early=True).is_early


def test_a_mild_judgement_is_not_signed(home: Path) -> None:
    judge(home, on=date(2027, 1, 30))
    with pytest.raises(SigningProblem, match=rf"as mildly as on 2027-01-30.*--on {DUE}"):
        sign(home, early=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"by": "  "}, "Give who signs"),
        ({"reason": "\n"}, "Give a reason"),
        ({"reason": "x" * 2001}, "Shorten a reason"),
        ({"reason": "Asked about 131052-308T."}, "Leave personal identity codes out of a reason"),
        ({"by": "131052a308t"}, "Leave personal identity codes out of who signs"),
        # Office programs make an en dash of a hyphen, or a minus sign.
        ({"reason": "Asked about 131052–308T."}, "Leave personal identity codes out of a reason"),
        ({"reason": "Asked about 131052−308T."}, "Leave personal identity codes out of a reason"),
        ({"by": "id131052-308T"}, "Leave personal identity codes out of who signs"),
    ],
)
def test_who_and_why_are_told_and_can_be_published(
    changes: dict[str, object], said: str, home: Path
) -> None:
    with pytest.raises(SigningProblem, match=said) as problem:
        sign(home, **changes)
    assert "131052" not in str(problem.value)
    assert kept(home) == []


def test_a_text_of_many_lines_stays_one_line(home: Path) -> None:
    assert sign(home, reason="First.\nThen  this. ").reason == "First. Then this."
    assert len(kept(home)) == 1


def test_a_year_is_rejected_whatever_its_state_and_the_last_word_counts(home: Path) -> None:
    judge(home, failure(), on=date(2026, 11, 5))
    rejected = sign(home, decision="rejected", reason="hva-20 sends corrections on Monday.")
    assert (rejected.decision, rejected.number) == ("rejected", 1)
    judge(home)
    sign(home)
    latest = latest_sign_off(home, YEAR)
    assert latest is not None
    assert (latest.decision, latest.number) == ("approved", 2)
    assert [one.decision for one in sign_offs(home, YEAR)] == ["rejected", "approved"]


def test_the_same_data_are_not_signed_twice_and_corrections_are(home: Path) -> None:
    sign(home)
    with pytest.raises(SigningProblem, match=r"was signed off by knowledge manager on 2027-02-02"):
        sign(home, by="data engineer")
    sign(home, decision="rejected", reason="Signed in error.")
    assert sign(home).number == 3
    publish_warehouse(home, newest="SUBMISSION-2")
    judge(home)
    assert sign(home, reason="The correction of hva-20.").number == 4


def test_years_are_signed_apart(home: Path) -> None:
    sign(home)
    assert latest_sign_off(home, YEAR + 1) is None


def test_a_line_torn_by_a_power_cut_is_none_and_the_next_stands_on_its_own(home: Path) -> None:
    sign(home)
    path = home / "signoffs" / f"{YEAR}.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    (home / "signoffs" / f"{YEAR}.2.readiness.json").write_text("{}", encoding="utf-8")
    latest = latest_sign_off(home, YEAR)
    assert latest is not None
    assert latest.number == 1
    rejected = sign(home, decision="rejected", reason="Taken back.")
    assert rejected.number == 2
    assert [one.number for one in sign_offs(home, YEAR)] == [1, 2]


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_result_that_is_gone_or_changed_since_is_told(is_gone: bool, home: Path) -> None:
    sign(home)
    copy = home / "signoffs" / f"{YEAR}.1.readiness.json"
    if is_gone:
        copy.unlink()
    else:
        copy.write_bytes(copy.read_bytes().replace(b'"warned":1', b'"warned":0'))
    with pytest.raises(SigningProblem, match=r"sign-off 1 of 2026 is gone or has been changed"):
        latest_sign_off(home, YEAR)


def test_decisions_made_at_the_same_time_all_stand(home: Path) -> None:
    def reject(number: int) -> int:
        return sign(home, decision="rejected", reason=f"Reason {number}.").number

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(reject, range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert {one.reason for one in sign_offs(home, YEAR)} == {f"Reason {n}." for n in range(24)}


def test_of_two_processes_that_approve_the_same_data_one_does(home: Path) -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path;"
        "from vuosikello.reporting.sign_off import sign_off, SigningProblem\n"
        "try:\n"
        "    sign_off(Path(sys.argv[1]), 2026, by='knowledge manager', reason='Ready.',"
        " at=datetime(2027, 2, 2, tzinfo=UTC))\n"
        "except SigningProblem as problem:\n"
        "    print(problem)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0] for process in running)
    assert said[0] == ""
    assert "was signed off by knowledge manager" in said[1]
    assert len(sign_offs(home, YEAR)) == 1
