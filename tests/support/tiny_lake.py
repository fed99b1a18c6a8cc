"""A lake of a few rows, written as the receiver writes it, without the receiver.

Only the layout is shared with it: Parquet files of typed rows under ``lake/accepted`` and lines in
``ledger``. So these tests know nothing of how rows get there, and a row is whatever a test says.
"""

from __future__ import annotations

import calendar
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.contracts import load_contracts
from vuosikello.warehouse import build

CONTRACTS = load_contracts()


class TinyLake:
    """The lake and ledger of one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "ledger").mkdir(parents=True, exist_ok=True)
        # In a copy of a home, what is submitted has an id of its own beside what is there already.
        self._submissions = sum(
            len(path.read_text(encoding="utf-8").splitlines())
            for path in (home / "ledger").glob("*.jsonl")
        )

    def submit(
        self,
        organisation: str,
        feed: str,
        period: str,
        rows: list[dict[str, Any]],
        *,
        received_at: str,
        status: str = "accepted",
        contract_version: str | None = None,
        without: tuple[str, ...] = (),
    ) -> str:
        """Write one submission; a column that a row does not name is null there.

        Args:
            organisation: its code.
            feed: its code; the contract tells columns and types.
            period: YYYY, YYYY-MM or YYYY-MM-DD.
            rows: what the accepted file holds.
            received_at: UTC, as the ledger writes it.
            status: accepted, accepted_with_rejects, refused or duplicate; only the first two
                have a file in the lake.
            contract_version: version of the contract it was checked against; None is the present one.
            without: columns that this version of the contract did not have.

        Returns:
            The submission's id.
        """
        self._submissions += 1
        submission = f"01M{self._submissions:023}"
        lake_path = None
        if status in ("accepted", "accepted_with_rejects"):
            lake_path = f"lake/accepted/{feed}/{organisation}/{submission}.parquet"
            own = {"organisation": organisation, "submission_id": submission}
            columns = {name: type_ for name, type_ in _columns(feed).items() if name not in without}
            _write_parquet(self.home / lake_path, [{**own, **row} for row in rows], columns)
        first, last = bounds(period)
        self.write_line(
            {
                "event": "submission",
                "submission_id": submission,
                "organisation": organisation,
                "feed": feed,
                "period": period,
                "period_start": first,
                "period_end": last,
                "file": f"{organisation}/{feed}/{period}.csv",
                "sha256": "0" * 64,
                "received_at": received_at,
                "contract_version": contract_version or CONTRACTS[feed].version,
                "status": status,
                "rows_read": len(rows),
                "rows_loaded": len(rows) if lake_path else 0,
                "rows_rejected": 0,
                "rows_warned": 0,
                "supersedes": None,
                "derived_period": period,
                "lake_path": lake_path,
                "key_id": "k1",
            }
        )
        return submission

    def write_line(self, event: dict[str, Any]) -> None:
        """Append one event to the ledger."""
        with (self.home / "ledger" / "2026-01.test.jsonl").open("a", encoding="utf-8") as ledger:
            ledger.write(json.dumps(event) + "\n")

    def tear_line(self) -> None:
        """Leave a line that a crash cut short."""
        with (self.home / "ledger" / "2026-01.test.jsonl").open("a", encoding="utf-8") as ledger:
            ledger.write('{"event":"submission","submission_id":"01M9\n')


def bounds(period: str) -> tuple[str, str]:
    """First and last day of a stated period."""
    year, month, day = (*period.split("-"), "", "")[:3]
    if day:
        return period, period
    if month:
        last = calendar.monthrange(int(year), int(month))[1]
        return f"{period}-01", f"{period}-{last}"
    return f"{year}-01-01", f"{year}-12-31"


def _columns(feed: str) -> dict[str, str]:
    columns = {"organisation": "VARCHAR", "submission_id": "VARCHAR"}
    for column in CONTRACTS[feed].columns:
        columns[column.name] = column.sql_type
        if column.name == "person_id":
            columns |= {"birth_year": "INTEGER", "sex": "VARCHAR"}
    return {**columns, "warnings": "VARCHAR[]"}


def _write_parquet(path: Path, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        as_json = Path(folder) / "rows.json"
        as_json.write_text(json.dumps(rows), encoding="utf-8")
        as_parquet = Path(folder) / "rows.parquet"
        connection.execute(
            f"copy (from read_json('{as_json}', format = 'array', columns = {columns})) "
            f"to '{as_parquet}' (format parquet, compression zstd)"
        )
        shutil.copy(as_parquet, path)


CONTACT = {"client_id": "C1", "worker_id": "k1:w1", "channel": "office", "minutes": 30}
WORKER = {
    "worker_id": "k1:w1",
    "profession": "social_worker",
    "municipality": "205",
    "fte": 1.0,
    "started_on": "2018-01-01",
}
CLIENT = {
    "client_id": "C1",
    "person_id": "k1:p1",
    "birth_year": 1980,
    "sex": "female",
    "municipality": "049",
    "started_on": "2019-01-01",
    "intensity": "intensive",
    "special_support": True,
    "initiated_by": "client",
}


def fill(home: Path) -> TinyLake:
    """The lake that most tests look at; each line is there for one of them."""
    lake = TinyLake(home)
    lake.submit("kainuun-sote", "workers", "2019", [WORKER], received_at="2020-01-02T08:00:00Z")
    lake.submit("kainuun-sote", "clients", "2019", [CLIENT], received_at="2020-01-02T08:01:00Z")
    lake.tear_line()
    # A yearly file and a later one of its October: K1 stands in both, K2 (September) in the first.
    lake.submit(
        "kainuun-sote",
        "contacts",
        "2019",
        [
            {**CONTACT, "contact_id": "K1", "occurred_on": "2019-10-01"},
            {**CONTACT, "contact_id": "K2", "occurred_on": "2019-09-02"},
        ],
        received_at="2020-01-03T08:00:00Z",
    )
    lake.submit(
        "kainuun-sote",
        "contacts",
        "2019-10",
        [{**CONTACT, "contact_id": "K1", "occurred_on": "2019-10-01", "minutes": 45}],
        received_at="2020-01-04T08:00:00Z",
    )
    # Refused and duplicate submissions change nothing.
    for status in ("refused", "duplicate"):
        lake.submit(
            "kainuun-sote",
            "contacts",
            "2019",
            [],
            received_at="2020-01-05T08:00:00Z",
            status=status,
        )
    # Another organisation's K1 is another contact; no file names its client and worker.
    lake.submit(
        "essote",
        "contacts",
        "2019-11-05",
        [{**CONTACT, "contact_id": "K1", "occurred_on": "2019-11-05"}],
        received_at="2020-01-06T08:00:00Z",
    )
    # Before version 1.0.0 of the contract there was no column `feeling`.
    visit = {
        "occurred_on": "2018-05-05",
        "municipality": "491",
        "nature": "partner",
        "persons_present": 3,
        "persons_contacted": 2,
        "topics": ["economy"],
    }
    lake.submit(
        "essote",
        "outreach",
        "2018",
        [{**visit, "visit_id": "V1"}],
        received_at="2020-01-07T08:00:00Z",
        contract_version="0.9.0",
        without=("feeling",),
    )
    lake.submit(
        "essote",
        "outreach",
        "2019",
        [{**visit, "visit_id": "V2", "occurred_on": "2019-05-05", "feeling": 4, "topics": None}],
        received_at="2020-01-08T08:00:00Z",
    )
    return lake


@dataclass(frozen=True)
class Built:
    """A home, what its last build said, and the progress that the build reported."""

    home: Path
    result: build.BuildResult
    reported: list[tuple[int, int, str]]

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.result.path), read_only=True)


def build_and_record(home: Path) -> Built:
    """Build a home, and record what the build reported while it ran."""
    reported: list[tuple[int, int, str]] = []
    result = build.build(home, progress=lambda *step: reported.append(step))
    return Built(home, result, reported)
