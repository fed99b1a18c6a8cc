"""``vuosikello demo``: the main job on the ISO SOS example, through the DAGs, in one process.

It copies the example into an inbox of its own, runs what the running Airflow would run, and shows
what was received and refused and why, and the published figures beside the computed ones. Then it
signs both years off, as a person would, and releases them: what decision makers read.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.example_figures import (
    EXAMPLE,
    check_expected,
    compare,
    count_expected,
    count_published,
)

if TYPE_CHECKING:
    from common.home import Home
    from vuosikello.orchestration.main_job import Ran
    from vuosikello.reporting.releases import Released

YEARS = (2018, 2019)
# Lies in a home that a demonstration made, and that the next one may replace.
_MARKER = ".made-by-demo"
_STEPS = 7


@command(any_layout=True)
def demo(call: Call) -> Outcome:
    """Run the main job on the ISO SOS example and show what came out.

    The home must be empty, or one that an earlier demonstration made: that one is replaced.
    """
    from ingest import ledger, receipts
    from vuosikello.cli.output import demo as output
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.receipts import show_receipts
    from vuosikello.cli.output.releases import show_release
    from vuosikello.cli.output.streams import error, out
    from vuosikello.docs_site import site
    from vuosikello.orchestration.main_job import FAILED

    home = call.home
    _copy_example(home)
    if not call.as_json:
        output.show_beginning(count_expected())
    failed = [task for task in _run_dags(home) if task.state in FAILED]
    received = [
        receipts.read(home.receipts / f"{event['submission_id']}.json")
        for event in ledger.submissions(home)
    ]
    if not call.as_json:
        show_receipts(received, home)
    for task in failed:
        error(f"{task.dag}, {task.task}: {task.message}")
    values = {"receipts": received, "failed_tasks": [task.task for task in failed]}
    if not home.warehouse.is_file():
        return Outcome(values, lambda: None, 1)
    comparisons = compare(home.warehouse)
    expected = check_expected(home.warehouse)
    if not call.as_json:
        output.show_comparisons(comparisons, expected)
    with spinner("Writing the documentation"):
        site.write(home)
    released = [_release(call, year) for year in YEARS]
    published = count_published([one.folder / "indicators.parquet" for one in released])

    def show() -> None:
        out.print()
        show_release(released[-1])
        output.show_published(published)
        out.print()
        output.show_places(home)

    values |= {"figures": comparisons, "expected": expected._asdict(), "releases": released}
    values["published"] = published._asdict()
    agrees = expected.agreeing == expected.total and all(one.agrees for one in comparisons)
    return Outcome(values, show, 0 if agrees and not failed else 1)


def _copy_example(home: Home) -> None:
    """Put the example into the inbox of an empty home.

    Raises:
        typer.BadParameter: the home holds something else.
    """
    if home.root.exists():
        if not (home.root / _MARKER).is_file() and any(home.root.iterdir()):
            raise typer.BadParameter(
                f"{home.root} holds something else; choose another", param_hint="--home"
            )
        shutil.rmtree(home.root)
    home.root.mkdir(parents=True)
    (home.root / _MARKER).touch()
    shutil.copytree(EXAMPLE / "inbox", home.inbox)


def _run_dags(home: Home) -> list[Ran]:
    """Run the DAGs of the main job one after another, with a progress bar."""
    from vuosikello.cli.output.progress import progress
    from vuosikello.orchestration import local_airflow

    done = 0
    with progress("Running the DAGs") as advance:
        advance(0, _STEPS, "")

        def after_task(task: Ran) -> None:
            nonlocal done
            if not task.label:
                done = min(done + 1, _STEPS)
            advance(done, _STEPS, f"{task.dag} · {task.label or task.task}")

        return local_airflow.run_main_job(home.root, on_task=after_task)


def _release(call: Call, year: int) -> Released:
    """Sign a year off, as a person who knows what the example lacks, and release it."""
    import expectations
    from vuosikello.cli.output.progress import progress, spinner
    from vuosikello.reporting import releases, sign_off

    home = call.home.root
    with spinner(f"Judging whether {year} is ready"):
        expectations.validate(home, "readiness", year)
    sign_off.sign_off(
        home,
        year,
        by="the demonstration",
        reason=f"The example holds what the ISO SOS report tells of {year}.",
        override_reason="Nothing else of the year was ever submitted: the rows of the example are "
        "made up, their totals are the report's.",
    )
    with progress(f"Releasing {year}:") as advance:
        return releases.release(home, year, settings=call.settings, progress=advance)
