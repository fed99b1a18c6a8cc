"""Whatever place somebody's identity is put in, it stays at the door.

Real-form personal identity codes and workers' names are sent in every place that a file has.
Afterwards everything written, but for the encrypted originals, is searched for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from common.home import Home
from ingest.contracts import Kind, load_contracts
from tests.support.byte_search import found_in
from tests.support.house import House, csv_text, good, goods
from tests.support.tables import (
    csv_bytes,
    identity_code,
    json_lines_bytes,
    least,
    parquet_bytes,
    workbook,
    xlsx_bytes,
)

CODES = (
    identity_code(date(1952, 10, 13), 308),
    identity_code(date(1904, 2, 29), 45, "+"),
    identity_code(date(2016, 12, 31), 877, "A"),
    identity_code(date(2003, 3, 9), 120, "F"),
    identity_code(date(1988, 8, 8), 931, "Y"),
    "131052\u2013308T",
    "311299-123!",
)
WORKERS = ("Meri Esimerkki", "esimerkki.meri@kunta.example", "T-4711-ESIM")
SECRETS = (*CODES[:-1], *WORKERS)


def somebody(kind: Kind, number: int) -> str:
    """Return what identifies somebody in a column of a kind; ids must differ from row to row."""
    if kind is Kind.WORKER:
        return WORKERS[number % 3]
    if kind is Kind.ID and number >= 4:
        # An id with an identity code rejects its row: a few are among rows that are loaded.
        return f"A-{number}"
    code = CODES[number % 3]
    return code if kind is Kind.PERSON else f"{code}/{number}"


def files(house: House) -> None:
    """Drop files of every format with somebody in every place."""
    contracts = load_contracts()
    number = 0

    def drop(feed: str, content: bytes | str, extension: str, name: str = "") -> None:
        nonlocal number
        number += 1
        place = f"{date.fromordinal(date(2016, 1, 1).toordinal() + number)}.{name}{extension}"
        house.drop(content, feed=feed, name=place)

    # As identifiers, where they belong; in good rows and in rejected ones.
    for feed, contract in contracts.items():
        identifiers = [column for column in contract.columns if column.is_identifier]
        if not identifiers:
            continue
        rows = [
            least(contract, n) | {c.name: somebody(c.kind, n) for c in identifiers}
            for n in range(40)
        ]
        if feed == "workers":
            rows = [row | {"started_on": date(2017, 1, 1 + n // 3)} for n, row in enumerate(rows)]
        rows[3] |= {contract.columns[-1].name: "nonsense"}
        names = [column.name for column in contract.columns]
        drop(feed, csv_bytes(names, rows), "csv")
        drop(feed, json_lines_bytes(names, rows), "jsonl")
        if feed == "clients":
            drop(feed, csv_bytes(names, rows, encoding="utf-16"), "csv")
            drop(feed, xlsx_bytes(names, rows, as_texts=True), "xlsx")
        rows[3] = rows[4]
        drop(feed, parquet_bytes(contract, names, rows), "parquet")
    # In columns that are none of theirs: texts, codes, numbers, dates.
    names = [column.name for column in contracts["outreach"].columns]
    for code in CODES:
        rows = [good("outreach", n, **{name: code}) for n, name in enumerate(names)]
        rows += [
            good("outreach", 90, place_id=f"asiakas_{code}"),
            good("outreach", 91, topics=code),
        ]
        for more in (0, 200):
            table = [*rows, *goods("outreach", more, 100)]
            drop("outreach", csv_text("outreach", table), "csv")
            drop("outreach", "\n".join(map(json.dumps, table)), "jsonl")
        if code == CODES[0]:
            cells = [names, *[[row.get(name) for name in names] for row in table]]
            drop("outreach", workbook(cells), "xlsx")
    for secret in (CODES[0], CODES[4], WORKERS[0], WORKERS[1]):
        lines = csv_text("outreach", goods("outreach", 40)).splitlines()
        # In a header, where a header is missing, in rows that cannot be taken apart.
        drop("outreach", "\n".join([f"{lines[0]},{secret}", *(f"{x},1" for x in lines[1:])]), "csv")
        drop("outreach", "\n".join([f"{secret},2019-01-01", secret]), "csv")
        drop("outreach", "\n".join([*lines, f"{secret},{secret}"]), "csv")
        drop("outreach", "\n".join([*lines, ",".join([secret] * 30)]), "csv")
        drop("outreach", "\n".join([*lines, f'"{secret}"x,1', f'"{secret}']), "csv")
        drop("outreach", "\n".join([*lines, f'"{secret}\n{secret}",1']), "csv")
        # As keys, in objects, in lines that are no JSON.
        objects = [json.dumps(row | {secret: secret}) for row in goods("outreach", 40)]
        drop("outreach", "\n".join([*objects, secret, f'{{"{secret}": ', f'["{secret}"]']), "jsonl")
    # In cells below and beside the table.
    cells = [
        [*names, WORKERS[0], CODES[0]],
        *[[good("outreach", n).get(name) for name in names] for n in range(30)],
        *([None] * 12 + [CODES[1]], [], [None] * 11 + [WORKERS[1]]),
    ]
    drop("outreach", workbook(cells), "xlsx")
    for code in CODES[1:3]:
        for name in (code, f"x{code}", f"{code.lower()}y", f"asiakas_{code}_2019"):
            drop("outreach", csv_text("outreach", goods("outreach", 1)), "csv", f"{name}.")
            house.drop("x", feed="outreach", name=f"{name}.csv")
        house.drop("x", feed=code)
        house.drop("x", organisation=code)


@pytest.fixture
def received(tmp_path: Path) -> tuple[Home, bytes, bytes]:
    """Receive them all with the command; return the home and what was printed."""
    house = House(Home(tmp_path / "home"))
    files(house)
    run = subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", "--home", str(house.home.root), "receive"],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if "VUOSIKELLO" not in key},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr.decode()
    return house.home, run.stdout, run.stderr


def test_nobodys_identity_is_written_anywhere(received: tuple[Home, bytes, bytes]) -> None:
    home, out, err = received
    house = House(home)
    assert house.is_tidy()
    receipts = house.receipts()
    assert len(receipts) > 90
    accepted = [r for r in receipts if r["status"].startswith("accepted")]
    assert {r["feed"] for r in accepted} >= {"workers", "clients", "contacts", "outreach"}
    assert any(r["rows_rejected"] for r in accepted)
    leaks = found_in(home, SECRETS, out, err)
    assert leaks == []
