"""What one validation works on and with: the file, the limits, the engine, and the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from common.sql import literal
from ingest.contracts import Contract
from ingest.keys import PseudonymKey
from ingest.periods import Period
from ingest.readers import Fingerprint, ReadOptions
from ingest.receipts import Finding
from ingest.volume import Thresholds

MEMORY = "1GB"
REFUSED_ABOVE = 0.10
# A file of fewer bytes is read by one thread.
OF_ONE_THREAD = 1 << 20
# The view of the candidate's rows.
CANDIDATE = "candidate_rows"
# The lake is read whole, never searched for a value: the filters that would help cost much to make.
PARQUET = "(FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false)"
# A file that is read back and written once more is better written fast than small.
PARQUET_TEMPORARY = "(FORMAT parquet, COMPRESSION snappy, WRITE_BLOOM_FILTER false)"


@dataclass(frozen=True, slots=True)
class Limits:
    """What receiving one file may use, where it refuses, and where it waits for a person.

    Attributes:
        memory: DuckDB's memory limit; more is spilled to the work folder, beside the file itself.
        threads: DuckDB's threads; None is one for each core.
        refused_above: the share of rejected rows above which the whole file is refused.
        volume: the limits above which a change of a year's volume waits for a person.
    """

    memory: str = MEMORY
    threads: int | None = None
    refused_above: float = REFUSED_ABOVE
    volume: Thresholds = field(default_factory=Thresholds)


@dataclass(slots=True)
class Outcome:
    """The result of validating a file.

    Attributes:
        rows_read: how many rows the file has.
        rows_loaded: how many of them may be loaded; 0 where the file is refused.
        rows_rejected: how many break a rule that rejects them.
        rows_warned: how many of the loaded rows break a rule that only warns.
        is_refused: whether the whole file is refused.
        derived_period: the period of the dates in the file, where it is not the stated one.
        findings: the first findings, as many as a receipt shows.
        findings_total: how many there are.
        accepted: a Parquet file in the work folder; None where there are no such rows.
        rejected: the same of the rejected rows.
        errors: a CSV file there with every finding; None where there is none.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_warned: int = 0
    is_refused: bool = False
    derived_period: str | None = None
    findings: list[Finding] = field(default_factory=list)
    findings_total: int = 0
    accepted: Path | None = None
    rejected: Path | None = None
    errors: Path | None = None


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """The file to validate, and what its place in the inbox says about it."""

    path: Path
    extension: str
    contract: Contract
    organisation: str
    period: Period
    submission_id: str
    received_on: date
    fingerprint: Fingerprint
    read_options: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True, slots=True)
class Run:
    """One validation: the file, the engine that reads it, and where results are written.

    Attributes:
        connection: an engine with nothing else in it.
        file: the file.
        key: the key of pseudonyms.
        work: an empty folder, for everything that is written.
        limits: what may be used, and where a file is refused.
        background: another task to do while the engine reads the file.
    """

    connection: duckdb.DuckDBPyConnection
    file: SubmittedFile
    key: PseudonymKey
    work: Path
    limits: Limits
    background: Callable[[], object] | None

    @property
    def contract(self) -> Contract:
        """The contract of the file's feed."""
        return self.file.contract

    @property
    def candidate(self) -> Path:
        """Every row of the file, typed, pseudonymised and with its flags, as Parquet."""
        return self.work / "candidate.parquet"

    @property
    def written_rows(self) -> str:
        """The SQL of the rows of the candidate's file, with their place as ``file_row_number``."""
        return f"read_parquet({literal(self.candidate)}, file_row_number=true)"

    @property
    def candidate_rows(self) -> str:
        """The SQL of the same rows with all pseudonyms."""
        return CANDIDATE

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Have the engine keep the order of rows beside which a table of one row stands.

        Were the sides of such a cross join changed, the order would be lost.
        """
        self.connection.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
        try:
            yield
        finally:
            self.connection.execute("RESET disabled_optimizers")

    def execute(self, sql: str) -> None:
        """Run SQL with those of the parameters that it names; keys travel only as parameters."""
        parameters = {
            "organisation": self.file.organisation,
            "submission_id": self.file.submission_id,
            "inner": self.key.inner,
            "outer": self.key.outer,
            "key_id": self.key.id,
        }
        self.connection.execute(sql, {k: v for k, v in parameters.items() if f"${k}" in sql})

    def one(self, sql: str) -> tuple[Any, ...]:
        """Return the only row of a query."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return row


def engine_config(
    work: Path, limits: Limits, size: int | None = None
) -> dict[str, str | bool | int | float | list[str]]:
    """Return the engine's settings: within the limits, spilling into the work folder.

    Args:
        work: where the engine may spill.
        limits: what may be used.
        size: the bytes of the file; to start threads for a small one costs more than they do.
    """
    spill = work / "spill"
    spill.mkdir(exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limits.memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    threads = 1 if size is not None and size < OF_ONE_THREAD else limits.threads
    return config | ({"threads": threads} if threads else {})
