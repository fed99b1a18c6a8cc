"""Building after one file, beside an empty run of dbt and a build of everything.

`python bench/building.py [--json FILE]` receives the ISO SOS example but for two files and builds
everything; then it receives the file of contacts and builds, and the file of outreach and builds.
An empty run of dbt starts dbt in the same way with nothing selected: what any build costs before
it builds anything. Each runs in a process of its own, and only building is measured. What is
printed are processor time, the number of models, and how much of the time is above the empty run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import measuring

EXAMPLE = Path(__file__).parents[1] / "examples" / "iso_sos" / "inbox"
NEW = {
    "contacts": "kainuun-sote/contacts/2019-12.csv",
    "outreach": "sosteri/outreach/2019.csv",
}
LABELS = {
    "everything": "a build of everything",
    "empty": "an empty run of dbt",
    "contacts": "a build after one file of contacts",
    "outreach": "a build after one file of outreach",
}
# No resource of the project has this tag.
NOTHING = "tag:nothing"
# Seconds of processor time above an empty run of dbt (architecture, "Numbers to hold").
WANTED = {"everything": 12.0, "contacts": 4.0, "outreach": 4.0}


def build_step(step: str, home: Path) -> None:
    """Receive what a step adds, build, and report how long building took."""
    from vuosikello.warehouse import build

    _receive(home, step)
    with measuring.work() as watch:
        result = build.build(home)
    if not result.is_published:
        raise SystemExit(" ".join(result.failures))
    measuring.report(
        watch, {"models": result.models, "tests": result.tests, "is_part": result.feeds is not None}
    )


def empty_run(home: Path) -> None:
    """Start dbt as a build does, with nothing to build, and report how long it took."""
    from common import clock
    from common.home import Home
    from vuosikello.warehouse import build
    from vuosikello.warehouse.dbt_run import run_dbt

    environment = build.dbt_environment(home, Home(home).dbt_target, None, clock.today())
    writer = home / "empty" / "warehouse.duckdb"
    writer.parent.mkdir()
    with measuring.work() as watch:
        run = run_dbt(writer, environment, (NOTHING,), False, None)
    if run.failures:
        raise SystemExit(" ".join(run.failures))
    shutil.rmtree(writer.parent)
    measuring.report(watch, {"models": run.models, "tests": run.tests, "is_part": True})


def _receive(home: Path, step: str) -> None:
    """Receive the new file of a step; of the first, all others."""
    from common.home import Home
    from ingest import receiver

    inbox = Home(home).inbox
    new = [NEW[step]] if step in NEW else []
    for path in EXAMPLE.rglob("*"):
        name = path.relative_to(EXAMPLE).as_posix()
        if path.is_file() and (name in new if new else name not in NEW.values()):
            (inbox / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inbox / name)
    receiver.receive(Home(home))


def compare() -> dict[str, Any]:
    """Measure every step and return the figures."""
    with tempfile.TemporaryDirectory(prefix="vuosikello-bench-") as name:
        home = Path(name) / "home"
        home.mkdir()
        measured = {
            step: measuring.run(
                [__file__, "--step", step, "--home", str(home)],
                environment=dict(os.environ),
                folder=Path(name),
            )
            for step in LABELS
        }
    empty = measured["empty"].cpu_seconds
    return {
        step: {
            "models": run.found["models"],
            "tests": run.found["tests"],
            "is_part": run.found["is_part"],
            "seconds": run.seconds,
            "cpu_seconds": run.cpu_seconds,
            "cpu_above_empty": run.cpu_seconds - empty,
            "times_empty": run.cpu_seconds / empty,
            "peak_bytes": run.peak_bytes,
        }
        for step, run in measured.items()
    }


def show(figures: dict[str, Any]) -> None:
    """Print the figures."""
    everything = figures["everything"]["cpu_seconds"]
    print("\nBuilding the ISO SOS example, in seconds of processor time")
    for step, label in LABELS.items():
        found = figures[step]
        wanted = f" (wanted: at most {WANTED[step]:g})" if step in WANTED else ""
        print(
            f"  {label}: {found['cpu_seconds']:.1f}, {found['cpu_above_empty']:.1f} above an "
            f"empty run{wanted}; {found['models']} models, {found['tests']} data tests; "
            f"{found['cpu_seconds'] / everything:.2f} of a build of everything"
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, help="where the figures are kept as well")
    parser.add_argument("--step", choices=LABELS, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step == "empty":
        empty_run(options.home)
    elif options.step:
        build_step(options.step, options.home)
    else:
        figures = compare()
        show(figures)
        if options.json:
            document = {"machine": measuring.machine(), "steps": figures}
            options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
