"""The ledger: append-only, whole lines, whatever happens beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from common.home import Home
from ingest import ledger
from ingest.ledger import Slot
from tests.support.house import House, csv_text, goods
from tests.support.places import ROOT

SLOT = Slot("essote", "outreach", "2019")
APPENDING = """
import sys
from pathlib import Path
from ingest import ledger
from common.home import Home
home, writer = Home(Path(sys.argv[1])), sys.argv[2]
for number in range(50):
    ledger.append(
        home,
        ledger.Slot("essote", "outreach", "2019"),
        {"event": "submission", "submission_id": f"{writer}-{number}", "text": "ä" * 3000},
    )
"""


def event(number: int, status: str = "accepted", period: str = "2019") -> dict[str, object]:
    """Return a submission's line."""
    return {
        "event": "submission",
        "submission_id": f"S{number:04}",
        "received_at": f"2026-01-01T00:00:{number:02}.000000Z",
        "status": status,
        "period": period,
        "sha256": str(number),
    }


def files(home: Home) -> list[Path]:
    """Return the ledger's files."""
    return sorted(home.ledger.glob("*.jsonl"))


def test_lines_are_only_ever_added(house: House) -> None:
    before = b""
    for count in range(1, 4):
        house.receive(csv_text("outreach", goods("outreach", count)))
        (path,) = files(house.home)
        content = path.read_bytes()
        assert content.startswith(before)
        assert content.count(b"\n") == count
        before = content


def test_a_line_torn_by_a_power_cut_is_passed_over_and_stays(house: House) -> None:
    home = house.home.create()
    ledger.append(home, SLOT, event(1))
    (path,) = files(home)
    whole = path.read_bytes()
    torn = json.dumps(event(2))[:-30].encode()
    path.write_bytes(whole + torn)
    assert [line["submission_id"] for line in ledger.submissions(home)] == ["S0001"]
    ledger.append(home, SLOT, event(3))
    assert path.read_bytes().startswith(whole + torn + b"\n")
    assert [line["submission_id"] for line in ledger.submissions(home)] == ["S0001", "S0003"]
    current = ledger.current(home, SLOT)
    assert current is not None
    assert current["submission_id"] == "S0003"


def test_a_ledger_of_torn_and_foreign_lines_is_still_read(house: House) -> None:
    home = house.home.create()
    ledger.append(home, SLOT, event(1))
    (path,) = files(home)
    debris = b'\n\n[1]\n"x"\nnull\n\xff\xfe{\n'
    debris += b'{"event":"original_destroyed","submission_id":"S0001"}\n{"a'
    path.write_bytes(path.read_bytes() + debris)
    ledger.append(home, SLOT, event(2))
    assert [line["submission_id"] for line in ledger.submissions(home)] == ["S0001", "S0002"]


def test_a_line_torn_inside_a_letter_does_not_hide_the_next(house: House) -> None:
    home = house.home.create()
    ledger.append(home, SLOT, event(1) | {"file": "päivä"})
    (path,) = files(home)
    content = path.read_bytes()
    path.write_bytes(content[: content.index("ä".encode()) + 1])
    ledger.append(home, SLOT, event(2))
    assert [line["submission_id"] for line in ledger.submissions(home)] == ["S0002"]


def test_a_line_separator_inside_a_text_divides_no_line(house: House) -> None:
    home = house.home.create()
    ledger.append(home, SLOT, event(1) | {"file": "a\u2028b\u2029c\x85d\x1ee"})
    assert [line["file"] for line in ledger.submissions(home)] == ["a\u2028b\u2029c\x85d\x1ee"]


def test_the_current_submission_is_the_last_accepted_one(house: House) -> None:
    home = house.home.create()
    for number, status in enumerate(("accepted", "accepted_with_rejects", "refused", "duplicate")):
        ledger.append(home, SLOT, event(number, status))
    ledger.append(home, SLOT, event(9, period="2020"))
    current = ledger.current(home, SLOT)
    assert current is not None
    assert current["submission_id"] == "S0001"
    assert ledger.current(home, Slot("essote", "outreach", "2018")) is None
    assert ledger.current(home, Slot("sosteri", "outreach", "2019")) is None


def test_many_processes_append_whole_lines_at_the_same_time(house: House) -> None:
    home = house.home.create()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDING, str(home.root), f"w{n}"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for n in range(8)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 8
    lines = [line for path in files(home) for line in path.read_text("utf-8").splitlines()]
    ids = {json.loads(line)["submission_id"] for line in lines}
    assert len(lines) == 400
    assert ids == {f"w{writer}-{number}" for writer in range(8) for number in range(50)}
