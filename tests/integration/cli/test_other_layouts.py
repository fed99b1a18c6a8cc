"""Which commands may be run on a home of another layout, and when an upgrade waits."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from common.home import LAYOUT, Home
from tests.support.command import run
from vuosikello.orchestration.supervisor import run_folder


@pytest.fixture
def old(tmp_path: Path) -> Home:
    """A home of which only the layout is old."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.version.write_text(f"{LAYOUT - 1}\n", "ascii")
    return home


def test_what_an_older_version_started_can_be_stopped(old: Home) -> None:
    stopped = run(old.root, "down")
    assert (stopped.returncode, stopped.stderr) == (0, "")


def test_an_upgrade_waits_until_airflow_is_stopped(old: Home) -> None:
    # This very process stands for the supervisor: what counts is that it runs.
    process = psutil.Process()
    note = run_folder(old.root) / "supervisor.json"
    note.write_text(
        json.dumps({"pid": process.pid, "created": process.create_time(), "port": 8080}), "utf-8"
    )
    refused = run(old.root, "upgrade")
    assert refused.returncode == 1
    assert "vuosikello down" in refused.stderr
    assert old.version.read_text("ascii") == f"{LAYOUT - 1}\n"
    note.unlink()
    assert run(old.root, "upgrade").returncode == 0
    assert old.version.read_text("ascii") == f"{LAYOUT}\n"


def test_a_demonstration_replaces_that_of_an_older_version(old: Home) -> None:
    # Without the marker of a demonstration it is refused for that, not for its layout.
    refused = run(old.root, "demo")
    assert refused.returncode == 2
    said = " ".join(refused.stderr.replace("│", " ").split())
    assert "holds something else" in said
