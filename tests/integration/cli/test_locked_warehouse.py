"""A person who opened the warehouse for writing keeps others out: the message names the process."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from common.database_locks import lock_message

HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("select 1")
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def locked(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A home whose warehouse another process has opened for writing, and that process's id."""
    home = tmp_path_factory.mktemp("locked")
    shutil.copyfile(iso_sos / "warehouse.duckdb", home / "warehouse.duckdb")
    shutil.copytree(iso_sos / "build" / "dbt", home / "build" / "dbt")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        yield home, holder.pid
        holder.communicate("")


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "outreach.visits", "--area", "FI", "--period", "2019"),
        ("metrics", "outreach_visits"),
        ("diff", "--from", "2026-01-31"),
        ("validate", "--suite", "warehouse"),
        ("export",),
        ("docs",),
        ("status",),
    ],
    ids=lambda words: str(words[0]),
)
def test_each_command_names_the_process_that_holds_the_warehouse(
    words: tuple[str, ...], locked: tuple[Path, int]
) -> None:
    home, pid = locked
    done = subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", *words, "--home", str(home)],
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    message = " ".join(done.stderr.split())
    assert done.returncode == 1, done.stdout
    assert f"(process {pid} of user" in message
    assert "read_only=True" in message
    assert "Build it again" not in message
    assert "Traceback" not in message


def test_an_error_that_is_no_lock_has_no_such_message(tmp_path: Path) -> None:
    with pytest.raises(duckdb.IOException) as no_file:
        duckdb.connect(str(tmp_path / "none.duckdb"), read_only=True)
    assert lock_message(no_file.value) is None


def test_the_published_warehouse_cannot_be_written(iso_sos: Path) -> None:
    mode = stat.S_IMODE((iso_sos / "warehouse.duckdb").stat().st_mode)
    assert mode == 0o444
