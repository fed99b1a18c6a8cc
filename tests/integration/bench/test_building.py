"""The benchmark of building runs, and builds only what rests on the new file.

No time is asserted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.places import ROOT


def test_it_builds_part_of_the_warehouse_after_each_file_and_prints_it_beside_an_empty_run(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "building.py"), "--json", str(kept)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = json.loads(kept.read_text("utf-8"))["steps"]
    assert list(steps) == ["everything", "empty", "contacts", "outreach"]
    assert steps["empty"]["models"] == steps["empty"]["tests"] == 0
    assert not steps["everything"]["is_part"]
    empty = steps["empty"]["cpu_seconds"]
    for name in ("contacts", "outreach"):
        assert steps[name]["is_part"]
        assert 0 < steps[name]["models"] < steps["everything"]["models"]
    for name, step in steps.items():
        assert step["cpu_above_empty"] == step["cpu_seconds"] - empty, name
    for words in ("build of everything", "empty run of dbt", "file of contacts", "of outreach"):
        assert words in done.stdout
