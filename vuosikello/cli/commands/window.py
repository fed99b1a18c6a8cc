"""``vuosikello window``: the state of the year's reporting window."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import YearOption


@command()
def window(call: Call, year: YearOption = None) -> Outcome:
    """Show the year's reporting window: its days, readiness, sign-off and alerts."""
    from vuosikello.cli.output.window import show_window
    from vuosikello.reporting.reporting_window import window_state

    result = window_state(call.home.root, year)
    return Outcome(result, lambda: show_window(result))
