"""``vuosikello releases``: the releases, and what waits for a correction."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import YearOption


@command()
def releases(call: Call, year: YearOption = None) -> Outcome:
    """List the releases, and what has come since that waits for a correction."""
    from vuosikello.cli.output.releases import show_releases
    from vuosikello.reporting import releases as reporting

    result = reporting.states(call.home.root, year)
    return Outcome(result, lambda: show_releases(result))
