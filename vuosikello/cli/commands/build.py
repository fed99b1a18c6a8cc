"""``vuosikello build``: build the warehouse from the lake and publish it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.errors import CommandError
from vuosikello.cli.options import parse_moment

if TYPE_CHECKING:
    from vuosikello.warehouse.build import BuildResult


@command()
def build(
    call: Call,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build everything anew.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_moment,
            metavar="TIME",
            help="The warehouse as it was known then, beside the published one.",
        ),
    ] = None,
) -> Outcome:
    """Build the warehouse from the lake and publish it in one step."""
    from vuosikello.cli.output.builds import show_build

    result = build_warehouse(call, as_of=as_of, full_refresh=full_refresh)
    return Outcome(result, lambda: show_build(result), 1 if result.failures else 0)


def build_warehouse(
    call: Call, *, as_of: datetime | None = None, full_refresh: bool = False
) -> BuildResult:
    """Build the warehouse with a progress bar.

    Args:
        call: the running command.
        as_of: the moment (UTC) whose knowledge is built; None is now.
        full_refresh: whether everything is built anew.
    """
    from vuosikello.cli.output.progress import progress
    from vuosikello.warehouse import build as warehouse

    with progress("Building") as advance:
        return warehouse.build(
            call.home.create().root, as_of=as_of, full_refresh=full_refresh, progress=advance
        )


def warehouse_known_at(call: Call, moment: datetime) -> Path:
    """Return the warehouse as it was known at a moment (UTC); it is built if need be.

    Raises:
        CommandError: it cannot be built.
    """
    from vuosikello.cli.output.progress import progress
    from vuosikello.warehouse import build as warehouse

    with progress(f"Building what was known at {moment:%Y-%m-%d %H:%M} UTC:") as advance:
        result = warehouse.known_at(call.home.root, moment, advance)
    if result.failures:
        raise CommandError(" ".join(result.failures))
    return result.path
