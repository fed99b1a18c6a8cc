"""Alerts: raised when a day has passed and what was due on it is not done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.signed_home import YEAR, failure, judge, publish_warehouse
from vuosikello.reporting.alerts import Alert, Deadline, alerts, deadline_passed
from vuosikello.reporting.sign_off import sign_off

AFTER_DUE = datetime(2027, 2, 1, 6, 0, tzinfo=UTC)
AFTER_RESULTS = datetime(2027, 6, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home where two organisations are missing something."""
    publish_warehouse(tmp_path)
    judge(tmp_path, failure(), failure(organisation="hva-21"), failure("volume.plans", "hva-01"))
    return tmp_path


def test_data_missing_after_the_collection_was_due_are_alerted_of(home: Path) -> None:
    alert = deadline_passed(home, YEAR, Deadline.COLLECTION, now=AFTER_DUE)
    assert alert == Alert(
        YEAR,
        Deadline.COLLECTION,
        AFTER_DUE,
        "The collection of 2026 was due on 2027-01-31, and data of 2 organisations are missing: "
        "hva-20, hva-21. Ask for them: vuosikello remind --year 2026",
    )
    assert alerts(home, YEAR) == [alert]


def test_a_year_that_was_not_judged_is_alerted_of(tmp_path: Path) -> None:
    alert = deadline_passed(tmp_path, YEAR, Deadline.COLLECTION, now=AFTER_DUE)
    assert alert is not None
    assert "has not been judged: vuosikello validate --suite readiness" in alert.text


@pytest.mark.parametrize("deadline", Deadline)
def test_before_its_day_has_passed_nothing_is_alerted_of(deadline: Deadline, home: Path) -> None:
    on_the_day = {
        Deadline.COLLECTION: datetime(2027, 1, 31, 21, 59, tzinfo=UTC),
        Deadline.RESULTS: datetime(2027, 5, 31, 20, 59, tzinfo=UTC),
    }[deadline]
    assert deadline_passed(home, YEAR, deadline, now=on_the_day) is None
    assert deadline_passed(home, YEAR, deadline, now=on_the_day + timedelta(minutes=1)) is not None


def test_where_nothing_is_missing_nothing_is_alerted_of(home: Path) -> None:
    judge(home, failure("volume.plans", "hva-01"))
    assert deadline_passed(home, YEAR, Deadline.COLLECTION, now=AFTER_DUE) is None


def test_a_year_that_nobody_signed_is_alerted_of_until_it_is_signed(home: Path) -> None:
    alert = deadline_passed(home, YEAR, Deadline.RESULTS, now=AFTER_RESULTS)
    assert alert is not None
    assert "were due on 2027-05-31, and nobody has signed the year off" in alert.text
    sign_off(
        home, YEAR, by="knowledge manager", reason="Late.", override_reason="Closed.",
        at=AFTER_RESULTS,
    )  # fmt: skip
    later = AFTER_RESULTS + timedelta(days=1)
    assert deadline_passed(home, YEAR, Deadline.RESULTS, now=later) is None
    assert deadline_passed(home, YEAR, Deadline.COLLECTION, now=later) is None


def test_the_same_is_alerted_of_once_a_day(home: Path) -> None:
    def raised(now: datetime) -> Alert | None:
        return deadline_passed(home, YEAR, Deadline.COLLECTION, now=now)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(raised, [AFTER_DUE + timedelta(minutes=n) for n in range(8)]))
    assert sum(alert is not None for alert in found) == 1
    assert raised(AFTER_DUE + timedelta(days=1)) is not None
    assert len(alerts(home, YEAR)) == 2


def test_a_torn_line_is_no_alert(home: Path) -> None:
    deadline_passed(home, YEAR, Deadline.COLLECTION, now=AFTER_DUE)
    path = home / "alerts" / f"{YEAR}.jsonl"
    path.write_text(path.read_text("utf-8") + '{"year": 2026, "dead', encoding="utf-8")
    assert deadline_passed(home, YEAR, Deadline.RESULTS, now=AFTER_RESULTS) is not None
    assert [one.deadline for one in alerts(home, YEAR)] == [Deadline.COLLECTION, Deadline.RESULTS]
