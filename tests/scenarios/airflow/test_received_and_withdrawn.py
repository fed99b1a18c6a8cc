"""The running Airflow follows a withdrawal by itself, as it follows what is received."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from common.home import Home
from tests.support.airflow_house import (
    SOURCES,
    Api,
    drop,
    exported_organisations,
    receipts,
    wait_for,
    with_ids_of,
)
from tests.support.command import run
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow

ORGANISATION = "hva-90"
FILE = f"{ORGANISATION}/outreach/2018.csv"


def visits(warehouse: Path) -> int:
    """Return how many visits of the organisation a warehouse reports."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (found,) = connection.execute(
            "SELECT count(*) FROM marts.fct_outreach_visit WHERE organisation = $1", [ORGANISATION]
        ).fetchall()
    return int(found[0])


def test_what_is_withdrawn_leaves_the_warehouse_and_the_exports_by_itself(
    home: Home, running: Api
) -> None:
    drop(home, [(FILE, with_ids_of(ORGANISATION, SOURCES["outreach"].read_bytes()))])
    (receipt,) = wait_for(
        "receipt", lambda: [one for one in receipts(home) if one["file"] == FILE], 120
    )
    submission, rows = receipt["submission_id"], receipt["rows_loaded"]
    wait_for("export", lambda: ORGANISATION in exported_organisations(home), 480)
    assert visits(home.warehouse) == rows > 0

    before = datetime.now(UTC)
    words = ("--by", "data controller", "--reason", "Sent for the wrong organisation")
    withdrawn = run(home.root, "withdraw", submission, *words)
    assert withdrawn.returncode == 0, withdrawn.stderr
    wait_for("export without it", lambda: ORGANISATION not in exported_organisations(home), 480)
    assert visits(home.warehouse) == 0

    # An event led to it, not the sweep. Airflow ends such an address with a slash.
    events = running.get("/api/v2/assets/events?limit=100")["asset_events"]
    assert [one for one in events if one["uri"].rstrip("/") == "vuosikello://withdrawn"]
    as_of = build.known_at(home.root, before)
    assert as_of.failures == []
    assert visits(as_of.path) == rows
