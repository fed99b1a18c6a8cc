"""A wrong grain stops dbt with a sentence, not with a parser error in compiled SQL.

dbt reads the project once; then it is given one wrong grain after the other.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vuosikello.warehouse import build

RIGHT: dict[str, Any] = {
    "name": "visit",
    "feed": "outreach",
    "key": ["visit_id"],
    "time": "month",
    "dims": ["nature"],
    "measures": ["visits", "feeling_points"],
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no time": (
        {"time": None},
        "the grain visit has no time. Write 'time': 'month', 'year' or 'last_day': the column that "
        "says when a row counts.",
    ),
    "an unknown time": (
        {"time": "week"},
        "the grain visit has the time 'week'. Write month, year or last_day.",
    ),
    "no name": (
        {"name": None},
        "has no name. Write 'name': the rows of the grain are the CTE <name>_rows.",
    ),
    "no measures": (
        {"measures": []},
        "the grain visit has no measures. Write 'measures': the columns of visit_rows that are "
        "summed.",
    ),
    "a measure twice": (
        {"measures": ["visits", "visits"]},
        "the grain visit has the measure 'visits' twice. Write it once.",
    ),
    "decimals of no measure": (
        {"decimals": ["feelings"]},
        "the grain visit names 'feelings' in decimals, which is none of its measures.",
    ),
    "a mean of no measure": (
        {"month_end_means": ["workers"]},
        "the grain visit names 'workers' in month_end_means, which is none of its measures.",
    ),
    "a misspelt field": (
        {"dimensions": ["nature"]},
        "the grain visit has the field 'dimensions', which no grain has. Write one of name, feed,",
    ),
    "a feed without key": (
        {"key": None},
        "the grain visit has a feed and no key. Write 'key': the columns by which explain finds "
        "the rows of stg_outreach.",
    ),
    "a column of no key": (
        {"feed_key": {"visit": "staged.visit_id"}},
        "the grain visit has 'visit' in feed_key, which is no column of its key.",
    ),
    "units that nobody counts": (
        {"unit_count": "forms"},
        "the grain visit has a unit_count, which needs people and repeats.",
    ),
    "heads of units that repeat": (
        {"heads": "participants", "people": "unit"},
        "the grain visit has heads, which needs 'people': 'unit' and 'repeats': false.",
    ),
    "days that are summed": (
        {"quantile_of": "visits"},
        "the grain visit has 'visits' in quantile_of and in measures. Days are not summed:",
    ),
    "quantiles without an undivided cell": (
        {"quantile_of": "days", "undivided": False},
        "the grain visit has quantile_of, which needs an undivided cell for persons and events.",
    ),
    "people by the name of the roll-up's own": (
        {"people": "visit_people"},
        "the grain visit names its people 'visit_people', as the roll-up names its own CTE.",
    ),
    "a team as a dimension": (
        {"dims": ["team"]},
        "the grain visit has municipality or team in dims. They are areas, which every grain has:",
    ),
}
_RUN = """
import json, sys
from dbt.cli.main import dbtRunner
quiet = ["--quiet", "--log-level-file", "none"]
manifest = dbtRunner().invoke([*quiet, "parse"]).result
said = {}
for name, grains in json.loads(sys.stdin.read()).items():
    arguments = json.dumps({"grains": grains})
    run = dbtRunner(manifest=manifest).invoke(
        [*quiet, "run-operation", "check_grains", "--args", arguments]
    )
    result = run.result.results[0] if run.result is not None and run.result.results else None
    said[name] = "" if run.success else str(run.exception or getattr(result, "message", ""))
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What dbt says of each wrong grain, and of those that are right."""
    folder = tmp_path_factory.mktemp("grains")
    shutil.copy(iso_sos / "warehouse.duckdb", folder / "warehouse.duckdb")
    shutil.copytree(iso_sos / "build" / "dbt", folder / "dbt")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_PROJECT_DIR": str(build.PROJECT),
        "DBT_PROFILES_DIR": str(build.PROJECT),
        "DBT_TARGET_PATH": str(folder / "dbt" / "target"),
        "DBT_LOG_PATH": str(folder / "dbt" / "logs"),
        "VUOSIKELLO_HOME": str(iso_sos),
        "VUOSIKELLO_WAREHOUSE_FILE": "warehouse.duckdb",
    }
    cases = {
        name: [{field: value for field, value in (RIGHT | changes).items() if value is not None}]
        for name, (changes, _) in WRONG.items()
    }
    cases |= {"right": [RIGHT], "twice": [RIGHT, RIGHT]}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _RUN],
        cwd=folder,
        env=environment,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    answers: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return {name: " ".join(answer.split()) for name, answer in answers.items()}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_grain_is_described_in_a_sentence(wrong: str, said: dict[str, str]) -> None:
    assert WRONG[wrong][1] in said[wrong], said[wrong]


def test_a_right_grain_is_taken(said: dict[str, str]) -> None:
    assert said["right"] == ""


def test_two_grains_of_one_name_are_described(said: dict[str, str]) -> None:
    assert "the grain visit is there twice. Give each grain its own name." in said["twice"]
