"""The running Airflow receives a burst whole, in few builds, without waiting for another event."""

from __future__ import annotations

import time
from typing import Any

import pytest

from common.home import Home
from tests.support.airflow_house import (
    Api,
    burst,
    drop,
    exported_organisations,
    in_inbox,
    receipts,
    wait_for,
)

pytestmark = pytest.mark.slow

FILES, SUBMITTERS = 50, 20


@pytest.fixture(scope="module")
def before(home: Home, running: Api) -> set[str]:
    """The receipts of what was received before Airflow started."""
    return {receipt["submission_id"] for receipt in receipts(home)}


def new_receipts(home: Home, before: set[str]) -> list[dict[str, Any]]:
    return [receipt for receipt in receipts(home) if receipt["submission_id"] not in before]


def test_a_single_drop_has_its_receipt_soon(home: Home, running: Api, before: set[str]) -> None:
    first, second = burst(2, 2)
    # Half-written, it is left alone by what receives the file beside it.
    partial = home.inbox / (second[0] + ".part")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(second[1])
    dropped = time.monotonic()
    drop(home, [first])
    wait_for("receipt", lambda: new_receipts(home, before), 120)
    print(f"\ndropped to receipt: {time.monotonic() - dropped:.1f} s")
    assert [receipt["file"] for receipt in new_receipts(home, before)] == [first[0]]
    assert in_inbox(home) == [partial]
    partial.unlink()


def test_a_burst_of_fifty_files_from_twenty_organisations_is_received_whole(
    home: Home, running: Api, before: set[str]
) -> None:
    files = burst(FILES, SUBMITTERS, after=1)
    began = time.monotonic()
    drop(home, files)
    wait_for("receipt of each file", lambda: len(new_receipts(home, before)) == 1 + FILES, 240)
    print(f"\n{FILES} files received in {time.monotonic() - began:.0f} s")
    assert {receipt["status"] for receipt in new_receipts(home, before)} <= {
        "accepted",
        "accepted_with_rejects",
    }
    assert not in_inbox(home)
    assert not [claim for claim in home.claims.iterdir() if not claim.name.startswith(".")]


def test_the_indicators_follow_in_few_builds(home: Home, running: Api, before: set[str]) -> None:
    received = new_receipts(home, before)
    submitters = {one["organisation"] for one in received if one["feed"] == "outreach"}
    assert len(submitters) == SUBMITTERS + 1
    wait_for(
        "export of every organisation", lambda: exported_organisations(home) >= submitters, 240
    )
    builds = list(running.tasks("refresh_warehouse", "build"))
    made = [one for one in builds if one["state"] == "success"]
    print(f"\n{FILES + 1} files made {len(made)} builds")
    # One at the start, one for the single drop, and for the burst one, or two if it came in two
    # runs; the sweep may have come between.
    assert 1 <= len(made) <= 5
    assert not [one for one in builds if one["state"] == "failed"]


def test_each_submission_was_a_task_of_its_own_under_its_own_name(running: Api) -> None:
    received = [
        one for one in running.tasks("receive_submissions", "receive") if one["state"] == "success"
    ]
    names = {one["rendered_map_index"] for one in received}
    assert len(received) == FILES + 1
    assert len(names) == FILES + 1
    assert all(name.count("/") == 2 and name.endswith(".csv") for name in names)
