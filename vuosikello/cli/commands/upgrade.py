"""``vuosikello upgrade``: take a home over that an older version of the program made."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.errors import CommandError


@command(any_layout=True)
def upgrade(call: Call) -> Outcome:
    """Take a home over that an older version of the program made; may be repeated."""
    from common.home import LAYOUT
    from ingest.layout import layout_of
    from ingest.layout import upgrade as upgrade_home
    from vuosikello.cli.output.progress import progress
    from vuosikello.orchestration import local_airflow

    if local_airflow.status(call.home.root) is not None:
        raise CommandError(
            f"Airflow runs in {call.home.root}, and would receive and build meanwhile.",
            hint="Stop it first: vuosikello down",
        )
    before = layout_of(call.home)
    with progress("Rewriting") as show:
        rewritten = upgrade_home(call.home, show)
    result = {"layout_before": before, "layout": LAYOUT, "files_rewritten": rewritten}

    def show_result() -> None:
        if before == LAYOUT:
            print(f"The home {call.home.root} has layout {LAYOUT}: nothing to do.")
        else:
            print(f"Files rewritten: {rewritten}. The home has layout {LAYOUT} now.")
            print("The warehouse was removed, since it held client ids: vuosikello build")

    return Outcome(result, show_result)
