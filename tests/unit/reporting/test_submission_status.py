"""The status of a year's collection, by a ledger written out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.home import Home
from ingest import ledger
from ingest.ledger import Slot
from vuosikello.reporting.submission_status import OrganisationStatus, status_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path).create()


def note(
    home: Home,
    organisation: str,
    feed: str,
    period: str,
    status: str,
    received: str,
    **changes: object,
) -> None:
    event: dict[str, Any] = {
        "event": "submission",
        "submission_id": f"{received}{status}",
        "organisation": organisation,
        "feed": feed,
        "period": period,
        "period_start": f"{period}-01-01",
        "period_end": f"{period}-12-31",
        "received_at": f"{received}T10:00:00.000000Z",
        "status": status,
    }
    ledger.append(home, Slot(organisation, feed, period), event | changes)


def organisation(home: Home, code: str, year: int, today: date) -> OrganisationStatus:
    found = status_of(home, year, today).organisations
    return next(one for one in found if one.organisation == code)


def test_an_accepted_feed_is_submitted_and_the_others_are_missing(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-10")
    one = organisation(home, "hva-20", 2025, date(2026, 1, 15))
    assert one.submitted == ["contacts"]
    assert "outreach" in one.missing
    assert "contacts" not in one.missing
    assert one.late == []


def test_what_is_missing_after_the_last_day_is_late(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-31")
    one = organisation(home, "hva-20", 2025, date(2026, 2, 1))
    assert "outreach" in one.late
    assert "contacts" not in one.late


def test_what_came_after_the_last_day_is_late(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-02-01")
    assert "contacts" in organisation(home, "hva-20", 2025, date(2026, 3, 1)).late


def test_a_refused_file_is_shown_until_one_for_the_same_period_is_accepted(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "refused", "2026-01-10")
    assert organisation(home, "hva-20", 2025, date(2026, 1, 15)).refused == ["contacts"]
    note(home, "hva-20", "contacts", "2025", "accepted_with_rejects", "2026-01-11")
    assert organisation(home, "hva-20", 2025, date(2026, 1, 15)).refused == []


def test_another_year_does_not_count(home: Home) -> None:
    note(home, "hva-20", "contacts", "2024", "accepted", "2026-01-10")
    assert organisation(home, "hva-20", 2025, date(2026, 1, 15)).submitted == []


def test_only_organisations_in_force_in_the_year_are_told(home: Home) -> None:
    codes = {one.organisation for one in status_of(home, 2022, date(2023, 1, 1)).organisations}
    assert "kainuun-sote" in codes
    assert "hva-20" not in codes


def test_the_last_build_is_told_by_the_clock_in_finland(home: Home) -> None:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("CREATE SCHEMA staging")
        connection.execute(
            "CREATE TABLE staging.build_info AS "
            "SELECT TIMESTAMP '2026-01-30 23:21:00' AS built_at, NULL::TIMESTAMP AS as_of"
        )
    assert status_of(home, 2025, date(2026, 1, 31)).build == "built 2026-01-31 01:21"
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-31")
    assert status_of(home, 2025, date(2026, 1, 31)).build == (
        "built 2026-01-31 01:21; newer submissions wait for the next build"
    )


@pytest.mark.parametrize(
    ("today", "year", "stage"),
    [
        (date(2026, 11, 1), 2026, "1 "),
        (date(2027, 1, 31), 2026, "1 "),
        (date(2027, 2, 1), 2026, "2 "),
        (date(2026, 10, 31), 2025, "9 "),
    ],
)
def test_the_year_and_the_stage_follow_the_annual_clock(
    home: Home, today: date, year: int, stage: str
) -> None:
    found = status_of(home, today=today)
    assert found.year == year
    assert found.stage.startswith(stage)


def test_what_was_withdrawn_is_missing_until_something_comes_for_its_period(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-10")
    slot = Slot("hva-20", "contacts", "2025")
    event = {"event": "withdrawal", "submission_id": "2026-01-10accepted", "known_at": "2026-01-11"}
    ledger.append(home, slot, event)
    one = organisation(home, "hva-20", 2025, date(2026, 1, 15))
    assert (one.withdrawn, one.submitted) == (["contacts"], [])
    assert "contacts" in one.missing
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-12")
    one = organisation(home, "hva-20", 2025, date(2026, 1, 15))
    assert (one.withdrawn, one.submitted) == ([], ["contacts"])


def test_nothing_to_report_is_told_and_not_missing(home: Home) -> None:
    note(home, "hva-20", "contacts", "2025", "accepted", "2026-01-10", rows_read=0)
    note(home, "hva-20", "outreach", "2025", "accepted", "2026-01-10", rows_read=3)
    one = organisation(home, "hva-20", 2025, date(2026, 1, 15))
    assert one.nothing_to_report == ["contacts"]
    assert one.submitted == ["contacts", "outreach"]


def test_who_is_to_be_asked_for_an_organisation_that_ceased(home: Home) -> None:
    assert organisation(home, "essote", 2022, date(2023, 1, 15)).successor == "hva-12"
    assert organisation(home, "essote", 2022, date(2022, 12, 31)).successor is None
