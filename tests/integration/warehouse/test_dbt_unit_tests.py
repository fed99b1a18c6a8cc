"""The unit tests that stand beside the models, run by dbt on an empty warehouse."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.tiny_lake import Built
from vuosikello.warehouse import build

UNIT_TESTS = sorted(
    (test["model"], test["name"])
    for path in (build.PROJECT / "models").rglob("*.yml")
    for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests") or []
)


@pytest.fixture(scope="module")
def outcomes(empty: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """Status of every unit test; dbt needs the models' columns, so it runs in a built file."""
    folder = tmp_path_factory.mktemp("unit_tests")
    shutil.copyfile(empty.result.path, folder / "warehouse.duckdb")
    shutil.copytree(empty.home / "build" / "dbt", folder / "dbt")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_PROJECT_DIR": str(build.PROJECT),
        "DBT_PROFILES_DIR": str(build.PROJECT),
        "DBT_TARGET_PATH": str(folder / "dbt" / "target"),
        "DBT_LOG_PATH": str(folder / "dbt" / "logs"),
        "VUOSIKELLO_HOME": str(empty.home),
        "VUOSIKELLO_WAREHOUSE_FILE": "warehouse.duckdb",
    }
    command = [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "--log-level-file", "none"]
    command += ["test", "--select", "test_type:unit"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    results = json.loads((folder / "dbt" / "target" / "run_results.json").read_text())["results"]
    assert results, run.stdout + run.stderr
    return {
        tuple(result["unique_id"].split(".")[-2:]): f"{result['status']}: {result['message'] or ''}"
        for result in results
    }


@pytest.mark.parametrize(("model", "name"), UNIT_TESTS)
def test_a_model_passes_the_unit_test_beside_it(
    model: str, name: str, outcomes: dict[tuple[str, str], str]
) -> None:
    assert outcomes[model, name].startswith("pass"), outcomes[model, name]


def test_every_staged_ledger_and_every_mart_with_logic_has_a_unit_test() -> None:
    tested = {model for model, _ in UNIT_TESTS}
    logic = ("join", "qualify", "group by", "case ", "unnest", "list_", "generate_series")
    with_logic = {
        path.stem
        for folder in ("staging/ledger", "intermediate", "marts")
        for path in (build.PROJECT / "models" / folder).glob("*.sql")
        if any(word in Path(path).read_text(encoding="utf-8") for word in logic)
    }
    assert with_logic - tested == set()
