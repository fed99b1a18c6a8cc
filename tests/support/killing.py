"""Receives a file in processes that kill themselves, each one step later than the last.

Run as ``python -m tests.support.killing FOLDER CASE STRIDE``. Every file-system event that
Python tells an audit hook of is a step. For each step a copy of the prepared home is received in a
fork that SIGKILLs itself there; another fork then judges what it finds and lets a plain run finish.
Prints one JSON line for each step; the last is the one at which nothing was killed any more.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from common.home import Home
from ingest import ledger, receipts, receiver
from ingest.contracts import load_contracts, organisations
from ingest.ledger import Slot
from ingest.messages import message
from ingest.validate import Limits
from ingest.volume import Thresholds

SLOT = Slot("kainuun-sote", "outreach", "2019")
HEADER = (
    "visit_id,occurred_on,municipality,place_id,nature,persons_present,persons_contacted,"
    "topics,feeling\n"
)
STEPS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate", "open"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def rows(count: int, *, nature: str = "partner") -> str:
    """A file with as many visits."""
    lines = (f"V{n},2019-03-{n % 28 + 1:02},205,,{nature},5,3,,4\n" for n in range(count))
    return HEADER + "".join(lines)


# What is received before, what is dropped, and what must be in force afterwards. What is decided
# about is held before, and nothing is dropped.
CASES: dict[str, tuple[list[str], str | None, int | None]] = {
    "first": ([], rows(20), 20),
    "replacement": ([rows(20)], rows(30), 30),
    "refused": ([rows(20)], rows(30, nature="nonsense"), 20),
    "duplicate": ([rows(20)], rows(20), 20),
    "held": ([rows(20)], rows(5), 20),
    "held_accepted": ([rows(20), rows(5)], None, 5),
    "held_refused": ([rows(20), rows(5)], None, 20),
    "held_replaced": ([rows(20), rows(5)], rows(21), 21),
}
LIMITS = Limits(volume=Thresholds(from_rows=10))


def main(folder: Path, case: str, stride: int) -> None:
    """Kill at every step, or every so many, until a run outlives its steps."""
    before, dropped, _ = CASES[case]
    # What every fork would otherwise read for itself.
    load_contracts()
    organisations()
    message("empty_file")
    receipts._template()
    prepared = folder / "prepared"
    in_fork(lambda: prepare(Home(prepared), before, dropped))
    step = 1 - stride
    while True:
        step += stride
        home = Home(folder / "home")
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(prepared, home.root)
        number = step
        was_killed = in_fork(lambda home=home, number=number: work_until(home, case, number)) != 0
        verdict = folder / "verdict.json"
        in_fork(lambda home=home, verdict=verdict: judge(home, case, verdict))
        reported = json.loads(verdict.read_text())
        print(json.dumps({"step": step, "was_killed": was_killed, **reported}), flush=True)
        if not was_killed:
            return


def prepare(home: Home, before: list[str], dropped: str | None) -> None:
    """Receive what lies there before, then drop the file."""
    path = home.inbox / "kainuun-sote" / "outreach" / "2019.csv"
    path.parent.mkdir(parents=True)
    for content in before:
        path.write_text(content, encoding="utf-8")
        receiver.receive(home, limits=LIMITS)
    if dropped is not None:
        path.write_text(dropped, encoding="utf-8")


def work(home: Home, case: str) -> None:
    """Do what the case is about: receive, or decide about what is held."""
    held = [one.submission_id for one in receiver.held(home)]
    if case == "held_accepted":
        for submission_id in held:
            receiver.accept_held(home, submission_id, by="data controller")
    elif case == "held_refused":
        for submission_id in held:
            receiver.refuse_held(home, submission_id, by="data controller", reason="Too few")
    receiver.receive(home, limits=LIMITS)


def work_until(home: Home, case: str, step: int) -> None:
    """Do it, and be killed at a step."""
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in STEPS:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    work(home, case)


def judge(home: Home, case: str, verdict: Path) -> None:
    """Write down what a killed run left, and what a plain run makes of it."""
    found = look(home)
    work(home, case)
    verdict.write_text(json.dumps({"left": found, "finished": look(home)}))


def look(home: Home) -> dict[str, object]:
    """Tell what is in force, and what lies about."""
    events = ledger.submissions(home)
    current = ledger.current(home, SLOT)
    in_force = None
    if current is not None:
        in_force = pq.read_metadata(home.root / current["lake_path"]).num_rows
    known = {event["submission_id"] for event in events}
    published = {path.stem for path in home.receipts.glob("*.json")}
    return {
        "rows_in_force": in_force,
        "statuses": [event["status"] for event in events],
        "receipts": len(published),
        "receipts_of_nothing": sorted(published - known),
        "in_inbox": sum(1 for path in home.inbox.rglob("*") if path.is_file()),
        "claims": sorted(path.name for path in home.claims.iterdir()) if events else [],
        "held": len(receiver.held(home)),
        # A file as it was sent waits for nobody's decision.
        "sent": len(list(home.held.glob("*/original"))),
        "originals": len(list(home.originals.glob("*"))),
        "lake_files": len(list(home.accepted.rglob("*.parquet"))),
    }


def in_fork(work: Callable[[], None]) -> int:
    """Run something in a fork; return how it ended, 0 being well."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
