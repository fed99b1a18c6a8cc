"""Killed at any instant, receiving leaves the old state or the new one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.killing import CASES
from tests.support.places import ROOT

# What stands in the ledger and how many are held: before, in between where a case has two steps, and
# afterwards.
LIVES: dict[str, list[tuple[list[str], int]]] = {
    "first": [([], 0), (["accepted"], 0)],
    "replacement": [(["accepted"], 0), (["accepted", "accepted"], 0)],
    "refused": [(["accepted"], 0), (["accepted", "refused"], 0)],
    "duplicate": [(["accepted"], 0), (["accepted", "duplicate"], 0)],
    "held": [(["accepted"], 0), (["accepted"], 1)],
    # A decision moves the submission back to the claims, and receiving takes it from there.
    "held_accepted": [(["accepted"], 1), (["accepted"], 0), (["accepted", "accepted"], 0)],
    "held_refused": [(["accepted"], 1), (["accepted"], 0), (["accepted", "refused"], 0)],
    "held_replaced": [
        (["accepted"], 1),
        (["accepted"], 0),
        (["accepted", "refused"], 0),
        (["accepted", "refused", "accepted"], 0),
    ],
}

# The replacement is killed at every step, and so is a submission on its way to being held and back;
# the others at every so many.
STRIDES = {
    "replacement": 1,
    "first": 7,
    "refused": 7,
    "duplicate": 8,
    "held": 1,
    "held_accepted": 1,
    "held_refused": 3,
    "held_replaced": 5,
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_killed_at_any_step_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, case: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killing", str(tmp_path), case, str(STRIDES[case])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    before, _, after = CASES[case]
    rows_before = 20 if before else None
    lives = [
        (rows_before if number < len(LIVES[case]) - 1 else after, *life)
        for number, life in enumerate(LIVES[case])
    ]
    _, statuses, _ = lives[-1]

    assert len(steps) * STRIDES[case] > 30
    assert all(step["was_killed"] for step in steps[:-1])
    left = [
        (step["left"]["rows_in_force"], step["left"]["statuses"], step["left"]["held"])
        for step in steps
    ]
    for number, one in enumerate(left):
        assert one in lives, f"{case}, killed at {steps[number]}"
    # Never back.
    assert sorted(left, key=lives.index) == left
    assert left[0] == lives[0]
    assert left[-1] == lives[-1]
    for step in steps:
        assert step["left"]["receipts_of_nothing"] == []
        finished = step["finished"]
        assert (finished["rows_in_force"], finished["statuses"], finished["held"]) == lives[-1]
        assert finished["receipts"] == finished["originals"] == len(statuses)
        assert finished["lake_files"] == sum(s.startswith("accepted") for s in statuses)
        assert finished["in_inbox"] == finished["sent"] == 0
        assert finished["claims"] == []
