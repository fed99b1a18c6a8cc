"""Two hundred hostile files get a receipt each, never a traceback, and change nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from common.home import Home
from ingest import ledger
from tests.support.hostile_files import GOOD_ROW, HEADER, IDENTITY_CODE, all_files

GOOD = {
    f"kainuun-sote/meetings/{year}.csv": f"{HEADER}\n{GOOD_ROW}\nM2,2019-03-12,council,\n"
    for year in (2019, 2020)
}
LIMIT = 2 << 30


class Reception:
    """One run of the command over an inbox of hostile files and two good ones."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.beside = folder / "beside"
        self.beside.mkdir(parents=True)
        (self.beside / "precious").write_text("untouched")
        self.files = all_files()
        for place, make in self.files:
            path = self.home.inbox / place
            path.parent.mkdir(parents=True, exist_ok=True)
            make(path)
        for place, content in GOOD.items():
            path = self.home.inbox / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        self.before = digests(folder, without=self.home.root)
        self.passwd = Path("/etc/passwd").read_bytes()
        self.peak = 0
        process = subprocess.Popen(
            [sys.executable, "-m", "vuosikello.cli.app", "receive", "--json"],
            env=os.environ | {"VUOSIKELLO_HOME": str(self.home.root)},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        watch = threading.Thread(target=self._watch, args=(process.pid,), daemon=True)
        watch.start()
        self.stdout, self.stderr = process.communicate(timeout=900)
        self.code = process.returncode
        self.after = digests(folder, without=self.home.root)

    def _watch(self, pid: int) -> None:
        """Note the largest resident memory of the command itself; readers of sheets have limits."""
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            try:
                self.peak = max(self.peak, process.memory_info().rss)
            except psutil.Error:
                return
            time.sleep(0.05)


def digests(folder: Path, *, without: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file() and not p.is_relative_to(without))
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Reception:
    return Reception(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def receipts(reception: Reception) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(reception.stdout)
    return found


def test_there_are_two_hundred_of_them_at_places_of_their_own(reception: Reception) -> None:
    assert len({place for place, _ in reception.files}) == len(reception.files) >= 200


def test_each_has_a_receipt_in_json_and_as_a_page(
    reception: Reception, receipts: list[dict[str, Any]]
) -> None:
    assert len(receipts) == len(reception.files) + len(GOOD)
    for receipt in receipts:
        for suffix in ("json", "html", "errors.csv"):
            path = reception.home.receipts / f"{receipt['submission_id']}.{suffix}"
            assert path.is_file() or (suffix == "errors.csv" and not receipt["errors"])


def test_nothing_is_left_in_the_inbox_or_half_received(reception: Reception) -> None:
    assert [p for p in reception.home.inbox.rglob("*") if not p.is_dir()] == []
    assert list(reception.home.claims.iterdir()) == []


def test_the_command_ends_with_1_and_without_a_traceback(reception: Reception) -> None:
    assert reception.code == 1
    assert b"Traceback" not in reception.stdout + reception.stderr
    assert not (reception.home.root / "logs").exists()


def test_the_good_files_among_them_are_received_whole(
    reception: Reception, receipts: list[dict[str, Any]]
) -> None:
    good = [receipt for receipt in receipts if receipt["file"] in GOOD]
    assert [(r["status"], r["rows_loaded"]) for r in good] == [("accepted", 2)] * len(GOOD)


def test_whatever_is_not_loaded_says_why_in_three_languages(
    receipts: list[dict[str, Any]],
) -> None:
    for receipt in receipts:
        if receipt["status"] == "refused":
            assert receipt["rows_loaded"] == 0
            assert receipt["errors"], receipt["file"]
            for finding in receipt["errors"]:
                assert all(finding[f"message_{language}"] for language in ("fi", "sv", "en"))


def test_every_count_adds_up(receipts: list[dict[str, Any]]) -> None:
    for receipt in receipts:
        if receipt["status"] in ("accepted", "accepted_with_rejects"):
            assert receipt["rows_read"] == receipt["rows_loaded"] + receipt["rows_rejected"]


def test_nothing_outside_the_home_changes(reception: Reception) -> None:
    assert reception.after == reception.before
    assert Path("/etc/passwd").read_bytes() == reception.passwd
    assert not Path("/tmp/owned").exists()


def test_no_identity_code_is_told_to_anyone(reception: Reception) -> None:
    code = IDENTITY_CODE.encode()
    assert code not in reception.stdout + reception.stderr
    reported = [*reception.home.receipts.iterdir(), *reception.home.ledger.iterdir()]
    assert [path for path in reported if code in path.read_bytes()] == []


def test_memory_stays_below_two_gibibytes(reception: Reception) -> None:
    assert 0 < reception.peak < LIMIT


def test_the_ledger_holds_one_whole_line_for_each(
    reception: Reception, receipts: list[dict[str, Any]]
) -> None:
    ids = {event["submission_id"] for event in ledger.submissions(reception.home)}
    assert ids == {receipt["submission_id"] for receipt in receipts}
