"""Files that are not whole yet stay in the inbox until they are."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ingest import claims, receiver
from ingest.receipts import Status
from tests.support.house import House, csv_text, goods

CONTENT = csv_text("outreach", goods("outreach", 2))
WRITING = """
import sys
with open(sys.argv[1], "a") as file:
    file.flush()
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_file_that_another_process_writes_to_is_left(house: House) -> None:
    path = house.drop(CONTENT)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == b"open\n"
        assert not receiver.waiting(house.home)
        assert house.receive_all() == []
        assert path.exists()
    finally:
        writer.communicate(timeout=30)
    assert receiver.waiting(house.home)
    assert [receipt.rows_loaded for receipt in house.receive_all()] == [2]


def test_a_file_that_another_process_only_reads_is_taken(house: House) -> None:
    with house.drop(CONTENT).open("rb"):
        assert len(house.receive_all()) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("2019.csv.part", "2019.csv.tmp", ".2019.csv", "2019.PART", "~$2019.xlsx"),
        *("2019.csv.filepart", "2019.csv.crdownload", ".2019.csv.swp", "2019.csv.partial"),
    ],
)
def test_names_of_unfinished_files_are_left(house: House, name: str) -> None:
    path = house.drop(CONTENT, name=name)
    assert not receiver.waiting(house.home)
    assert house.receive_all() == []
    assert path.exists()
    path.rename(path.with_name("2019.csv"))
    assert len(house.receive_all()) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("Thumbs.db", "thumbs.db", "THUMBS.DB", "desktop.ini", "Desktop.ini", "ehthumbs.db"),
        *(".DS_Store", "._2019.csv", "~$2019.xlsx", ".~lock.2019.xlsx#"),
    ],
)
def test_what_programs_leave_behind_is_left_and_gets_no_receipt(house: House, name: str) -> None:
    path = house.drop(CONTENT, name=name)
    house.drop(CONTENT, name="2019.csv")
    assert [receipt.status for receipt in house.receive_all()] == [Status.ACCEPTED]
    assert path.exists()
    assert not receiver.waiting(house.home)
    assert len([each for each in house.receipt_files() if each.endswith(".json")]) == 1


def test_a_name_that_only_looks_like_such_a_file_is_received(house: House) -> None:
    assert house.receive(CONTENT, name="2019.Thumbs.db.csv").status is Status.ACCEPTED


def test_files_below_a_hidden_folder_are_left(house: House) -> None:
    path = house.drop(CONTENT, organisation=".sync")
    assert house.receive_all() == []
    assert path.exists()


def test_a_file_must_have_lain_unchanged_for_as_long_as_asked(house: House) -> None:
    path = house.drop(CONTENT)
    assert not receiver.waiting(house.home, settle_seconds=60)
    assert receiver.claim(house.home, settle_seconds=60) == []
    old = time.time() - 61
    os.utime(path, (old, old))
    assert receiver.waiting(house.home, settle_seconds=60)
    assert len(receiver.claim(house.home, settle_seconds=60)) == 1


def test_an_empty_inbox_is_nothing_to_wait_for(house: House) -> None:
    assert not receiver.waiting(house.home)
    house.home.create()
    assert not receiver.waiting(house.home)
    (house.home.inbox / "essote" / "outreach").mkdir(parents=True)
    assert not receiver.waiting(house.home)
    assert house.receive_all() == []


def test_what_is_no_claim_among_the_claims_is_nothing_to_wait_for(house: House) -> None:
    # The trigger of the inbox would start a run for it again and again.
    house.home.create()
    (house.home.claims / "notes.txt").write_text("left here by somebody")
    (house.home.claims / "01M0000000000000000000000A").mkdir()
    assert not receiver.waiting(house.home)
    house.drop(CONTENT)
    (claimed,) = receiver.claim(house.home)
    assert (house.home.claims / claimed).is_dir()
    assert receiver.waiting(house.home)


def test_a_file_that_goes_away_meanwhile_is_nobodys_submission(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop(CONTENT, name="2018.csv")
    house.drop(CONTENT, name="2019.csv")
    whole = claims._whole_files

    def then_gone(folder: Path, settle_seconds: float) -> list[Path]:
        found = sorted(whole(folder, settle_seconds))
        found[0].unlink()
        return found

    monkeypatch.setattr(claims, "_whole_files", then_gone)
    assert [receipt.period for receipt in house.receive_all()] == ["2019"]
    assert house.is_tidy()


def test_a_file_from_an_inbox_on_another_file_system_is_copied_and_leaves_the_inbox(
    house: House, tmp_path: Path
) -> None:
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system to put the inbox on")
    with tempfile.TemporaryDirectory(dir=shared_memory) as elsewhere:
        house.home.root.mkdir(parents=True, exist_ok=True)
        house.home.inbox.symlink_to(elsewhere)
        path = house.drop(CONTENT)
        (receipt,) = house.receive_all()
        assert receipt.status is Status.ACCEPTED
        assert not path.exists()
        assert house.is_tidy()
