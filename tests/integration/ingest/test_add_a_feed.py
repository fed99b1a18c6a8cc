"""Adding a feed as its page tells: a contract and a staging model, and no line of Python.

The page itself is carried out, word for word, on a copy of the rooms: every file that it shows is
written where it says, and every command that it gives is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts import load_contracts
from tests.support.places import ROOT

PAGE = ROOT / "docs" / "how_to" / "add_a_feed.md"
ROOMS = ("common", "ingest", "dbt_project", "expectations", "exports", "vuosikello", "dags")
ROOMS += ("tests/support", "tests/unit/ingest")
FEED = "guidance_calls"
EXAMPLE = "2026-01.csv"
EXTENDED = "tests/support/row_rules.yaml"
COMMAND = "from vuosikello.cli.app import main; main()"
DBT = "from dbt.cli.main import cli; cli()"


@dataclass(frozen=True)
class Copy:
    """A copy of the rooms with the feed added, and what its files were before."""

    root: Path
    home: Path
    before: dict[str, str]

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy, so that it is the copy's own rooms that work."""
        kept = {name: value for name, value in os.environ.items() if "VUOSIKELLO" not in name}
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=kept
            | {"PYTHONPATH": str(self.root), "VUOSIKELLO_HOME": str(self.home)}
            | {"PYTHONDONTWRITEBYTECODE": "1"}
            | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    def vuosikello(self, *arguments: str) -> tuple[int, Any]:
        """Run the command with --json; return its exit code and what it says."""
        done = self.run("-c", COMMAND, *arguments, "--json")
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def mended(self) -> Path:
        """Mend the example as the page says, in the inbox."""
        path = self.home / "inbox" / "hva-20" / FEED / EXAMPLE
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = (self.root / EXAMPLE).read_text("utf-8")
        assert "N0006;W002;13.1.2026;12.1.2026;" in rows
        path.write_text(rows.replace(";12.1.2026;economy;15", ";14.1.2026;economy;15"), "utf-8")
        return path


def shown_files() -> dict[str, str]:
    """Return the files that the page shows, by the path above each."""
    text = PAGE.read_text("utf-8")
    return dict(re.findall(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("copy")
    passed_over = shutil.ignore_patterns("__pycache__", "target", "logs", ".*")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=passed_over)
    shutil.copy(ROOT / "pyproject.toml", root)
    before = digests(root)
    for path, content in shown_files().items():
        target = root / path
        if path == EXTENDED:
            target.write_text(target.read_text("utf-8") + "\n" + content, "utf-8")
        else:
            assert not target.exists(), f"{path} is to be added and is there already"
            target.write_text(content, "utf-8")
    return Copy(root, tmp_path_factory.mktemp("home"), before)


def test_the_page_shows_a_contract_a_staging_model_an_example_and_rows_for_the_rule() -> None:
    assert set(shown_files()) == {
        f"ingest/contracts/{FEED}.yaml",
        f"dbt_project/models/staging/feeds/stg_{FEED}.sql",
        f"dbt_project/models/staging/feeds/stg_{FEED}.yml",
        EXAMPLE,
        EXTENDED,
    }
    assert FEED not in load_contracts()


def test_adding_a_feed_takes_no_python(copy: Copy) -> None:
    after = digests(copy.root)
    added = after.keys() - copy.before.keys()
    changed = {path for path in copy.before if after.get(path) != copy.before[path]}
    assert added == set(shown_files()) - {EXTENDED}
    assert changed == {EXTENDED}
    assert not [path for path in added | changed if path.endswith(".py")]
    assert len([path for path in after if path.endswith(".py")]) > 20


def test_a_file_of_the_new_feed_is_checked_against_its_contract(copy: Copy) -> None:
    code, receipt = copy.vuosikello(
        "check", EXAMPLE, "--feed", FEED, "--organisation", "hva-20", "--period", "2026-01"
    )
    assert code == 1
    assert (receipt["status"], receipt["feed"]) == ("refused", FEED)
    assert (receipt["rows_read"], receipt["rows_rejected"], receipt["rows_loaded"]) == (6, 1, 0)
    broken = [error for error in receipt["errors"] if error["row"] is not None]
    assert [(error["row"], error["column"], error["rule"]) for error in broken] == [
        (7, "called_back_on", "called_back_on_not_before_called_on")
    ]
    assert broken[0]["message_fi"] == (
        "Takaisinsoittopäivä on ennen soittopäivää. Korjaa jompikumpi päivä."
    )


def test_the_new_feed_goes_from_the_inbox_to_its_staging_model(copy: Copy) -> None:
    dropped = copy.mended()
    code, receipts = copy.vuosikello("receive")
    assert code == 0
    (receipt,) = receipts
    assert (receipt["status"], receipt["rows_loaded"]) == ("accepted", 6)
    assert not dropped.exists()

    warehouse = copy.home / "warehouse.duckdb"
    project = str(copy.root / "dbt_project")
    built = copy.run(
        *("-c", DBT, "build", "--select", f"+stg_{FEED}", "--exclude-resource-type", "unit_test"),
        DBT_PROJECT_DIR=project,
        DBT_PROFILES_DIR=project,
        DBT_TARGET_PATH=str(copy.home / "target"),
        DBT_LOG_PATH=str(copy.home / "logs"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        VUOSIKELLO_WAREHOUSE_FILE=str(warehouse),
    )
    assert built.returncode == 0, built.stdout[-3000:]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT call_id, called_on, called_back_on, topics, minutes, warnings "
            f"FROM staging.stg_{FEED} ORDER BY call_id"
        ).fetchall()
        workers = connection.execute(
            "SELECT worker_id, list(call_id ORDER BY call_id) AS calls, "
            "any_value(organisation), any_value(submission_id) "
            f"FROM staging.stg_{FEED} GROUP BY worker_id ORDER BY calls"
        ).fetchall()
    january = [date(2026, 1, day) for day in range(1, 32)]
    assert rows == [
        ("N0001", january[6], None, ["economy", "housing"], 12, None),
        ("N0002", january[6], january[7], ["social_assistance"], 20, None),
        ("N0003", january[8], None, None, 5, None),
        ("N0004", january[11], january[13], ["substance_use"], 31, None),
        ("N0005", january[12], None, ["daily_life", "other_benefits"], 9, None),
        ("N0006", january[12], january[13], ["economy"], 15, None),
    ]
    assert [calls for _, calls, _, _ in workers] == [
        ["N0001", "N0002", "N0005"],
        ["N0003", "N0004", "N0006"],
    ]
    assert all(re.fullmatch(r"k[0-9a-f]{8}:[0-9a-f]{64}", worker) for worker, *_ in workers)
    assert {row[2:] for row in workers} == {("hva-20", receipt["submission_id"])}


def test_the_tests_of_contracts_take_the_new_one_in(copy: Copy) -> None:
    tested = copy.run(
        *("-m", "pytest", "tests/unit/ingest/test_contract_files.py", "-k", FEED),
        *("-p", "no:cacheprovider", "-q", "--no-header"),
    )
    assert tested.returncode == 0, tested.stdout[-3000:]
    (passed,) = re.findall(r"(\d+) passed", tested.stdout)
    assert int(passed) >= 9
