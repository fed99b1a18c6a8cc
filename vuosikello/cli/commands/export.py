"""``vuosikello export``: publish the indicators as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vuosikello.cli.command import Call, Outcome, command, require_warehouse
from vuosikello.cli.options import YearOption

if TYPE_CHECKING:
    from exports.indicator_files import ExportResult


@command(needs_warehouse=True)
def export(call: Call, year: YearOption = None) -> Outcome:
    """Export the indicators; what could identify a client is withheld."""
    from vuosikello.cli.output.exports import show_export

    result = export_indicators(call, year)
    return Outcome(result, lambda: show_export(result))


def export_indicators(call: Call, year: int | None) -> ExportResult:
    """Export the indicators with a progress bar.

    Args:
        call: the running command.
        year: the year; None is all.

    Raises:
        CommandError: there is no warehouse.
    """
    require_warehouse(call)
    import exports
    from vuosikello.cli.output.progress import progress

    with progress("Disclosure control:") as advance:
        return exports.publish(
            call.home.warehouse,
            call.home.exports,
            year=year,
            protection=call.settings.protection,
            earlier=call.settings.publications,
            progress=advance,
        )
