"""The running Airflow receives a burst whole, in few builds, without waiting for another event."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.home import Home
from tests.support.airflow_house import (
    Api,
    burst,
    drop,
    exported_organisations,
    free_port,
    in_inbox,
    log_in,
    receipts,
    wait_for,
)
from tests.support.built_homes import remember_project
from vuosikello.orchestration import local_airflow

pytestmark = pytest.mark.slow

FILES, SUBMITTERS = 50, 20


@pytest.fixture(scope="module")
def home(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("burst")).create()
    remember_project(iso_sos, home.root)
    return home


@pytest.fixture(scope="module")
def running(home: Home) -> Iterator[Api]:
    """The embedded Airflow, all components, as ``make up`` starts it."""
    service = local_airflow.up(home.root, free_port())
    yield log_in(service)
    local_airflow.down(home.root, patience=5)
    assert local_airflow.status(home.root) is None


def test_a_single_drop_has_its_receipt_soon(home: Home, running: Api) -> None:
    first, second = burst(2, 2)
    # Half-written, it is left alone by what receives the file beside it.
    partial = home.inbox / (second[0] + ".part")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(second[1])
    dropped = time.monotonic()
    drop(home, [first])
    wait_for("receipt", lambda: receipts(home), 120)
    print(f"\ndropped to receipt: {time.monotonic() - dropped:.1f} s")
    assert [receipt["file"] for receipt in receipts(home)] == [first[0]]
    assert in_inbox(home) == [partial]
    partial.unlink()


def test_a_burst_of_fifty_files_from_twenty_organisations_is_received_whole(
    home: Home, running: Api
) -> None:
    before = len(receipts(home))
    files = burst(FILES, SUBMITTERS, after=1)
    began = time.monotonic()
    drop(home, files)
    wait_for("receipt of each file", lambda: len(receipts(home)) == before + FILES, 240)
    print(f"\n{FILES} files received in {time.monotonic() - began:.0f} s")
    assert {receipt["status"] for receipt in receipts(home)} <= {
        "accepted",
        "accepted_with_rejects",
    }
    assert not in_inbox(home)
    assert not [claim for claim in home.claims.iterdir() if not claim.name.startswith(".")]


def test_the_indicators_follow_in_few_builds(home: Home, running: Api) -> None:
    submitters = {one["organisation"] for one in receipts(home) if one["feed"] == "outreach"}
    assert len(submitters) == SUBMITTERS + 1
    wait_for(
        "export of every organisation", lambda: exported_organisations(home) >= submitters, 240
    )
    builds = list(running.tasks("refresh_warehouse", "build"))
    made = [one for one in builds if one["state"] == "success"]
    print(f"\n{FILES + 1} files made {len(made)} builds")
    # One for the single drop, and for the burst one, or two if it came in two runs; the sweep may
    # have come between.
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
