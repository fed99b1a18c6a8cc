"""The same bytes give the same lake on any machine: any time zone, locale and number of threads."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.house import csv_text, good, goods
from tests.support.reported_cases import inboxes
from tests.support.tables import workbook

MACHINES = [
    ("Europe/Helsinki", "fi_FI.UTF-8", 1),
    ("Pacific/Kiritimati", "C", 2),
    ("America/Los_Angeles", "tr_TR.UTF-8", 4),
]
ROWS = 300_000  # several groups of rows, which threads write at the same time
MOMENT = datetime(2018, 12, 31, 22, 0, tzinfo=UTC)


def files(folder: Path) -> None:
    """Write a file of every format, with moments, texts of other letters, and faulty rows."""
    rows = goods("contacts", ROWS)
    for number in range(0, ROWS, 997):
        rows[number] |= {"minutes": "1,5"} if number % 2 else {"worker_id": " Äijälä İıß "}
    content = csv_text("contacts", rows, delimiter=";")
    (folder / "contacts.csv").write_text(content, encoding="utf-8")
    texts = ["2018-12-31T22:00:00.000Z", "2019-06-30T23:30:00+03:00", "2019-06-30", "x"]
    lines = [
        json.dumps(good("time_entries", n, worked_on=texts[n % 4 if n % 20 == 3 else n % 3]))
        for n in range(1000)
    ]
    (folder / "time_entries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    columns = {name: [row[name] for row in goods("outreach", 3)] for name in good("outreach")}
    moments = pa.array([MOMENT] * 3, pa.timestamp("us", "UTC"))
    out = io.BytesIO()
    pq.write_table(pa.table(columns | {"occurred_on": moments}), out)
    (folder / "outreach.parquet").write_bytes(out.getvalue())
    names = list(good("workers"))
    workers = [good("workers", n, started_on=datetime(2019, 1, 1, 23, 30)) for n in range(1, 4)]
    (folder / "workers.xlsx").write_bytes(
        workbook([["Työntekijät"], names, *[[row[name] for name in names] for row in workers]])
    )


def on_every_machine(folder: Path) -> list[dict[str, str | None]]:
    """Validate the files of a folder on each machine, and return the hashes of what comes out."""
    found = []
    for zone, locale, threads in MACHINES:
        output = subprocess.run(
            [sys.executable, "-m", "tests.support.validated_hashes", str(folder), str(threads)],
            env=os.environ | {"TZ": zone, "LC_ALL": locale, "LANG": locale},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found.append(json.loads(output))
    return found


def test_the_same_bytes_give_the_same_lake_on_any_machine(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    files(folder)
    found = on_every_machine(folder)
    assert all(found[0][f"{path.name}: accepted"] for path in folder.iterdir())
    assert found[0]["contacts.csv: rejected"]
    assert found[0]["time_entries.jsonl: rejected"]
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_moments_at_the_turn_of_the_year_give_the_same_lake_on_any_machine(tmp_path: Path) -> None:
    (inbox,) = inboxes("time-zone-day-shift")
    for path in inbox.glob("*/*/*"):
        shutil.copy(path, tmp_path / f"{path.parent.name}{path.suffix}")
    found = on_every_machine(tmp_path)
    for name in ("contacts.parquet", "time_entries.jsonl"):
        assert found[0][f"{name}: accepted"]
        assert found[0][f"{name}: rejected"] is None
    assert found[1] == found[0]
    assert found[2] == found[0]
