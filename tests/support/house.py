"""A whole installation in a test's own folder: drop files, receive them, look at what came out.

Tests go through the public functions of the receiver and read what other programs read: receipts,
the lake and the ledger. Nothing is mocked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from common.home import Home
from ingest import ledger, receiver
from ingest.contracts import load_contracts
from ingest.ledger import Slot
from ingest.receipts import Receipt

ORGANISATION = "essote"
# One engine reads for all tests: to start one costs more than what it reads.
_ENGINE = duckdb.connect()


@dataclass(frozen=True)
class House:
    """An installation and what tests ask of it."""

    home: Home

    def drop(
        self,
        content: bytes | str,
        *,
        feed: str = "outreach",
        name: str = "2019.csv",
        organisation: str = ORGANISATION,
    ) -> Path:
        """Put a file into the inbox and return its path."""
        path = self.home.inbox / organisation / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def receive(
        self,
        content: bytes | str,
        *,
        feed: str = "outreach",
        name: str = "2019.csv",
        organisation: str = ORGANISATION,
    ) -> Receipt:
        """Drop one file and return its receipt."""
        self.drop(content, feed=feed, name=name, organisation=organisation)
        (receipt,) = receiver.receive(self.home)
        return receipt

    def receive_all(self) -> list[Receipt]:
        """Receive whatever is in the inbox."""
        return receiver.receive(self.home)

    def rows(self, receipt: Receipt, *columns: str) -> list[tuple[Any, ...]]:
        """Return the accepted rows of a submission, in the lake's order."""
        return self._read(self.accepted(receipt), columns)

    def column(self, receipt: Receipt, name: str) -> list[Any]:
        """Return one column of the accepted rows."""
        return [value for (value,) in self.rows(receipt, name)]

    def rejected_rows(self, receipt: Receipt, *columns: str) -> list[tuple[Any, ...]]:
        """Return the quarantined rows of a submission."""
        return self._read(self.rejected(receipt), columns)

    def accepted(self, receipt: Receipt) -> Path:
        """Where the accepted rows of a submission lie."""
        return self._lake(self.home.accepted, receipt)

    def rejected(self, receipt: Receipt) -> Path:
        """Where the quarantined rows of a submission lie."""
        return self._lake(self.home.rejected, receipt)

    def current(
        self, feed: str = "outreach", period: str = "2019", organisation: str = ORGANISATION
    ) -> str | None:
        """Return the id of the submission in force."""
        found = ledger.current(self.home, Slot(organisation, feed, period))
        return found["submission_id"] if found else None

    def receipt_files(self) -> list[str]:
        """Return the names of the receipts' files."""
        return sorted(path.name for path in self.home.receipts.iterdir())

    def receipts(self) -> list[dict[str, Any]]:
        """Return all receipts, in the order received."""
        found = [json.loads(path.read_text("utf-8")) for path in self.home.receipts.glob("*.json")]
        return sorted(found, key=lambda receipt: (receipt["received_at"], receipt["submission_id"]))

    def is_tidy(self) -> bool:
        """Whether the inbox and the claims are empty: everything dropped was received."""
        files = [path for path in self.home.inbox.rglob("*") if not path.is_dir()]
        return not files and not any(self.home.claims.iterdir())

    @staticmethod
    def _lake(folder: Path, receipt: Receipt) -> Path:
        feed, organisation = str(receipt.feed), str(receipt.organisation)
        return folder / feed / organisation / f"{receipt.submission_id}.parquet"

    @staticmethod
    def _read(path: Path, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        names = ", ".join(f'"{name}"' for name in columns) or "*"
        return _ENGINE.execute(f"SELECT {names} FROM read_parquet(?)", [str(path)]).fetchall()


def rules(receipt: Receipt) -> list[tuple[int | None, str | None, str]]:
    """Return row, column and rule of every finding."""
    return [(finding.row, finding.column, finding.rule) for finding in receipt.errors]


def digest(root: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, and the kind of everything else."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "folder"
    return found


def csv_text(
    feed: str, rows: list[dict[str, object]], *, delimiter: str = ",", newline: str = "\n"
) -> str:
    """Write rows of texts as CSV with the contract's columns; a column not named is empty."""
    names = [column.name for column in load_contracts()[feed].columns]
    lines = [names] + [[str(row.get(name, "")) for name in names] for row in rows]
    return newline.join(delimiter.join(line) for line in lines) + newline


_GOOD: dict[str, dict[str, object]] = {
    "outreach": {
        "visit_id": "v{n}",
        "occurred_on": "2019-03-14",
        "municipality": "491",
        "nature": "home_visit",
        "persons_present": "3",
        "persons_contacted": "2",
        "topics": "economy|housing",
        "feeling": "4",
    },
    "contacts": {
        "contact_id": "c{n}",
        "client_id": "k{n}",
        "worker_id": "w1",
        "occurred_on": "2019-03-14",
        "channel": "office",
        "minutes": "30",
    },
    "clients": {
        "client_id": "k{n}",
        "person_id": "131052-308T",
        "municipality": "491",
        "started_on": "2019-03-14",
        "intensity": "ordinary",
        "special_support": "no",
        "initiated_by": "client",
    },
    "workers": {
        "worker_id": "w{n}",
        "profession": "social_worker",
        "municipality": "491",
        "fte": "1",
        "started_on": "2019-01-01",
    },
    "measurements": {
        "measurement_id": "m{n}",
        "client_id": "k{n}",
        "instrument": "avhv",
        "wave": "start",
        "measured_on": "2019-03-14",
        "form_returned": "yes",
        "form_blank": "no",
    },
    "time_entries": {
        "entry_id": "t{n}",
        "worker_id": "w1",
        "worked_on": "2019-03-14",
        "activity": "client_process",
        "community": "no",
        "minutes": "60",
    },
    "assessments": {
        "assessment_id": "a{n}",
        "client_id": "k{n}",
        "initiated_on": "2019-03-14",
        "multiprofessional": "no",
    },
}


def good(feed: str, number: int = 1, **changes: object) -> dict[str, object]:
    """Return a row that breaks no rule, but for the changes."""
    row = {name: str(value).format(n=number) for name, value in _GOOD[feed].items()}
    return row | changes


def goods(feed: str, count: int, start: int = 1) -> list[dict[str, object]]:
    """Return that many rows that break no rule, numbered so that every key is another."""
    return [good(feed, number) for number in range(start, start + count)]
