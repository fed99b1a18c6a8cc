"""A release names the version of every library that decides its bytes."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from exports.manifest import Manifest
from tests.support.places import ROOT
from vuosikello.reporting.provenance import LIBRARIES, changes_since

OURS = {"common", "exports"}
# The lake and the warehouse that the numbers come from.
BUILD = {"dbt-core", "dbt-duckdb"}


def imports(path: Path) -> set[str]:
    """Everything that a module imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def libraries_of_exports() -> set[str]:
    """The third-party packages that exports import, and what they use of common."""
    names = set().union(*(imports(path) for path in (ROOT / "exports").rglob("*.py")))
    looked_at: set[Path] = set()
    while modules := {
        path
        for name in names
        if (path := ROOT / f"{name.replace('.', '/')}.py").is_file()
        and name.startswith("common.")
        and path not in looked_at
    }:
        looked_at |= modules
        names |= set().union(*(imports(path) for path in modules))
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS


def test_every_library_that_writes_a_release_is_named_and_no_other() -> None:
    distributions = packages_distributions()
    used = {min(distributions[name]).lower().replace("_", "-") for name in libraries_of_exports()}
    assert used | BUILD == set(LIBRARIES)


def manifest(**libraries: str) -> Manifest:
    return Manifest({"code": {"sha256": "1", **libraries}, "models": {}, "contracts": {}})


def test_a_library_that_is_another_version_is_remarked_and_one_no_longer_named_is_not() -> None:
    then = manifest(duckdb="1.5.0", altair="6.0.0", jinja2="3.1.6")
    now = manifest(duckdb="1.5.5", jinja2="3.1.6", babel="2.18.0")
    assert changes_since(then, now) == ["duckdb was 1.5.0 and is 1.5.5 now."]
