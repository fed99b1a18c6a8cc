"""`vuosikello simulate`, run as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SMALL = ("--organisations", "1", "--years", "1", "--clients", "3", "--last-year", "2024")


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", "simulate", *words],
        env=os.environ | {"VUOSIKELLO_HOME": str(home), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_files_lie_in_the_inbox_and_the_table_says_what_and_where(tmp_path: Path) -> None:
    done = run(tmp_path, *SMALL)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "inbox" / "hva-01" / "outreach" / "2024.csv").is_file()
    assert (tmp_path / "inbox" / "reference" / "population" / "2024.csv").is_file()
    assert "Made up for 2024" in done.stdout
    assert str(tmp_path / "inbox") in done.stdout
    assert "vuosikello run" in done.stdout
    for feed in ("contacts", "population", "workers"):
        assert feed in done.stdout


def test_json_holds_the_same_and_nothing_else_is_on_standard_output(tmp_path: Path) -> None:
    to = tmp_path / "elsewhere"
    done = run(tmp_path, *SMALL, "--to", str(to), "--format", "parquet", "--errors", "0", "--json")
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    files = sorted(str(path) for path in to.rglob("*.parquet"))
    assert sorted(one["path"] for one in reported["made"]) == files
    assert reported["files"] == len(files) > 20
    assert reported["rows"] == sum(reported["feeds"].values())
    assert reported["bad_rows"] == 0
    assert reported["organisations"] == ["hva-01", "reference"]
    assert not (tmp_path / "inbox").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--organisations", "30"), "23 in force"),
        (("--last-year", "2999"), "2999 has not ended"),
        (("--format", "xlsx"), "'csv', 'parquet'"),
        (("--errors", "0.5"), "from 0 to 0.1"),
        (("--clients", "0"), "at least 1"),
    ],
)
def test_what_cannot_be_made_is_wrong_usage(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = run(tmp_path, *SMALL, *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "inbox").exists()


def test_made_twice_into_one_inbox_it_says_so_and_replaces_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, *SMALL).returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.csv")}
    done = run(tmp_path, *SMALL, "--seed", "2")
    assert done.returncode == 1
    assert "There are files in" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.csv")} == before
