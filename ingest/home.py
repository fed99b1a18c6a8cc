"""The folders of one installation, and how a file gets into them.

Everything the receiver keeps lies under one home folder. This module names the places and
gives the two primitives of durability that the room rests on: a file appears whole under its
final name or not at all, and a line is appended whole or not at all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The places under an installation's home folder.

    Args:
        root: the home folder; it need not exist yet.
    """

    root: Path

    @property
    def inbox(self) -> Path:
        """Where organisations drop files: ``<organisation>/<feed>/<period>….<ext>``."""
        return self.root / "inbox"

    @property
    def claims(self) -> Path:
        """Files taken from the inbox whose receiving has not finished, one folder each."""
        return self.root / "claims"

    @property
    def held(self) -> Path:
        """Submissions that were judged and wait for a person's decision, one folder each."""
        return self.root / "held"

    @property
    def accepted(self) -> Path:
        """Accepted rows: ``<feed>/<organisation>/<submission_id>.parquet``."""
        return self.root / "lake" / "accepted"

    @property
    def rejected(self) -> Path:
        """Quarantined rows: ``<feed>/<organisation>/<submission_id>.parquet``."""
        return self.root / "lake" / "rejected"

    @property
    def ledger(self) -> Path:
        """Append-only history: ``<YYYY-MM>.<writer>.jsonl``."""
        return self.root / "ledger"

    @property
    def receipts(self) -> Path:
        """Receipts: ``<submission_id>.json``, ``.html`` and ``.errors.csv``."""
        return self.root / "receipts"

    @property
    def originals(self) -> Path:
        """Encrypted originals: ``<submission_id>.age``."""
        return self.root / "originals"

    @property
    def keys(self) -> Path:
        """Keys of the embedded set-up; in production they live elsewhere."""
        return self.root / "keys"

    @property
    def locks(self) -> Path:
        """Lock files; they hold nothing and may be deleted while nothing runs."""
        return self.root / "locks"

    @property
    def warehouse(self) -> Path:
        """The published warehouse."""
        return self.root / "warehouse.duckdb"

    def create(self) -> Home:
        """Create the folders that receiving writes to, and return the home itself."""
        for folder in (
            self.inbox,
            self.claims,
            self.held,
            self.accepted,
            self.rejected,
            self.ledger,
            self.receipts,
            self.originals,
            self.locks,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        return self


def publish(source: Path, target: Path) -> None:
    """Move a finished file to its final name in one step that survives a power cut.

    Args:
        source: the finished file, on the same file system as the target.
        target: the final name; replaced if it exists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as finished:
        os.fsync(finished.fileno())
    source.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
