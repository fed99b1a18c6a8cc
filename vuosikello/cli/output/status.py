"""The state of a year's collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from vuosikello.cli.output.names import Names
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, first_few, prose

if TYPE_CHECKING:
    from vuosikello.reporting.submission_status import OrganisationStatus, YearStatus


def show_status(status: YearStatus, names: Names) -> None:
    """Show who has submitted what; those who sent nothing are named together.

    Args:
        status: the state of the year.
        names: what to call organisations and feeds.
    """
    out.print(f"[bold]Year {status.year}[/bold], due {status.due}. Now: {escape(status.stage)}")
    out.print(f"Warehouse: {escape(status.build)}", soft_wrap=True)
    if status.waiting:
        out.print(f"[yellow]{status.waiting} files wait in the inbox[/yellow]")
    if status.held:
        out.print(f"[magenta]{status.held} held, waiting for a person: vuosikello held[/magenta]")
    active = [row for row in status.organisations if row.submitted or row.refused or row.withdrawn]
    listing = Listing(
        [prose("Organisation"), "Submitted", prose("Refused, late, missing, withdrawn")]
    )
    for row in active:
        count, of = len(row.submitted), len(row.submitted) + len(row.missing)
        listing.add(
            _name(row, names),
            Text(f"{count} of {of}", style="" if row.missing else "green"),
            _to_do(row, names),
        )
    if active:
        out.print()
        out.print(listing)
        out.print()
    silent = [_name(row, names) for row in status.organisations if row not in active]
    if silent:
        out.print(f"Nothing yet from {', '.join(silent)}", style="yellow", markup=False)
    out.print("All of it, feed by feed: vuosikello status --json", style="dim")


def _name(row: OrganisationStatus, names: Names) -> str:
    """Name an organisation, and who is to be asked where it has ceased."""
    name = names.organisation(row.organisation)
    return f"{name} (ask {names.organisation(row.successor)})" if row.successor else name


def _to_do(row: OrganisationStatus, names: Names) -> Text:
    late = [feed for feed in row.late if feed in row.submitted]
    parts = [
        Text.assemble((f"{word}: ", style), _feeds(feeds, names))
        for word, style, feeds in (
            ("refused", "red", row.refused),
            ("late", "yellow", late),
            ("missing", "yellow", row.missing),
            ("withdrawn", "yellow", row.withdrawn),
            ("nothing to report", "dim", row.nothing_to_report),
        )
        if feeds
    ]
    return Text("\n").join(parts)


def _feeds(feeds: Sequence[str], names: Names) -> str:
    return first_few([names.feed(feed) for feed in feeds], limit=3)
