"""A release names the version of every library that decides its bytes."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from vuosikello.reporting.provenance import LIBRARIES, changes_since

ROOT = Path(__file__).resolve().parents[3]
OURS = {"common", "exports"}
# The lake and the warehouse that the numbers come from.
BUILD = {"dbt-core", "dbt-duckdb"}


def imported(room: str) -> set[str]:
    """The third-party packages that a room imports, as they are named in Python."""
    names: set[str] = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - OURS


def test_every_library_that_writes_a_release_is_named_and_no_other() -> None:
    distributions = packages_distributions()
    used = {
        min(distributions[name]).lower().replace("_", "-")
        for name in imported("exports") | imported("common")
    }
    assert used | BUILD == set(LIBRARIES)


def manifest(**libraries: str) -> dict[str, object]:
    return {"code": {"sha256": "1", **libraries}, "models": {}, "contracts": {}}


def test_a_library_that_is_another_version_is_remarked_and_one_no_longer_named_is_not() -> None:
    then = manifest(duckdb="1.5.0", altair="6.0.0", jinja2="3.1.6")
    now = manifest(duckdb="1.5.5", jinja2="3.1.6", babel="2.18.0")
    assert changes_since(then, now) == ["duckdb was 1.5.0 and is 1.5.5 now."]
