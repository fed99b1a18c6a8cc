"""Measure receiving against the bare engine and against dlt, side by side in one run.

`make bench`, or `python bench/receiving.py --rows 1000000` for a shorter look. Nothing here passes
or fails on a time: the figures are printed beside what they should hold, and kept as JSON under
bench/results. It does stop when the contenders do not come to the same rows, since then they did
not do the same work.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import contacts_file
import duckdb
from contacts_file import ContactsFile
from measuring import Measured, machine, run
from rich import box
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS = Path(__file__).with_name("contenders.py")
# A fixed key: every contender that makes pseudonyms must make the same ones.
KEY = "5b" * 32
MIB = 1 << 20
GIB = 1 << 30

# The ways of dlt that are the fastest as a rule; the others may win on another machine.
BULK = "dlt_import"
ROWS = "dlt_rows"

# Targets of receiving.
TIMES_BARE = 2.0
TIMES_BULK = 1.0
TIMES_ROWS = 50.0
MEMORY = 2 * GIB


@dataclass(slots=True)
class Entry:
    """One line of a table: a contender on a file, and its runs.

    ``alternatives`` names the group of ways to do the same; after the first round only the
    fastest of a group runs on.
    """

    label: str
    contender: str
    file: ContactsFile
    alternatives: str | None = None
    runs: dict[int, Measured] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The median wall clock of the work."""
        return median(m.seconds for m in self.runs.values())

    @property
    def least_seconds(self) -> float:
        """The shortest wall clock of the work."""
        return min(m.seconds for m in self.runs.values())

    @property
    def cpu_seconds(self) -> float:
        """The median processor time of the work."""
        return median(m.cpu_seconds for m in self.runs.values())

    @property
    def peak_bytes(self) -> int:
        """The most memory of any run."""
        return max(m.peak_bytes for m in self.runs.values())

    def times(self, other: Entry) -> float:
        """Return how many times another's time this takes: the median over the rounds of both."""
        both = self.runs.keys() & other.runs.keys()
        return median(self.runs[r].seconds / other.runs[r].seconds for r in both)

    def least_times(self, other: Entry) -> float:
        """Return how many times another's shortest time the shortest of this is."""
        return self.least_seconds / other.least_seconds


class Disagreement(Exception):
    """Contenders did not come to the same rows."""


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    folder = Path(tempfile.mkdtemp(prefix="vuosikello-bench-", dir=options.folder))
    try:
        result = _measure(options, folder, Console(stderr=True, highlight=False))
    except Disagreement as problem:
        console.print(f"[red]The contenders do not agree: {problem}[/]")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _show(result, console)
    path = _keep(result, options)
    console.print(f"\nFigures: {_shown(path)}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add = parser.add_argument
    add("--rows", type=_count, default=10_000_000, help="rows of the whole file")
    add("--sample", type=_count, default=100_000, help="rows for the row transforms")
    add("--repeat", type=_count, default=3, help="rounds; the contenders take turns")
    add("--rejects", type=float, default=0.001, help="share of bad rows")
    add("--one-way", action="store_true", help="only the way of dlt that is the fastest as a rule")
    add("--folder", help="where the temporary files go; the system's, if not given")
    add(
        "--results",
        type=Path,
        default=ROOT / "bench" / "results",
        help="where the figures are kept as JSON",
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text.replace("_", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


@dataclass(slots=True)
class Result:
    """Everything that was measured."""

    whole: list[Entry]
    sample: list[Entry]
    single: list[Entry]
    machine: dict[str, Any]
    seconds: float = 0.0


def _measure(options: argparse.Namespace, folder: Path, console: Console) -> Result:
    started = time.monotonic()
    described = machine() | {
        name: version(name) for name in ("duckdb", "dlt", "pyarrow", "pyrage", "vuosikello")
    }
    with console.status(f"Writing {options.rows:,} contacts …"):
        clean = contacts_file.write(folder / "clean.csv", options.rows)
        bad = contacts_file.write(folder / "bad.csv", options.rows, options.rejects)
        sample = contacts_file.write(folder / "sample.csv", options.sample, options.rejects)
        single = contacts_file.write(folder / "single.csv", 1)
    result = Result(
        whole=[
            Entry("DuckDB: bare COPY to Parquet", "bare", clean),
            Entry("Vuosikello, clean file", "vuosikello", clean),
            Entry(f"Vuosikello, {options.rejects:.1%} of rows bad", "vuosikello", bad),
            Entry("dlt: Arrow batches of pyarrow", "dlt_arrow", clean, "bulk"),
            Entry("dlt: read_csv_duckdb as Arrow", "dlt_read_csv", clean, "bulk"),
            Entry("dlt: import of a Parquet file", "dlt_import", clean, "bulk"),
        ],
        sample=[
            Entry("Vuosikello", "vuosikello", sample),
            Entry("dlt: add_map on rows", "dlt_map", sample, "rows"),
            Entry("dlt: pages of rows", "dlt_rows", sample, "rows"),
            Entry("dlt: pages, process a core", "dlt_rows_parallel", sample, "rows"),
        ],
        single=[
            Entry("Vuosikello", "vuosikello", single),
            Entry("dlt: pages of rows", "dlt_rows", single),
        ],
        machine=described,
    )
    if options.one_way:
        result.whole = [e for e in result.whole if e.alternatives is None or e.contender == BULK]
        result.sample = [e for e in result.sample if e.alternatives is None or e.contender == ROWS]
    groups = (result.whole, result.sample, result.single)
    entries = [entry for group in groups for entry in group]
    seen: dict[tuple[Path, bool], int] = {}
    for number in range(1, options.repeat + 1):
        for entry in entries:
            if number > 1 and not _is_fastest(entry, entries):
                continue
            text = f"Round {number} of {options.repeat}: {entry.label}, {entry.file.rows:,} rows"
            with console.status(f"{text} …"):
                measured = _run(entry, folder)
                if number == 1:
                    _agree(entry, measured, seen)
            entry.runs[number] = measured
            shutil.rmtree(folder / "run")
            console.print(f"{time.strftime('%H:%M:%S')}  {text}: {measured.seconds:.2f} s")
    result.seconds = time.monotonic() - started
    return result


def _is_fastest(entry: Entry, entries: Iterable[Entry]) -> bool:
    rivals = [e for e in entries if entry.alternatives and e.alternatives == entry.alternatives]
    return not rivals or entry is min(rivals, key=lambda rival: rival.runs[1].seconds)


def _run(entry: Entry, folder: Path) -> Measured:
    output = folder / "run"
    output.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VUOSIKELLO_", "DLT_", "RUNTIME__", "NORMALIZE__"))
    }
    environment = kept | {
        "VUOSIKELLO_PSEUDONYM_KEY": KEY,
        "PYTHONPATH": str(ROOT),
        "DLT_DATA_DIR": str(output / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
    command = [str(CONTENDERS), entry.contender, str(entry.file.path), str(output)]
    return run(command, environment=environment, folder=output)


def _agree(entry: Entry, measured: Measured, seen: dict[tuple[Path, bool], int]) -> None:
    """Hold what a contender made to the numbers of its file and to what the others made of it."""
    found, file = measured.found, entry.file
    for name, expected in (
        ("rows_read", file.rows),
        ("rows_rejected", file.rejected),
        ("rows_warned", file.warned),
    ):
        if found.get(name, expected) != expected:
            raise Disagreement(f"{entry.label}: {name} {found[name]}, expected {expected}")
    has_pseudonyms = "rows_rejected" in found
    count, digest = _rows(found, has_pseudonyms)
    if count != file.rows - file.rejected:
        raise Disagreement(f"{entry.label}: {count} rows loaded of {file.rows}")
    for compared in {has_pseudonyms, False}:
        value = digest[compared]
        if seen.setdefault((file.path, compared), value) != value:
            raise Disagreement(f"{entry.label}: other values than those before it")


def _rows(found: dict[str, Any], has_pseudonyms: bool) -> tuple[int, dict[bool, int]]:
    """Return how many rows there are, and a sum over them, with and without the pseudonyms."""
    values = (
        "contact_id, occurred_on::DATE, channel::VARCHAR, "
        "nullif(method::VARCHAR, ''), minutes::BIGINT"
    )
    pseudonyms = "client_id::VARCHAR, worker_id::VARCHAR" if has_pseudonyms else "NULL::VARCHAR"
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        if "database" in found:
            connection.execute(f"ATTACH '{found['database']}' AS peer (READ_ONLY)")
        row = connection.execute(
            f"SELECT count(*), sum(hash({values})), sum(hash({values}, {pseudonyms})) "
            f"FROM {found['relation']}"
        ).fetchone()
    assert row is not None
    return int(row[0]), {False: int(row[1] or 0), True: int(row[2] or 0)}


def _show(result: Result, console: Console) -> None:
    bare, clean, bad = result.whole[:3]
    rows = clean.file.rows
    described = result.machine
    console.print(
        f"\n{described['processor']}, {described['cores']} cores, {described['memory_gib']} GiB; "
        f"DuckDB {described['duckdb']}, dlt {described['dlt']}; load at the start "
        f"{described['load_average'][0]}\n"
    )
    table = _table(
        f"{rows:,} contacts",
        ("median s", "least s", "CPU s", "Mrows/s", "peak MiB", "× bare", "CPU × bare"),
    )
    for entry in result.whole:
        table.add_row(
            entry.label,
            f"{entry.seconds:.2f}",
            f"{entry.least_seconds:.2f}",
            f"{entry.cpu_seconds:.2f}",
            f"{entry.file.rows / entry.seconds / 1e6:.2f}",
            f"{entry.peak_bytes / MIB:,.0f}",
            f"{entry.times(bare):.2f}",
            f"{entry.cpu_seconds / bare.cpu_seconds:.2f}",
        )
    console.print(table)
    table = _table(
        f"the same checks and pseudonyms on {result.sample[0].file.rows:,} contacts",
        ("median s", "least s", "CPU s", "peak MiB", "µs a row", "µs a row less start-up"),
    )
    for entry in result.sample:
        table.add_row(
            entry.label,
            f"{entry.seconds:.2f}",
            f"{entry.least_seconds:.2f}",
            f"{entry.cpu_seconds:.2f}",
            f"{entry.peak_bytes / MIB:,.0f}",
            _micros(_per_row(entry)),
            _micros(_per_row(entry, _single(entry, result))),
        )
    table.add_row(
        f"Vuosikello, {bad.file.rows:,} rows",
        f"{bad.seconds:.2f}",
        f"{bad.least_seconds:.2f}",
        f"{bad.cpu_seconds:.2f}",
        f"{bad.peak_bytes / MIB:,.0f}",
        _micros(_per_row(bad)),
        _micros(_per_row(bad, result.single[0])),
    )
    console.print(table)
    starts = ", ".join(f"{entry.label} {entry.seconds:.2f} s" for entry in result.single)
    console.print(f"Start-up, measured on a file of one row: {starts}\n")
    table = _table("what should hold", ("measured", "wanted", ""))
    for target in targets(result):
        mark = "[green]held[/]" if target["held"] else "[red]missed[/]"
        table.add_row(target["name"], target["shown"], target["wanted"], mark)
    console.print(table)


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def targets(result: Result) -> list[dict[str, Any]]:
    """Return each target of receiving with the ratio that was measured."""
    bare, clean, bad, *bulk_ways = result.whole
    bulk = min(bulk_ways, key=lambda entry: entry.runs[1].seconds)
    ours, *row_ways = result.sample
    peer = min(row_ways, key=lambda entry: entry.runs[1].seconds)
    peer_start, our_start = _single(peer, result), result.single[0]
    found = []

    def at_most(name: str, ratio: float, wanted: float, least: float | None = None) -> None:
        shown = f"{ratio:.2f}" + (f" (least times: {least:.2f})" if least is not None else "")
        found.append(_target(name, ratio, f"≤ {wanted:g}", ratio <= wanted, shown))

    def at_least(name: str, theirs: float | None, own: float | None, wanted: float) -> None:
        ratio = theirs / own if theirs and own else None
        held = ratio is not None and ratio >= wanted
        shown = "file too small to tell" if ratio is None else f"{ratio:.0f}"
        found.append(_target(name, ratio, f"≥ {wanted:g}", held, shown))

    at_most("clean file, times bare DuckDB", clean.times(bare), TIMES_BARE, clean.least_times(bare))
    at_most(
        "file with bad rows, times bare DuckDB", bad.times(bare), TIMES_BARE, bad.least_times(bare)
    )
    at_most(
        f"clean file, times {bulk.label}", clean.times(bulk), TIMES_BULK, clean.least_times(bulk)
    )
    at_least(
        f"faster than {peer.label}: a row of the sample, start-up left out of both",
        _per_row(peer, peer_start),
        _per_row(ours, our_start),
        TIMES_ROWS,
    )
    at_least(
        "… a row of the sample against a row of the whole file, start-up in both",
        _per_row(peer),
        _per_row(bad),
        TIMES_ROWS,
    )
    at_least("… both on the sample, start-up in both", peer.seconds, ours.seconds, TIMES_ROWS)
    peak = max(clean.peak_bytes, bad.peak_bytes)
    found.append(_target("peak memory", peak, "< 2 GiB", peak < MEMORY, f"{peak / GIB:.2f} GiB"))
    return found


def _target(name: str, value: float | None, wanted: str, held: bool, shown: str) -> dict[str, Any]:
    return {"name": name, "value": value, "wanted": wanted, "held": held, "shown": shown}


def _single(entry: Entry, result: Result) -> Entry:
    """Return the run on one row that measures an entry's start-up."""
    return result.single[0] if entry.contender == "vuosikello" else result.single[1]


def _per_row(entry: Entry, start: Entry | None = None) -> float | None:
    """Return microseconds for a row, by the median times; start-up left out where it is given.

    None where a file is so small that start-up is nearly all there is.
    """
    if start is None:
        return entry.seconds / entry.file.rows * 1e6
    left = entry.seconds - start.seconds
    if left < start.seconds / 10:
        return None
    return left / (entry.file.rows - start.file.rows) * 1e6


def _micros(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _keep(result: Result, options: argparse.Namespace) -> Path:
    def plain(entry: Entry) -> dict[str, Any]:
        runs = [
            {"round": number} | {k: v for k, v in asdict(m).items() if k != "found"}
            for number, m in entry.runs.items()
        ]
        return {
            "label": entry.label,
            "contender": entry.contender,
            "rows": entry.file.rows,
            "rows_rejected": entry.file.rejected,
            "runs": runs,
        }

    options.results.mkdir(parents=True, exist_ok=True)
    path: Path = options.results / f"receiving-{time.strftime('%Y%m%dT%H%M%S')}.json"
    document = {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": result.seconds,
        "rows": options.rows,
        "sample": options.sample,
        "repeat": options.repeat,
        "rejects": options.rejects,
        "machine": result.machine,
        "whole": [plain(entry) for entry in result.whole],
        "sampled": [plain(entry) for entry in result.sample],
        "single_row": [plain(entry) for entry in result.single],
        "targets": targets(result),
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
