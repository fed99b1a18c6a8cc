"""A withdrawal is noticed: the warehouse is no longer fresh, and its feed is built anew."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from common import clock
from common.home import Home
from ingest import ledger
from ingest.ledger import Slot
from vuosikello.warehouse import freshness
from vuosikello.warehouse.build import project_hash
from vuosikello.warehouse.incremental import Part, Versions, is_whole, part_to_build


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose ledger and warehouse know two submissions, of 2018 and of 2019."""
    home = Home(tmp_path).create()
    for year, feed in ((2018, "contacts"), (2019, "outreach")):
        line = {
            "event": "submission",
            "submission_id": f"S{year}",
            "feed": feed,
            "period_start": f"{year}-01-01",
            "status": "accepted",
        }
        ledger.append(home, Slot("essote", feed, str(year)), line)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            """
            CREATE SCHEMA staging;
            CREATE TABLE staging.stg_submissions AS SELECT * FROM (VALUES
                ('S2018', DATE '2018-01-01', 'accepted', NULL::TIMESTAMP),
                ('S2019', DATE '2019-01-01', 'accepted', NULL)
            ) AS told (submission_id, period_start, status, withdrawn_at);
            CREATE TABLE staging.stg_current_submissions AS
                SELECT submission_id, period_start FROM staging.stg_submissions;
            """
        )
        connection.execute(
            "CREATE TABLE staging.build_info AS SELECT ?::DATE AS built_on, ? AS project_hash, "
            "'code' AS code_version, 'dbt' AS dbt_version, 'duckdb' AS duckdb_version, "
            "NULL::TIMESTAMP AS as_of",
            [clock.today(), project_hash()],
        )
    return home


def withdraw(home: Home, submission_id: str, feed: str) -> None:
    line = {"event": "withdrawal", "submission_id": submission_id, "feed": feed}
    ledger.append(home, Slot("essote", feed, None), line)


def versions() -> Versions:
    return Versions(clock.today(), "code", project_hash(), "dbt", "duckdb")


def test_a_build_is_due_after_a_withdrawal_and_not_before(home: Home) -> None:
    assert not freshness.build_is_due(home.root)
    withdraw(home, "S2019", "outreach")
    assert freshness.build_is_due(home.root)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "UPDATE staging.stg_submissions SET withdrawn_at = now() WHERE submission_id = 'S2019'"
        )
    assert not freshness.build_is_due(home.root)


def test_the_feed_of_a_withdrawn_submission_is_built_anew(home: Home) -> None:
    assert part_to_build(home.root, home.warehouse, versions()) == Part((), 2, 0)
    withdraw(home, "S2019", "outreach")
    part = part_to_build(home.root, home.warehouse, versions())
    assert part == Part(("outreach",), 2, 1)
    assert not is_whole(part, home.warehouse), "what is there does not know of the withdrawal"


def test_where_the_past_may_begin_later_everything_is_built(home: Home) -> None:
    withdraw(home, "S2018", "contacts")
    assert part_to_build(home.root, home.warehouse, versions()) is None


def test_what_was_received_and_withdrawn_since_builds_its_feed(home: Home) -> None:
    line = {"event": "submission", "submission_id": "NEW", "status": "accepted"}
    ledger.append(
        home,
        Slot("essote", "plans", "2019"),
        line | {"feed": "plans", "period_start": "2019-01-01"},
    )
    withdraw(home, "NEW", "plans")
    assert part_to_build(home.root, home.warehouse, versions()) == Part(("plans",), 3, 1)
