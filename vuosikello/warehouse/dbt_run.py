"""dbt as a process: its command line, its log events, and what they mean in plain sentences.

dbt holds no memory when it is done, can be killed with its parent, and works in the folder of the
writer's file. This module knows nothing of what the models hold, or of publishing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.progress import Progress

# dbt with the arguments of this process, and a watch over the build that started it: when that
# build is killed its end of the pipe closes, and dbt stops instead of filling a file that nobody
# publishes. Events are written from dbt's callback: its own logger words all of them first and then
# throws nine of ten away, which costs a tenth of a build.
_DBT = """
import json, os, sys, threading
def watch():
    while os.read(0, 1):
        pass
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
from dbt.cli.main import dbtRunner
from dbt_common.events.functions import msg_to_dict
one_at_a_time = threading.Lock()
def tell(event):
    if event.info.level != "debug":
        line = json.dumps(msg_to_dict(event), default=str)
        with one_at_a_time:
            print(line, flush=True)
done = dbtRunner(callbacks=[tell]).invoke(sys.argv[1:])
if done.exception is not None:
    print(done.exception, flush=True)
sys.exit(0 if done.success else 1)
"""


@dataclass(slots=True)
class DbtRun:
    """What one run of dbt has done so far.

    Attributes:
        models, tests: how many models were built, and how many data tests ran.
        total: how many seeds, models and tests there are.
        failures, warnings: what was found, in plain sentences.
        newest_submission: the submission received last, where the build was finished.
        feeds: the feeds whose models were built anew; None where everything was.
        counts: how many rows each data test found.
    """

    models: int = 0
    tests: int = 0
    total: int = 0
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    newest_submission: str | None = None
    feeds: tuple[str, ...] | None = None
    counts: dict[str, int] = field(default_factory=dict)


def run_dbt(
    writer: Path,
    environment: Mapping[str, str],
    selection: Sequence[str],
    full_refresh: bool,
    progress: Progress | None,
) -> DbtRun:
    """Run ``dbt build`` in the folder of the writer's file, and follow its log.

    Args:
        writer: the file that is built.
        environment: dbt's environment (:func:`vuosikello.warehouse.build.dbt_environment`).
        selection: what to build, in dbt's way of naming models; empty is everything.
        full_refresh: whether everything is built anew.
        progress: called before each seed, model and test.

    Returns:
        What was done; a failure is in it, never an exception.
    """
    command = [
        sys.executable,
        "-c",
        _DBT,
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--no-write-json",
        "build",
        # Unit tests judge the code, not the data: `make test` runs them.
        "--exclude-resource-type",
        "unit_test",
        *(["--full-refresh"] if full_refresh else []),
        *(["--select", *selection] if selection else []),
    ]
    run = DbtRun()
    other_lines: deque[str] = deque(maxlen=5)
    with subprocess.Popen(  # noqa: S603 - nothing in the command comes from outside
        command,
        cwd=writer.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as dbt:
        try:
            assert dbt.stdout is not None
            for event in _events(dbt.stdout, other_lines):
                _add_event(run, event, writer, progress)
            code = dbt.wait()
        except BaseException:
            dbt.kill()
            raise
    if code != 0 and not run.failures:
        said = " ".join(other_lines) or "It said nothing more"
        run.failures.append(
            f"dbt stopped with code {code} before the build was whole. {said}. Build again; if it "
            "stops at the same place, `vuosikello build --full-refresh` starts from nothing."
        )
    return run


def _events(lines: Iterator[str] | Any, other_lines: deque[str]) -> Iterator[dict[str, Any]]:
    """Read dbt's JSON log events; lines that are none (a traceback) are kept apart."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict) and "info" in event:
            yield event
        elif line.strip():
            other_lines.append(line.strip())


def _add_event(
    run: DbtRun, event: Mapping[str, Any], writer: Path, progress: Progress | None
) -> None:
    """Add one log event of dbt to what is known of its run."""
    info, data = event["info"], event.get("data", {})
    node = data.get("node_info", {})
    name = str(info["name"])
    if name == "ConcurrencyLine":
        run.total = int(data["node_count"])
    elif name == "LogStartLine":
        if progress:
            progress(int(data["index"]) - 1, run.total, str(node.get("node_name", "")))
    elif name == "LogModelResult":
        run.models += data["status"] not in ("error", "skipped")
    elif name == "LogTestResult":
        run.tests += 1
        run.counts[str(node["unique_id"])] = int(data["num_failures"] or 0)
        if data["status"] == "warn":
            run.warnings.append(_broken_test(node, int(data["num_failures"] or 0)) + ".")
        elif data["status"] == "fail":
            count = int(data["num_failures"] or 0)
            run.failures.append(
                f"{_broken_test(node, count)}. The published warehouse stays as it was; the rows "
                f"can be looked at in {writer} until the next build."
            )
    elif name == "RunResultError" and node.get("node_status") is not None:
        if run.counts.get(str(node.get("unique_id")), 0) == 0:
            run.failures.append(_broken_node(node, str(data["msg"])))
    elif info["level"] == "error" and name not in (
        "LogModelResult",
        "LogSeedResult",
        "LogTestResult",
        "RunResultFailure",
        "RunResultError",
    ):
        run.failures.append(f"dbt could not read the project: {one_line(info['msg'])}")


def _broken_test(node: Mapping[str, Any], rows: int) -> str:
    """Say what a data test found; a test may word its rows in `meta: {rows_are: …}`."""
    wording = (node.get("meta") or {}).get("rows_are")
    if wording:
        return f"{rows} {wording}"
    return f"The data test {node['node_name']} found {rows} rows that should not be there"


def _broken_node(node: Mapping[str, Any], message: str) -> str:
    """Say which model, seed or test could not be run, and what to do."""
    said = one_line(message)
    lowered = said.lower()
    if "no files found that match" in lowered or "cannot open file" in lowered:
        remedy = (
            "The ledger names a file of the lake that is not there: bring it back from the backup, "
            "or receive the submission again"
        )
    elif "out of memory" in lowered:
        remedy = (
            "Give the build more memory with VUOSIKELLO_MEMORY_LIMIT (for example 12GB), or fewer "
            "threads with VUOSIKELLO_DUCKDB_THREADS"
        )
    elif "no space left" in lowered or "could not write" in lowered:
        remedy = "Make room on the disk of the home folder, and build again"
    elif "contract" in lowered:
        remedy = "Make the model and the columns in its YAML agree"
    else:
        remedy = f"Mend {node.get('node_path') or 'it'} in dbt_project, and build again"
    kind = {"test": "data test", "seed": "code list"}.get(str(node["resource_type"]), "model")
    return f"The {kind} {node['node_name']} could not be run: {said}. {remedy}."


def one_line(text: object) -> str:
    """Return a text on one line, without a full stop at its end."""
    return " ".join(str(text).split()).rstrip(".")
