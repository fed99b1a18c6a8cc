"""Who has submitted what for a year: what is there, missing, refused and late.

It reads the ledger, who is expected to submit what, the published warehouse's note of its build,
the annual clock and the year's reporting window. It judges no contents; that is what validation
does.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from common import clock
from common.home import Home
from common.resources import resource
from expectations.configuration import load_expected_feeds
from expectations.reporting_calendar import current_window, window_of
from ingest import ledger, receiver
from ingest.contracts import Organisation, load_contracts, organisations

ANNUAL_CLOCK = resource("dbt_project/seeds/annual_clock.csv")


@dataclass(frozen=True, slots=True)
class OrganisationStatus:
    """One organisation's feeds for the year, each list in alphabetical order.

    Attributes:
        organisation: its code.
        submitted: feeds with an accepted submission that was not withdrawn.
        missing: feeds that are expected and have none.
        refused: feeds whose last submission for some period was refused.
        late: feeds that came late, or are missing after the last day of collection.
        nothing_to_report: feeds with a current submission that says so, of some period.
        withdrawn: feeds of which a submission was withdrawn, and nothing has come since for its
            period.
        successor: who is to be asked, where the organisation has ceased.
    """

    organisation: str
    submitted: list[str]
    missing: list[str]
    refused: list[str]
    late: list[str]
    nothing_to_report: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class YearStatus:
    """The state of a year's collection.

    Attributes:
        year: the year that is collected.
        due: the last day of its collection.
        stage: the annual clock's stage today.
        build: when the warehouse was last built, in words.
        waiting: how many files wait in the inbox or half received.
        organisations: those in force in the year, submitters first.
        held: how many submissions, of any year, wait for a person.
    """

    year: int
    due: date
    stage: str
    build: str
    waiting: int
    organisations: list[OrganisationStatus] = field(default_factory=list)
    held: int = 0


def status_of(home: Home, year: int | None = None, today: date | None = None) -> YearStatus:
    """Tell the state of a year's collection.

    Args:
        home: the installation.
        year: the year; by default the one collected now: this year from November on, else the
            last.
        today: the day of the status; the present day by default.

    Returns:
        The state. An organisation is late with a feed if its first accepted submission came after
        the last day of collection, or that day has passed without one.

    Raises:
        WindowError: there is no reporting window for that year.
    """
    today = today or clock.today()
    window = current_window(today) if year is None else window_of(year)
    year, due = window.year, window.due
    expected = load_expected_feeds(feeds=load_contracts())
    history = _history(home, year)
    withdrawn = frozenset(ledger.history(home).withdrawals)
    found = [
        _organisation(
            one,
            history[one.code],
            withdrawn,
            frozenset(expected.feeds_of(one.code)),
            due,
            today,
        )
        for one in organisations().values()
        if _is_in_force(one, year)
    ]
    found.sort(key=lambda one: (not one.submitted, not one.refused, one.organisation))
    stage, held = _stage(_clock(), today), len(receiver.held(home))
    return YearStatus(year, due, stage, _build(home), _waiting(home), found, held)


def _history(home: Home, year: int) -> dict[str, list[dict[str, Any]]]:
    """Return the year's submissions by organisation, in the order received."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    history: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in ledger.submissions(home):
        overlaps = event["period_start"] and event["period_start"] <= last
        if overlaps and event["period_end"] >= first and event["organisation"]:
            history[event["organisation"]].append(event)
    return history


def _organisation(
    one: Organisation,
    history: list[dict[str, Any]],
    withdrawn: frozenset[str],
    expected: frozenset[str],
    due: date,
    today: date,
) -> OrganisationStatus:
    accepted: dict[str, date] = {}
    last_status: dict[tuple[str, str], str] = {}
    current_rows: dict[tuple[str, str], int | None] = {}
    for event in history:
        feed = event["feed"]
        is_withdrawn = event["submission_id"] in withdrawn
        if event["status"] != "duplicate":
            last_status[feed, event["period"]] = "withdrawn" if is_withdrawn else event["status"]
        if event["status"] in ledger.ACCEPTED and not is_withdrawn:
            current_rows[feed, event["period"]] = event.get("rows_read")
            received = datetime.fromisoformat(event["received_at"]).astimezone(clock.FINLAND)
            accepted.setdefault(feed, received.date())
    missing = expected - accepted.keys()
    late = {feed for feed, received in accepted.items() if received > due}
    return OrganisationStatus(
        organisation=one.code,
        submitted=sorted(accepted),
        missing=sorted(missing),
        refused=sorted({feed for (feed, _), s in last_status.items() if s == "refused" and feed}),
        late=sorted(late | (missing if today > due else frozenset())),
        nothing_to_report=sorted({feed for (feed, _), rows in current_rows.items() if rows == 0}),
        withdrawn=sorted({feed for (feed, _), s in last_status.items() if s == "withdrawn"}),
        successor=one.successor if one.had_ceased_by(today) else None,
    )


def _is_in_force(one: Organisation, year: int) -> bool:
    begins_in_time = one.valid_from is None or one.valid_from <= f"{year}-12-31"
    return begins_in_time and (one.valid_to is None or one.valid_to >= f"{year}-01-01")


def _clock() -> list[dict[str, str]]:
    with ANNUAL_CLOCK.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _stage(stages: list[dict[str, str]], today: date) -> str:
    day = f"{today:%m-%d}"
    for stage in stages:
        begins, ends = stage["begins"], stage["ends"]
        if begins <= day <= ends or (ends < begins and (day >= begins or day <= ends)):
            return f"{stage['position']} {stage['label_en']}"
    return "between stages"


def _build(home: Home) -> str:
    if not home.warehouse.is_file():
        return "not built yet"
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        row = connection.execute("SELECT max(built_at) FROM staging.build_info").fetchone()
    built_at = row[0] if row else None
    history = ledger.history(home)
    text = "built"
    if built_at:
        in_finland = built_at.replace(tzinfo=UTC).astimezone(clock.FINLAND)
        text = f"built {in_finland:%Y-%m-%d %H:%M}"
    known = [
        ledger.known_at(event)
        for event in history.submissions
        if event["status"] in ledger.ACCEPTED
    ]
    known += [event["known_at"] for event in history.withdrawals.values()]
    if built_at and known and max(known) > f"{built_at:%Y-%m-%dT%H:%M:%S.%fZ}":
        return f"{text}; newer submissions wait for the next build"
    return text


def _waiting(home: Home) -> int:
    if not home.claims.is_dir():
        return 0
    return receiver.count_waiting(home)
