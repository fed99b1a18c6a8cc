"""Making up submissions, beside the bare engine writing the same rows once more, in one run.

`python bench/simulation.py [--rows N] [--json FILE]` makes about N rows of all feeds of eight
organisations and three years, then copies the files with nothing but DuckDB's reader and writer of
CSV, which is the least that writing them can cost. Each runs in a process of its own. What is
printed are rows a second, by wall clock and by processor time, peak memory, and how long a hundred
million rows would take at that rate.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

import measuring

ROWS = 20_000_000
ORGANISATIONS = 8
YEARS = 3
# How many rows one open client makes in a year, in all feeds together.
ROWS_A_CLIENT = 49
COUNTRY = 100_000_000


def ours(folder: Path, rows: int) -> None:
    """Make up about so many rows."""
    from simulation import Request, simulate

    clients = max(1, rows // (ORGANISATIONS * YEARS * ROWS_A_CLIENT))
    with measuring.work() as watch:
        made = simulate(
            Request(organisations=ORGANISATIONS, years=YEARS, clients=clients), folder / "made"
        )
    measuring.report(watch, {"rows": made.rows, "files": made.files, "bytes": made.size})


def bare(folder: Path, rows: int) -> None:
    """Read the same files and write them again, each feed as one file of texts."""
    made = folder / "made"
    feeds = sorted({path.name for path in made.glob("*/*")})
    copied = 0
    with measuring.work() as watch, duckdb.connect() as connection:
        for feed in feeds:
            answer = connection.execute(
                f"COPY (FROM read_csv('{made}/*/{feed}/*.csv', all_varchar = true, "
                f"header = true)) TO '{folder}/{feed}.csv' (FORMAT csv, HEADER)"
            ).fetchone()
            copied += answer[0] if answer else 0
    measuring.report(watch, {"rows": copied})


CONTENDERS = {"simulate": ours, "bare COPY": bare}


def compare(rows: int) -> dict[str, Any]:
    """Measure both and return the figures."""
    with tempfile.TemporaryDirectory(prefix="vuosikello-bench-") as name:
        measured = {
            contender: measuring.run(
                [__file__, "--contender", contender, "--folder", name, "--rows", str(rows)],
                environment=dict(os.environ),
                folder=Path(name),
            )
            for contender in CONTENDERS
        }
        shutil.rmtree(Path(name) / "made")
    counts = {contender: run.found["rows"] for contender, run in measured.items()}
    if len(set(counts.values())) != 1:
        raise SystemExit(f"the two did not write the same rows: {counts}")
    made = measured["simulate"]
    return {
        "rows": made.found["rows"],
        "files": made.found["files"],
        "megabytes": round(made.found["bytes"] / 1e6),
        "machine": measuring.machine(),
        "ratio": made.cpu_seconds / measured["bare COPY"].cpu_seconds,
        "country_seconds": COUNTRY / made.found["rows"] * made.seconds,
        "contenders": {
            contender: {
                "seconds": round(run.seconds, 2),
                "cpu_seconds": round(run.cpu_seconds, 2),
                "rows_per_second": round(run.found["rows"] / run.seconds),
                "rows_per_cpu_second": round(run.found["rows"] / run.cpu_seconds),
                "peak_gib": round(run.peak_bytes / (1 << 30), 2),
            }
            for contender, run in measured.items()
        },
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="about how many rows")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        CONTENDERS[asked.contender](asked.folder, asked.rows)
        return
    figures = compare(asked.rows)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    print(f"{figures['rows']:,} rows in {figures['files']} files, {figures['megabytes']} MB")
    print(f"{'':12}{'seconds':>10}{'cpu s':>10}{'rows/s':>12}{'rows/cpu s':>12}{'GiB':>8}")
    for contender, run in figures["contenders"].items():
        print(
            f"{contender:12}{run['seconds']:>10.2f}{run['cpu_seconds']:>10.2f}"
            f"{run['rows_per_second']:>12,}{run['rows_per_cpu_second']:>12,}{run['peak_gib']:>8.2f}"
        )
    print(
        f"Making up takes {figures['ratio']:.1f} times the processor time of copying the files; "
        f"100 million rows would take {figures['country_seconds'] / 60:.1f} minutes at this rate"
    )


if __name__ == "__main__":
    main()
