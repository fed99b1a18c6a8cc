"""The main job on the ISO SOS example, through the DAGs, as `make demo` runs it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from exports.publication_plan import publication_plan
from tests.support.places import EXAMPLE
from vuosikello.cli.example_figures import check_expected, compare


class Demonstration:
    """A finished demonstration: its home, and what a person saw."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.done = subprocess.run(
            [sys.executable, "-m", "vuosikello.cli.app", "demo", "--home", str(home)],
            env=os.environ | {"COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def receipts(self) -> dict[str, dict[str, Any]]:
        read = (json.loads(path.read_text()) for path in (self.home / "receipts").glob("*.json"))
        return {receipt["file"]: receipt for receipt in read}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return Demonstration(tmp_path_factory.mktemp("demo") / "home")


def test_the_demonstration_ends_well_and_says_where_everything_is(demo: Demonstration) -> None:
    assert demo.done.returncode == 0, demo.done.stdout + demo.done.stderr
    for text in ("accepted", "404", "1386", "14 %", "45 %", "4.4", "indicators.csv", "index.html"):
        assert text in demo.done.stdout
    assert "Traceback" not in demo.done.stdout + demo.done.stderr
    assert "✗" not in demo.done.stdout


def test_every_file_of_the_example_has_a_receipt_and_left_the_inbox(demo: Demonstration) -> None:
    dropped = {p.relative_to(EXAMPLE / "inbox").as_posix() for p in EXAMPLE.glob("inbox/*/*/*.*")}
    assert set(demo.receipts()) == dropped
    assert not [path for path in (demo.home / "inbox").rglob("*") if path.is_file()]


def test_the_corrected_file_stands_in_place_of_the_draft(demo: Demonstration) -> None:
    receipts = demo.receipts()
    draft = receipts["essote/outreach/2019.1-draft.csv"]
    assert receipts["essote/outreach/2019.2-corrected.csv"]["supersedes"] == draft["submission_id"]
    visits = demo.query(
        "SELECT count(*), count(DISTINCT submission_id) FROM staging.stg_outreach "
        "WHERE organisation = 'essote' AND year(occurred_on) = 2019"
    )
    assert visits == [(57, 1)]


def test_the_three_broken_rows_are_quarantined_with_their_rows_and_columns(
    demo: Demonstration,
) -> None:
    receipt = demo.receipts()["sosteri/outreach/2019.csv"]
    assert receipt["status"] == "accepted_with_rejects"
    assert (receipt["rows_read"], receipt["rows_loaded"], receipt["rows_rejected"]) == (81, 78, 3)
    assert [(e["row"], e["column"], e["rule"]) for e in receipt["errors"]] == [
        (22, "persons_contacted", "persons_contacted_not_above_persons_present"),
        (23, "nature", "code"),
        (24, "occurred_on", "type_date"),
    ]


def test_every_expected_value_comes_out(demo: Demonstration) -> None:
    assert check_expected(demo.home / "warehouse.duckdb") == (58, 58, 0)


def test_the_published_figures_come_out(demo: Demonstration) -> None:
    compared = compare(demo.home / "warehouse.duckdb")
    assert len(compared) == 10
    assert [one for one in compared if not one.agrees] == []


def test_the_export_holds_every_planned_value_and_suppressed_rows_hold_no_number(
    demo: Demonstration,
) -> None:
    with (demo.home / "exports" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (values,) = demo.query(
        "SELECT count(*) FROM indicators.indicator_values AS made "
        f"WHERE {publication_plan().values('made')}"
    )
    assert len(rows) == values[0]
    assert {row["status"] for row in rows} == {"published", "suppressed"}
    numbers = ("numerator", "denominator", "value")
    assert not [r for r in rows if r["status"] == "suppressed" and any(r[n] for n in numbers)]
    assert all(row["value"] for row in rows if row["status"] == "published")


def test_no_identity_code_of_the_example_stands_anywhere_but_in_encrypted_originals(
    demo: Demonstration,
) -> None:
    with (EXAMPLE / "inbox/kainuun-sote/clients/2019.csv").open(encoding="utf-8") as file:
        codes = [row["person_id"].encode() for row in csv.DictReader(file)][::100]
    plain = [
        p for p in demo.home.rglob("*") if p.is_file() and p.suffix not in (".age", ".parquet")
    ]
    assert plain
    leaks = [(p, c) for p in plain for content in (p.read_bytes(),) for c in codes if c in content]
    assert leaks == []
    for path in demo.home.rglob("*.parquet"):
        text = duckdb.sql(f"SELECT to_json(t)::VARCHAR FROM read_parquet('{path}') AS t").fetchall()
        joined = "\n".join(row for (row,) in text).encode()
        assert not [code for code in codes if code in joined], path


def test_a_home_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep me")
    done = Demonstration(tmp_path).done
    assert done.returncode == 2
    assert (tmp_path / "precious").read_text() == "keep me"
