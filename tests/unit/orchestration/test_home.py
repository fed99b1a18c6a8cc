"""A task of Airflow finds the home where the command finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vuosikello.orchestration import tasks
from vuosikello.settings import Settings


def test_a_task_finds_the_home_that_the_env_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VUOSIKELLO_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert tasks.home() == tmp_path / "var"
    (tmp_path / ".env").write_text("VUOSIKELLO_HOME=elsewhere\n", encoding="utf-8")
    assert tasks.home() == tmp_path / "elsewhere" == Settings().folders.root
    monkeypatch.setenv("VUOSIKELLO_HOME", str(tmp_path / "set"))
    assert tasks.home() == tmp_path / "set" == Settings().folders.root


def test_finding_the_home_imports_no_room(tmp_path: Path) -> None:
    code = (
        "import sys; from vuosikello.orchestration import tasks; print(tasks.home()); "
        "print(sorted({'ingest', 'expectations', 'exports', 'duckdb', 'airflow'} & {*sys.modules}))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "VUOSIKELLO_HOME"}
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert result.stdout.splitlines() == [str(tmp_path / "var"), "[]"]
