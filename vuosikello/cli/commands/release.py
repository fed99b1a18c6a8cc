"""``vuosikello release``: make the release of a signed year."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import RequiredYearOption


@command(needs_warehouse=True)
def release(
    call: Call,
    year: RequiredYearOption,
    new_signing_key: Annotated[
        bool,
        typer.Option(
            "--new-signing-key",
            help="Sign with another key than the release before; one is made where there is none.",
        ),
    ] = False,
) -> Outcome:
    """Make the release that the year's last sign-off stands for: files, pages, report."""
    from vuosikello.cli.output.progress import progress
    from vuosikello.cli.output.releases import show_release
    from vuosikello.reporting import releases as reporting

    with progress("Releasing") as advance:
        result = reporting.release(
            call.home.root,
            year,
            settings=call.settings,
            new_signing_key=new_signing_key,
            progress=advance,
        )
    return Outcome(result, lambda: show_release(result))
