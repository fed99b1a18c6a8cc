"""``vuosikello down``: stop the Airflow of this machine."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command


@command(any_layout=True)
def down(call: Call) -> Outcome:
    """Stop what vuosikello up started."""
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.service import show_stopped
    from vuosikello.orchestration import local_airflow

    with spinner("Stopping Airflow"):
        stopped = local_airflow.down(call.home.root)
    return Outcome({"stopped": stopped}, lambda: show_stopped(stopped))
