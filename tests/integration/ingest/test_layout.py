"""The layout of a home: a home of version 1 is taken over, whenever the program is killed."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.home import LAYOUT
from common.jsonl import whole_lines
from ingest import layout, receiver
from ingest.keys import pseudonym_key
from tests.support.byte_search import found_in
from tests.support.house import House, csv_text, good, goods
from tests.support.layout_1 import client_ids, parquet_files, write_back

FEEDS = ("clients", "contacts", "assessments", "measurements")


def _clear(number: int) -> str:
    return f"salainen-{number:03}"


@pytest.fixture
def old(house: House) -> House:
    """Return a home as version 1 left it: client ids as they were sent, contracts of version 1."""
    for feed in FEEDS:
        rows = [good(feed, n, client_id=_clear(n)) for n in range(1, 30)]
        # A date that is none, so that rejected rows are there too.
        date_column = {"clients": "started_on", "contacts": "occurred_on"}.get(feed)
        if date_column:
            rows.append(good(feed, 30, client_id=_clear(30), **{date_column: "x"}))
        house.receive(csv_text(feed, rows), feed=feed)
    house.receive(csv_text("outreach", goods("outreach", 5)))
    write_back(house.home, {"essote": [_clear(n) for n in range(1, 31)]})
    assert found_in(house.home, [_clear(7)])
    return house


def assert_is_upgraded(house: House) -> None:
    """Say whether every client id is the pseudonym that a file of today gets."""
    assert house.home.version.read_text("ascii") == f"{LAYOUT}\n"
    key = pseudonym_key(house.home)
    for path in parquet_files(house.home):
        numbers = [30] if "rejected" in path.parts else range(1, 30)
        texts = [f"essote/id/{_clear(n)}".encode() for n in numbers]
        digests = [hmac.new(key.secret, text, hashlib.sha256).hexdigest() for text in texts]
        assert client_ids(path) == [f"{key.id}:{digest}" for digest in digests]
    assert not [place for place, _ in found_in(house.home, [_clear(7)])]
    assert not list(house.home.root.rglob(".*.parquet.*"))


def test_client_ids_of_version_1_become_the_pseudonyms_of_today(old: House) -> None:
    ledger = {path: path.read_bytes() for path in old.home.ledger.iterdir()}
    assert layout.layout_of(old.home) == 1
    assert layout.upgrade(old.home) == len(FEEDS) + 2
    assert_is_upgraded(old)
    assert {path: path.read_bytes() for path in old.home.ledger.iterdir()} == ledger
    before = {path: path.read_bytes() for path in parquet_files(old.home)}
    assert layout.upgrade(old.home) == 0
    assert {path: path.read_bytes() for path in parquet_files(old.home)} == before


def test_everything_else_of_a_row_stays_as_it_is(old: House) -> None:
    query = "SELECT * EXCLUDE (client_id) FROM read_parquet(?)"

    def others() -> dict[Path, list[Any]]:
        with duckdb.connect() as connection:
            return {
                path: connection.execute(query, [str(path)]).fetchall()
                for path in parquet_files(old.home)
            }

    before = others()
    layout.upgrade(old.home)
    assert others() == before


KILLED = """
import os, sys
from pathlib import Path
from common.home import Home
from ingest import layout
def progress(done, total, step):
    if done == int(sys.argv[2]):
        (Path(sys.argv[1]) / "lake" / "accepted" / "clients" / ".x.parquet.y").touch()
        os._exit(9)
layout.upgrade(Home(Path(sys.argv[1])), progress)
"""


def test_killed_before_every_file_it_goes_on_where_it_stopped(old: House) -> None:
    (old.home.warehouse).write_bytes(_clear(7).encode())
    for _ in range(len(FEEDS) + 2):
        command = [sys.executable, "-c", KILLED, str(old.home.root), "1"]
        code = subprocess.run(command, check=False, cwd=Path.cwd()).returncode
        assert code in (0, 9)
        if code == 0:
            break
        with pytest.raises(layout.HomeProblem, match="vuosikello upgrade"):
            receiver.receive(old.home)
    assert_is_upgraded(old)
    assert not old.home.warehouse.exists()


@pytest.mark.parametrize("step", ["write_text", "rmtree", "atomic_replace"])
def test_stopped_at_any_other_step_it_can_be_repeated(
    old: House, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(layout.shutil if step == "rmtree" else layout, step, stop)
        with pytest.raises(KeyboardInterrupt):
            layout.upgrade(old.home)
    assert layout.layout_of(old.home) == 1
    layout.upgrade(old.home)
    assert_is_upgraded(old)


def test_a_new_home_names_its_layout_and_one_of_a_newer_program_is_refused(house: House) -> None:
    house.receive(csv_text("clients", goods("clients", 3)), feed="clients")
    assert house.home.version.read_text("ascii") == f"{LAYOUT}\n"
    house.home.version.write_text(f"{LAYOUT + 1}\n")
    house.drop(csv_text("clients", goods("clients", 4)), feed="clients")
    for step in (receiver.receive, layout.upgrade):
        with pytest.raises(layout.HomeProblem, match="newer"):
            step(house.home)
    assert [path.name for path in house.home.inbox.rglob("*.csv")] == ["2019.csv"]


def test_a_home_without_client_ids_needs_no_upgrade(house: House) -> None:
    house.receive(csv_text("outreach", goods("outreach", 3)))
    house.home.version.unlink()
    for path in house.home.ledger.iterdir():
        path.write_text(path.read_text("utf-8").replace('"2.0.0"', '"1.0.0"'), "utf-8")
    house.receive(csv_text("outreach", goods("outreach", 4)))
    assert house.home.version.read_text("ascii") == f"{LAYOUT}\n"


def test_the_ledger_says_which_contract_a_row_was_received_under(old: House) -> None:
    layout.upgrade(old.home)
    versions = {
        line["contract_version"]
        for path in old.home.ledger.glob("*.jsonl")
        for line in whole_lines(path)
    }
    assert versions == {"1.0.0"}


def test_a_file_that_cannot_be_read_stops_it_before_the_layout_is_named(old: House) -> None:
    path = parquet_files(old.home)[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(layout.HomeProblem, match=f"{path.name} cannot be read"):
        layout.upgrade(old.home)
    assert layout.layout_of(old.home) == 1
    path.write_bytes(whole)
    layout.upgrade(old.home)
    assert_is_upgraded(old)


def test_what_holds_client_ids_and_cannot_be_removed_stops_it(old: House) -> None:
    # A file where a folder should be is an error of the disk that root meets too.
    old.home.as_of.write_text(_clear(7), "utf-8")
    with pytest.raises(NotADirectoryError):
        layout.upgrade(old.home)
    assert layout.layout_of(old.home) == 1
    old.home.as_of.unlink()
    layout.upgrade(old.home)
    assert_is_upgraded(old)


def test_under_another_key_than_that_of_its_rows_nothing_is_rewritten(old: House) -> None:
    key = old.home.keys / "pseudonym.key"
    aside = key.rename(key.with_name("aside"))
    before = {path: path.read_bytes() for path in parquet_files(old.home)}
    with pytest.raises(layout.HomeProblem, match="not the one under which"):
        layout.upgrade(old.home)
    assert not key.exists()
    assert {path: path.read_bytes() for path in parquet_files(old.home)} == before
    aside.rename(key)
    layout.upgrade(old.home)
    assert_is_upgraded(old)


def test_a_held_submission_is_taken_over_and_let_in_afterwards(house: House) -> None:
    for count in (1200, 300):
        rows = [good("contacts", n, client_id=_clear(n % 9)) for n in range(1, count + 1)]
        receipt = house.receive(csv_text("contacts", rows), feed="contacts")
    assert receipt.status == "held"
    write_back(house.home, {"essote": [_clear(n) for n in range(9)]})
    assert found_in(house.home, [_clear(7)])
    with pytest.raises(layout.HomeProblem, match="vuosikello upgrade"):
        receiver.receive(house.home)
    layout.upgrade(house.home)
    assert not found_in(house.home, [_clear(7)])
    receiver.accept_held(house.home, receipt.submission_id, by="Maija")
    first, second = (set(client_ids(path)) for path in parquet_files(house.home))
    assert first == second
    assert all(one.startswith(pseudonym_key(house.home).id) for one in second)


def test_an_id_that_version_1_kept_otherwise_written_is_the_id_that_it_is_today(
    house: House,
) -> None:
    composed, kept = "\u00c51", "\u200bA\u030a1"
    text = csv_text("clients", [good("clients", 1, client_id=composed)])
    first = house.accepted(house.receive(text, feed="clients"))
    (today,) = client_ids(first)
    write_back(house.home, {"essote": [composed]})
    with duckdb.connect() as connection:
        rows = f"SELECT * REPLACE ('{kept}' AS client_id) FROM read_parquet('{first}')"
        connection.execute(f"CREATE TABLE rows AS {rows}")
        connection.execute(f"COPY rows TO '{first}' (FORMAT parquet)")
    layout.upgrade(house.home)
    assert client_ids(first) == [today]
