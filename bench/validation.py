"""Validating ten million contacts: push-down SQL against the same suite on pandas, in one run.

`python bench/validation.py [--rows N] [--json FILE]` makes a warehouse of one feed with DuckDB,
with a known number of bad rows. Each contender then runs in a process of its own: ours is the suite
`feeds` as `vuosikello validate` runs it, Data Docs and all; the peer is Great Expectations' own
expectations for the same rules on a pandas frame that it reads from the same Parquet file. Both
must find the same bad rows, and only ours reports their organisation and period. What is printed is
the ratio of their times: reading the file belongs to the work, importing the libraries does not.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

import measuring

ROWS = 10_000_000
TARGET = 10
FEED = "contacts"
ORGANISATIONS = 23
MONTHS = 12
RECEIVED = datetime(2026, 1, 15, 10, 0)
# One row in so many has the fault of its column.
EVERY = {"minutes": 10_007, "channel": 20_011, "worker_id": 40_009}


@dataclass(frozen=True, slots=True)
class Warehouse:
    """What both contenders read."""

    path: Path
    lake: Path


def write(folder: Path, rows: int) -> Warehouse:
    """Write a lake file of contacts and a warehouse whose staging view reads it.

    Each of 23 organisations has one submission for each month of 2025.
    """
    from ingest.contracts import codes

    def one_of(code_list: str, salt: int) -> str:
        listed = ", ".join(f"'{code}'" for code in codes(code_list))
        return f"list_extract([{listed}], 1 + (hash(i, {salt}) % {len(codes(code_list))})::INT)"

    made = Warehouse(folder / "warehouse.duckdb", folder / "contacts.parquet")
    month = f"(i * {MONTHS} // {rows})"
    with duckdb.connect(str(made.path)) as connection:
        connection.execute(f"""
            COPY (
                SELECT
                    'hva-' || lpad((1 + i % {ORGANISATIONS})::VARCHAR, 2, '0') AS organisation,
                    '01JH' || lpad(
                        (i % {ORGANISATIONS} * {MONTHS} + {month})::VARCHAR, 22, '0'
                    ) AS submission_id,
                    'C' || lpad(i::VARCHAR, 10, '0') AS contact_id,
                    'A' || (hash(i, 1) % 800000) AS client_id,
                    CASE WHEN i % {EVERY["worker_id"]} = 0 THEN 'worker 17'
                        ELSE 'k1:' || sha256('w' || (hash(i, 2) % 6000)) END AS worker_id,
                    DATE '2025-01-01' + ({month} * 30 + hash(i, 3) % 30)::INTEGER AS occurred_on,
                    CASE WHEN i % {EVERY["channel"]} = 0 THEN 'fax'
                        ELSE {one_of("channel", 4)} END AS channel,
                    CASE WHEN hash(i, 5) % 5 < 2 THEN NULL
                        ELSE {one_of("method", 6)} END AS method,
                    CASE WHEN i % {EVERY["minutes"]} = 0 THEN 1441
                        ELSE 5 + (hash(i, 7) % 120)::INTEGER END AS minutes,
                    NULL::VARCHAR[] AS warnings
                FROM range({rows}) AS numbers(i)
            ) TO '{made.lake}' (FORMAT parquet, COMPRESSION zstd)
        """)
        connection.execute("CREATE SCHEMA staging")
        connection.execute(f"""
            CREATE TABLE staging.stg_current_submissions AS
            SELECT DISTINCT
                submission_id, organisation, '{FEED}' AS feed,
                '2025-' || lpad((1 + right(submission_id, 4)::INT % {MONTHS})::VARCHAR, 2, '0')
                    AS period,
                TIMESTAMP '{RECEIVED}' AS received_at
            FROM '{made.lake}'
        """)
        connection.execute(f"""
            CREATE VIEW staging.stg_{FEED} AS
            SELECT lake.*, submissions.received_at
            FROM read_parquet('{made.lake}') AS lake
            INNER JOIN staging.stg_current_submissions AS submissions
                ON lake.submission_id = submissions.submission_id
        """)
    return made


def push_down(folder: Path) -> None:
    """Run our suite on the warehouse in a folder."""
    import great_expectations  # noqa: F401 - importing is no part of the work
    from sqlalchemy import create_engine

    from expectations.configuration import load_thresholds
    from expectations.engine import duckdb_dialect
    from expectations.engine.catalog import read_catalog
    from expectations.suite_runner import run_suite
    from expectations.suites.feeds import compile_feeds
    from ingest.contracts import load_contracts

    warehouse = folder / "warehouse.duckdb"
    duckdb_dialect.register()
    with measuring.work() as watch:
        engine = create_engine(
            duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(warehouse)
        )
        with engine.connect() as connection:
            catalog = read_catalog(connection)
        engine.dispose()
        relations = compile_feeds(load_contracts(), catalog, load_thresholds())
        result = run_suite("feeds", relations, warehouse, folder / "docs")
    bad: dict[str, int] = {}
    for failure in result.failures:
        column = failure.expectation.split(".")[1]
        bad[column] = bad.get(column, 0) + int(failure.observed or 0)
    measuring.report(watch, {"evaluated": result.evaluated, "bad": bad})


def pandas(folder: Path) -> None:
    """Run Great Expectations' own expectations for the same rules on a pandas frame."""
    import logging

    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas as pd
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from expectations.suites.feeds import EARLIEST, IDENTITY_CODE, PSEUDONYM
    from ingest.contracts import codes, load_contracts

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    contract = load_contracts()[FEED]
    names = [column.name for column in contract.columns]
    rules: list[Any] = [
        gxe.ExpectTableColumnsToMatchSet(column_set=names, exact_match=False),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["organisation", "contact_id"]),
        *(
            gxe.ExpectColumnValuesToNotBeNull(column=column.name)
            for column in contract.columns
            if column.required
        ),
        *(
            gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(codes(name)))
            for name in ("channel", "method")
        ),
        gxe.ExpectColumnValuesToBeBetween(column="minutes", min_value=0, max_value=1440),
        gxe.ExpectColumnValuesToBeBetween(
            column="occurred_on", min_value=datetime.fromisoformat(EARLIEST), max_value=RECEIVED
        ),
        gxe.ExpectColumnValuesToMatchRegex(column="worker_id", regex=f"^{PSEUDONYM}$"),
        # Only the texts that neither a list nor the pseudonym's own form settles, as ours does.
        *(
            gxe.ExpectColumnValuesToNotMatchRegex(column=name, regex=IDENTITY_CODE)
            for name in ("contact_id", "client_id")
        ),
    ]
    with measuring.work() as watch:
        frame = pd.read_parquet(
            folder / "contacts.parquet", columns=["organisation", "submission_id", *names]
        )
        # A column of date objects would be many times slower still.
        frame["occurred_on"] = frame["occurred_on"].astype("datetime64[s]")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("memory").add_dataframe_asset(FEED)
        definition = asset.add_batch_definition_whole_dataframe("all rows")
        batch = definition.get_batch({"dataframe": frame})
        outcome = batch.validate(gx.ExpectationSuite(FEED, expectations=rules))
    bad = {
        result.expectation_config.kwargs["column"]: result.result["unexpected_count"]
        for result in outcome.results
        if not result.success
    }
    measuring.report(watch, {"evaluated": len(rules), "bad": bad})


CONTENDERS = {"push_down": push_down, "pandas": pandas}


def compare(rows: int) -> dict[str, Any]:
    """Measure both contenders on the same rows and return what was found."""
    with tempfile.TemporaryDirectory(prefix="vuosikello-bench-") as name:
        folder = Path(name)
        write(folder, rows)
        environment = os.environ | {"GX_ANALYTICS_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
        measured = {
            contender: measuring.run(
                [__file__, "--contender", contender, "--folder", name],
                environment=environment,
                folder=folder,
            )
            for contender in CONTENDERS
        }
    expected = {column: -(-rows // every) for column, every in EVERY.items()}
    for contender, run in measured.items():
        if run.found["bad"] != expected:
            raise SystemExit(f"{contender} found {run.found['bad']}, there are {expected}")
    ours, peer = measured["push_down"], measured["pandas"]
    return {
        "rows": rows,
        "machine": measuring.machine(),
        "bad_rows": expected,
        "ratio": peer.seconds / ours.seconds,
        "memory_ratio": peer.peak_bytes / ours.peak_bytes,
        "contenders": {
            contender: {
                "seconds": round(run.seconds, 2),
                "cpu_seconds": round(run.cpu_seconds, 2),
                "peak_gib": round(run.peak_bytes / (1 << 30), 2),
                "expectations": run.found["evaluated"],
            }
            for contender, run in measured.items()
        },
    }


def main() -> None:
    """Print the comparison; exit 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        CONTENDERS[asked.contender](asked.folder)
        return
    figures = compare(asked.rows)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    print(f"Validating {figures['rows']:,} contacts, the same rules, the same bad rows found")
    print(f"{'':12}{'seconds':>10}{'cpu s':>10}{'GiB':>8}{'expectations':>14}")
    for contender, run in figures["contenders"].items():
        print(
            f"{contender:12}{run['seconds']:>10.2f}{run['cpu_seconds']:>10.2f}"
            f"{run['peak_gib']:>8.2f}{run['expectations']:>14}"
        )
    met = figures["ratio"] >= TARGET
    print(
        f"push-down is {figures['ratio']:.1f} times as fast and takes 1/"
        f"{figures['memory_ratio']:.1f} of the memory; at least {TARGET} times is the target: "
        f"{'met' if met else 'MISSED'}"
    )
    if not met:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
