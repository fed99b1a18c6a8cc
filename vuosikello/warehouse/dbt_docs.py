"""What dbt says of its project without building it: the semantic manifest and the page.

dbt runs as a process of its own beside a copy of the published warehouse that holds its relations
and none of their rows: no reader is waited for, and none waits. Both answers depend on the project
alone, so they are asked for again only when a file of it has changed.

This module knows dbt's command line, and nothing of what the models hold.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock

from common import clock
from common.database_locks import lock_message
from common.home import Home
from common.sql import literal
from vuosikello.warehouse.build import PROJECT, dbt_environment, project_hash

_SEMANTIC_MANIFEST = "semantic_manifest.json"
_REMEMBERED = "partial_parse.msgpack"
_FILE = "warehouse.duckdb"
# The SQL of the views over the feeds is a list of every file in the lake, that of a unit test the
# whole model once more: they are never read.
_NOT_COMPILED = ("path:models/staging/feeds", "test_type:unit")


class ProjectProblem(Exception):
    """dbt cannot answer; the text says why and what to do."""


def semantic_manifest(home: Home) -> str:
    """Return the project's semantic models and metrics, as dbt writes them for MetricFlow (JSON).

    Raises:
        ProjectProblem: dbt cannot read the project.
    """
    with _folder(home) as folder:
        kept = folder / f"{_project()}.json"
        if not kept.is_file():
            _run_dbt(home, folder, "parse")
            _forget(folder, "*.json")
            (folder / "target" / _SEMANTIC_MANIFEST).replace(kept)
        return kept.read_text(encoding="utf-8")


def page(home: Home) -> str:
    """Return dbt's documentation of the published warehouse: one page with everything in it.

    Raises:
        ProjectProblem: there is no published warehouse, or dbt cannot describe it.
    """
    with _folder(home) as folder:
        kept = folder / f"{_project()}.html"
        if not kept.is_file():
            _copy_relations(home.warehouse, folder / _FILE)
            _run_dbt(home, folder, "docs", "generate", "--exclude", *_NOT_COMPILED)
            _forget(folder, "*.html")
            kept.write_text(_page(folder / "target"), encoding="utf-8")
        return kept.read_text(encoding="utf-8")


def _project() -> str:
    """Name the state of the project, with the texts that only its page shows."""
    texts = sorted((PROJECT / "models").rglob("*.md"))
    content = b"".join(text.read_bytes() for text in texts)
    return hashlib.sha256(project_hash().encode() + content).hexdigest()


def _page(target: Path) -> str:
    """Put what dbt wrote into its page, but for the rows of unit tests: two thirds of it all."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    manifest["unit_tests"] = {}
    for links in ("parent_map", "child_map"):
        manifest[links] = {
            node: [other for other in others if not other.startswith("unit_test.")]
            for node, others in manifest[links].items()
            if not node.startswith("unit_test.")
        }
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    page = (target / "index.html").read_text(encoding="utf-8")
    for name, content in (("MANIFEST", manifest), ("CATALOG", catalog)):
        place = f'"{name}.JSON INLINE DATA"'
        if place not in page:
            raise ProjectProblem(
                f"dbt's page has no place for its {name.lower()}: this version of dbt is another "
                "than the one that requirements.txt names. Install that."
            )
        # As dbt does it; and no text may end the script that it stands in.
        page = page.replace(place, json.dumps(content).replace("</", "<\\/"))
    return page


@contextmanager
def _folder(home: Home) -> Iterator[Path]:
    """Give the folder that dbt describes the project in, to one process at a time."""
    home.locks.mkdir(parents=True, exist_ok=True)
    folder = home.build / "dbt" / "described"
    with FileLock(home.locks / "describe.lock"):
        (folder / "target").mkdir(parents=True, exist_ok=True)
        yield folder


def _forget(folder: Path, kind: str) -> None:
    for old in folder.glob(kind):
        old.unlink()


def _copy_relations(warehouse: Path, copy: Path) -> None:
    """Copy the tables and views of a warehouse, with what their comments say, and no row."""
    copy.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(copy)) as connection:
            connection.execute(f"ATTACH {literal(warehouse)} AS published (READ_ONLY)")
            connection.execute(f"COPY FROM DATABASE published TO {copy.stem} (SCHEMA)")
    except duckdb.Error as error:
        raise ProjectProblem(
            lock_message(error)
            or f"The published warehouse {warehouse} cannot be read ({_first_line(error)}). "
            "Build it again: vuosikello build"
        ) from error


def _run_dbt(home: Home, folder: Path, *arguments: str) -> None:
    target = folder / "target"
    remembered = home.dbt_target / _REMEMBERED
    if remembered.is_file() and not (target / _REMEMBERED).is_file():
        # What the last build has read of the project need not be read again.
        shutil.copy(remembered, target / _REMEMBERED)
    said = subprocess.run(  # noqa: S603 - nothing in the command comes from outside
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "--log-level-file",
            "none",
            "--no-use-colors",
            *arguments,
        ],
        cwd=folder,
        env=dbt_environment(home.root, target, None, clock.today()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if said.returncode != 0:
        lines = [line for line in said.stdout.splitlines() if line.strip()]
        raise ProjectProblem(
            f"dbt could not describe the project (`dbt {' '.join(arguments)}`): "
            f"{' '.join(lines[-5:]) or 'it said nothing'}. Mend what it names in dbt_project, and "
            "run the command again."
        )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
