"""Several processes drain one inbox at once: every file is received once, whole, and in its order.

Airflow's mapped tasks, a sweep and a person at the command may all receive at the same moment. What
each of them claims is its own; files of one organisation, feed and period keep the order of their
paths, so that the last one is in force whoever received it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pyarrow.parquet as pq
import pytest

from common.home import Home
from ingest import ledger
from ingest.keys import pseudonym_key
from simulation import Request, simulate
from tests.support.places import ROOT
from tests.support.submissions import Sent, read

PROCESSES = 4
TODAY = date(2025, 1, 1)
# Waits for the others, then receives until nothing is left.
DRAIN = """
import sys, time
from pathlib import Path
from ingest import receiver
from common.home import Home
home, nth, start = Home(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3])
start.with_name(f"ready-{nth}").touch()
while not start.exists():
    time.sleep(0.005)
received = 0
while receiver.waiting(home):
    done = len(receiver.receive(home))
    received += done
    if not done:
        # The others work on what is left: looking again without a pause would hold them up.
        time.sleep(0.05)
print(received)
"""


@pytest.fixture(scope="module")
def drained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[Sent]]:
    """A home whose inbox four processes drained, and the files that lay in it, by path."""
    folder = tmp_path_factory.mktemp("together")
    request = Request(organisations=1, years=1, clients=15, last_year=2024, seed=3)
    simulate(request, folder / "made", today=TODAY)
    home = Home(folder / "home").create()
    pseudonym_key(home)
    dropped: dict[str, Sent] = {}
    for nth, file in enumerate(read(folder / "made")):
        versions = [file]
        if nth % 3 == 0 and len(file.lines) > 3:
            # A draft with fewer rows, and the same once more: the middle one replaces the first.
            draft = Sent(file.organisation, file.feed, file.period, file.header, file.lines[:-1])
            versions = [draft, file, file]
        for number, version in enumerate(versions):
            path = version.drop(home.inbox, str(number))
            dropped[path.relative_to(home.inbox).as_posix()] = version
    files = [dropped[name] for name in sorted(dropped, key=lambda name: name.split("/"))]
    start = folder / "start"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", DRAIN, str(home.root), str(nth), str(start)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for nth in range(PROCESSES)
    ]
    deadline = time.monotonic() + 120
    while not all((folder / f"ready-{nth}").exists() for nth in range(PROCESSES)):
        assert time.monotonic() < deadline
        assert not [process for process in started if process.poll() is not None], "one has ended"
        time.sleep(0.02)
    start.touch()
    busy = 0
    for process in started:
        received, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        busy += int(received) > 0
    assert busy > 1, "one process alone drained the inbox: nothing was tried"
    return home, files


def events(home: Home) -> list[dict[str, Any]]:
    return ledger.submissions(home)


def test_each_file_is_received_once(drained: tuple[Home, list[Sent]]) -> None:
    home, files = drained
    assert len(files) > 55
    received = Counter(event["file"] for event in events(home))
    assert received.total() == len(received) == len(files)
    assert len({event["submission_id"] for event in events(home)}) == len(files)


def test_nothing_is_left_behind(drained: tuple[Home, list[Sent]]) -> None:
    home, _ = drained
    assert [path for path in home.inbox.rglob("*") if path.is_file()] == []
    assert list(home.claims.iterdir()) == []


def test_every_line_of_the_ledger_is_whole(drained: tuple[Home, list[Sent]]) -> None:
    home, files = drained
    lines = [
        line
        for path in home.ledger.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").split("\n")
        if line
    ]
    assert len(lines) == len(files)
    for line in lines:
        json.loads(line)


def test_every_file_has_its_receipt_and_every_loaded_row_is_in_the_lake(
    drained: tuple[Home, list[Sent]],
) -> None:
    home, _ = drained
    for event in events(home):
        receipt = json.loads((home.receipts / f"{event['submission_id']}.json").read_text("utf-8"))
        for name in ("organisation", "feed", "period", "status", "rows_loaded", "sha256"):
            assert receipt[name] == event[name], event["file"]
        for suffix in (".html", ".errors.csv"):
            assert (home.receipts / f"{event['submission_id']}{suffix}").is_file()
        assert (home.originals / f"{event['submission_id']}.age").is_file()
        if event["lake_path"]:
            rows = pq.read_metadata(home.root / event["lake_path"]).num_rows
            assert rows == event["rows_loaded"] > 0
    in_lake = {path.stem for path in home.accepted.rglob("*.parquet")}
    accepted = {event["submission_id"] for event in events(home) if event["lake_path"]}
    assert in_lake == accepted


def test_files_of_one_period_are_received_in_the_order_of_their_paths(
    drained: tuple[Home, list[Sent]],
) -> None:
    home, _ = drained
    slots: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for event in events(home):
        slots[event["organisation"], event["feed"], event["period"]].append(event)
    several = [found for found in slots.values() if len(found) > 1]
    assert len(several) > 10
    for found in several:
        assert [event["file"] for event in found] == sorted(event["file"] for event in found)
        draft, final, again = found
        assert draft["status"] in ledger.ACCEPTED
        assert final["status"] in ledger.ACCEPTED
        assert final["supersedes"] == draft["submission_id"]
        assert again["status"] == "duplicate"
