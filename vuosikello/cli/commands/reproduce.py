"""``vuosikello reproduce``: make a release again and compare it."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command


@command()
def reproduce(
    call: Call,
    name: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE",
            autocompletion=completion.releases,
            help="Its name, such as 2019.1.",
        ),
    ],
) -> Outcome:
    """Make a release again from the lake and compare it byte for byte."""
    from vuosikello.cli.output.progress import progress
    from vuosikello.cli.output.releases import show_reproduction
    from vuosikello.reporting import releases as reporting

    with progress("Reproducing") as advance:
        result = reporting.reproduce(call.home.root, name, progress=advance)
    return Outcome(result, lambda: show_reproduction(result), 0 if result.is_same else 1)
