"""The contenders of the receiving benchmark, each run in a process of its own.

`python bench/contenders.py NAME FILE FOLDER` does the work once: it reads the contacts in FILE,
writes what it makes of them below FOLDER, and prints one line with its times and where the rows
are. What is compared with what, and why that is fair, is said in docs/explanation/benchmarks.md.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from contacts_file import YEAR
from measuring import report, work

# An organisation and a period of the real lists; who it is makes no difference to the work.
ORGANISATION = "hva-08"
FEED = "contacts"
PAGE = 5_000
BATCH = 250_000
ROWS_FILE = 50_000
_HINTS: Any = {
    "occurred_on": {"data_type": "date"},
    "minutes": {"data_type": "bigint"},
    "method": {"data_type": "text"},
    "warnings": {"data_type": "text"},
    "rules": {"data_type": "text"},
}

Found = dict[str, Any]


def bare(file: Path, folder: Path) -> None:
    """Let the engine copy the file to Parquet and do nothing else."""
    import duckdb

    target = folder / "bare.parquet"
    with work() as watch, duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_csv('{file}')) TO '{target}' (FORMAT parquet)")
    report(watch, {"relation": f"read_parquet('{target}')"})


def vuosikello(file: Path, folder: Path) -> None:
    """Receive the file as it is received from an inbox, by a process that has received before."""
    # DuckDB looks for it with the first query that has parameters; the scheduler has it loaded.
    import pandas  # noqa: F401

    from common.home import Home
    from ingest import receiver

    home = Home(folder / "home")
    place = home.inbox / ORGANISATION / FEED / f"{YEAR}.csv"
    place.parent.mkdir(parents=True)
    # The file is dropped by somebody else; a second name for it costs nothing and leaves it here.
    os.link(file, place)
    with work() as watch:
        (receipt,) = receiver.receive(home)
    lake = home.accepted / FEED / ORGANISATION / f"{receipt.submission_id}.parquet"
    found = {
        "relation": f"read_parquet('{lake}')",
        "status": str(receipt.status),
        "rows_read": receipt.rows_read,
        "rows_rejected": receipt.rows_rejected,
        "rows_warned": receipt.rows_warned,
        "errors": receipt.errors_total,
    }
    report(watch, found)


def dlt_arrow(file: Path, folder: Path) -> None:
    """Let dlt take Arrow batches that pyarrow reads, through Parquet into DuckDB."""
    import dlt
    from pyarrow import csv as arrow_csv

    def batches() -> Iterator[Any]:
        options = arrow_csv.ReadOptions(block_size=16 << 20)
        yield from arrow_csv.open_csv(file, read_options=options)

    pipeline = _pipeline(folder)
    with work() as watch:
        pipeline.run(dlt.resource(batches, name=FEED), loader_file_format="parquet")
    _report_dlt(watch, pipeline)


def dlt_read_csv(file: Path, folder: Path) -> None:
    """Let dlt read the file with its own reader over DuckDB, as Arrow, into DuckDB."""
    from dlt.sources.filesystem import filesystem, read_csv_duckdb

    files = filesystem(bucket_url=file.parent.as_uri(), file_glob=file.name)
    reader = files | read_csv_duckdb(chunk_size=BATCH, use_pyarrow=True)
    pipeline = _pipeline(folder)
    with work() as watch:
        pipeline.run(reader.with_name(FEED), loader_file_format="parquet")
    _report_dlt(watch, pipeline)


def dlt_import(file: Path, folder: Path) -> None:
    """Let DuckDB turn the file into Parquet and dlt import that file whole into DuckDB."""
    import dlt
    import duckdb
    from pyarrow import parquet

    def imported() -> Iterator[Any]:
        whole = folder / "imported.parquet"
        duckdb.execute(f"COPY (FROM read_csv('{file}')) TO '{whole}' (FORMAT parquet)")
        held = parquet.ParquetFile(whole)
        schema, count = held.schema_arrow.empty_table(), held.metadata.num_rows
        yield dlt.mark.with_file_import(str(whole), "parquet", count, hints=schema)

    pipeline = _pipeline(folder)
    with work() as watch:
        pipeline.run(dlt.resource(imported, name=FEED), loader_file_format="parquet")
    _report_dlt(watch, pipeline)


def dlt_map(file: Path, folder: Path) -> None:
    """Let dlt check and pseudonymise with a row transform, the way its documentation shows."""
    import dlt

    judge = RowJudge(os.environ["VUOSIKELLO_PSEUDONYM_KEY"])
    pipeline = _pipeline(folder)
    with work() as watch:
        resource = dlt.resource(_pages(file), name=FEED, columns=_HINTS, max_table_nesting=0)
        pipeline.run(resource.add_map(judge.row), loader_file_format="parquet")
    _report_rows(watch, pipeline, judge)


def dlt_rows(file: Path, folder: Path) -> None:
    """Let dlt take pages of rows that a generator has checked and pseudonymised."""
    _dlt_rows(file, folder)


def dlt_rows_parallel(file: Path, folder: Path) -> None:
    """Let dlt take such pages and normalise them with a process for each core."""
    # The files between dlt's steps are cut, since a process works on a file.
    os.environ["SOURCES__DATA_WRITER__FILE_MAX_ITEMS"] = str(ROWS_FILE)
    os.environ["NORMALIZE__WORKERS"] = str(os.cpu_count() or 1)
    _dlt_rows(file, folder)


def _dlt_rows(file: Path, folder: Path) -> None:
    import dlt

    judge = RowJudge(os.environ["VUOSIKELLO_PSEUDONYM_KEY"])

    def judged() -> Iterator[list[Found]]:
        for page in _pages(file):
            yield [judge.row(row) for row in page]

    pipeline = _pipeline(folder)
    with work() as watch:
        resource = dlt.resource(judged, name=FEED, columns=_HINTS, max_table_nesting=0)
        pipeline.run(resource, loader_file_format="parquet")
    _report_rows(watch, pipeline, judge)


def _pages(file: Path) -> Iterator[list[Found]]:
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        while page := list(islice(rows, PAGE)):
            yield page


def _report_rows(watch: Any, pipeline: Any, judge: RowJudge) -> None:
    # Rejected rows stand beside the others, with the rules that they break.
    loaded = f"(FROM peer.bench.{FEED} WHERE rules IS NULL)"
    counts = {"rows_rejected": judge.rejected, "rows_warned": judge.warned}
    _report_dlt(watch, pipeline, relation=loaded, **counts)


class RowJudge:
    """The contract of `contacts` as a person would write it for rows in Python.

    It comes to the same rows and the same pseudonyms as the receiver does, which the benchmark
    checks, and remembers the dates and the pseudonyms that it has met.
    """

    _identity_code = re.compile(
        "(^|[^0-9A-Za-z])[0-9]{6}[-+A-FU-Ya-fu-y][0-9]{3}[0-9A-Za-z]($|[^0-9A-Za-z])"
    )

    def __init__(self, secret: str) -> None:
        from ingest.contracts import codes

        key = bytes.fromhex(secret)
        key_id = hmac.new(key, b"vuosikello key id", hashlib.sha256).hexdigest()[:8]
        today = date.today()
        earliest, first, last = date(1950, 1, 1), date(YEAR, 1, 1), date(YEAR, 12, 31)
        self.channels, self.methods = frozenset(codes("channel")), frozenset(codes("method"))
        self.keys: set[str] = set()
        self.rejected = self.warned = 0

        @cache
        def pseudonym(message: str) -> str:
            text = f"{ORGANISATION}/{message}".encode()
            return f"k{key_id}:{hmac.digest(key, text, 'sha256').hex()}"

        @cache
        def day(text: str) -> tuple[date | None, str | None, bool]:
            """Return the date, the rule it breaks, and whether it lies outside the period."""
            try:
                read = date.fromisoformat(text)
            except ValueError:
                try:
                    read = datetime.strptime(text, "%d.%m.%Y").date()
                except ValueError:
                    return None, "required" if not text else "type_date", False
            if read > today:
                return read, "date_in_future", False
            if read < earliest:
                return read, "date_too_early", False
            return read, None, not first <= read <= last

        self.pseudonym, self.day = pseudonym, day

    def row(self, row: Found) -> Found:
        """Judge one row: return it typed and pseudonymised, with the rules that it breaks."""
        rules, judged = self._row(row)
        judged["rules"] = "|".join(rules) or None
        self.rejected += bool(rules)
        return judged

    def _row(self, row: Found) -> tuple[list[str], Found]:
        if None in row or None in row.values():
            return ["malformed_row"], {"contact_id": None}
        rules = []
        contact, client, worker = (
            row["contact_id"].strip(),
            row["client_id"].strip(),
            row["worker_id"].strip(),
        )
        if not contact:
            rules.append("key_empty")
        elif len(contact) >= 11 and self._identity_code.search(contact):
            rules.append("identity_code_in_text")
        rules += ["required" for identifier in (client, worker) if not identifier]
        occurred_on, rule, is_outside = self.day(row["occurred_on"].strip())
        if rule:
            rules.append(rule)
        channel = row["channel"].strip()
        if channel not in self.channels:
            rules.append("code" if channel else "required")
        method = row["method"].strip() or None
        if method is not None and method not in self.methods:
            rules.append("code")
        minutes = None
        try:
            minutes = int(row["minutes"])
        except ValueError:
            rules.append("type_integer" if row["minutes"].strip() else "required")
        else:
            if not 0 <= minutes <= 1440:
                rules.append("range")
        if not rules:
            if contact in self.keys:
                rules.append("duplicate_key")
            else:
                self.keys.add(contact)
                self.warned += is_outside
        return rules, {
            "contact_id": contact,
            "client_id": self.pseudonym(f"id/{client}") if client else None,
            "worker_id": self.pseudonym(worker.upper()) if worker else None,
            "occurred_on": occurred_on,
            "channel": channel,
            "method": method,
            "minutes": minutes,
            "warnings": "outside_period" if is_outside else None,
        }


def _pipeline(folder: Path) -> Any:
    import dlt

    # Bare speed: nothing that dlt can leave out for Arrow and Parquet is added to the rows.
    os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = "false"
    os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID"] = "false"
    database = dlt.destinations.duckdb(str(folder / "peer.duckdb"))
    return dlt.pipeline("bench", destination=database, dataset_name="bench")


def _report_dlt(watch: Any, pipeline: Any, **found: Any) -> None:
    database = Path(pipeline.destination_client().config.credentials.database)
    reported = {"database": str(database), "relation": f"peer.bench.{FEED}"}
    report(watch, reported | found)


CONTENDERS: dict[str, Callable[[Path, Path], None]] = {
    function.__name__: function
    for function in (
        bare,
        vuosikello,
        dlt_arrow,
        dlt_read_csv,
        dlt_import,
        dlt_map,
        dlt_rows,
        dlt_rows_parallel,
    )
}


if __name__ == "__main__":
    # A contender speaks by its last line; what the libraries have to say is none of it.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    CONTENDERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
