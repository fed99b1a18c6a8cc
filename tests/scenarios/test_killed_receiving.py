"""Killed at any instant, receiving leaves the old state or the new one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.scenarios.killing import CASES

STATUS = {
    "first": "accepted",
    "replacement": "accepted",
    "refused": "refused",
    "duplicate": "duplicate",
}


# The replacement is killed at every step, the others at every so many.
STRIDES = {"replacement": 1, "first": 7, "refused": 7, "duplicate": 8}


@pytest.mark.parametrize("case", CASES)
def test_a_run_killed_at_any_step_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, case: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.scenarios.killing", str(tmp_path), case, str(STRIDES[case])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    before, _, after = CASES[case]
    had = [] if before is None else ["accepted"]
    old = (None if before is None else 20, had)
    new = (after, [*had, STATUS[case]])

    assert len(steps) * STRIDES[case] > 30
    assert all(step["was_killed"] for step in steps[:-1])
    lives = [(step["left"]["rows_in_force"], step["left"]["statuses"]) for step in steps]
    for number, left in enumerate(lives, 1):
        assert left in (old, new), f"{case}, killed at {steps[number - 1]}"
    assert lives[0] == old
    assert lives[-1] == new
    for step in steps:
        assert step["left"]["receipts_of_nothing"] == []
        finished = step["finished"]
        assert (finished["rows_in_force"], finished["statuses"]) == new
        assert finished["receipts"] == finished["originals"] == len(new[1])
        assert finished["lake_files"] == sum(s.startswith("accepted") for s in new[1])
        assert finished["in_inbox"] == 0
        assert finished["claims"] == []
