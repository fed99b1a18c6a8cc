"""``vuosikello attack``: try to find out what a release withholds."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command


@command()
def attack(
    call: Call,
    release: Annotated[
        str | None,
        typer.Argument(
            metavar="[RELEASE]",
            autocompletion=completion.releases,
            help="Its name, such as 2019.1, or a year for its newest one; else the one made last.",
            show_default=False,
        ),
    ] = None,
    exports: Annotated[
        bool,
        typer.Option(
            "--exports", help="Attack it together with every release and the present export too."
        ),
    ] = False,
) -> Outcome:
    """Try to find out what a release withholds, as somebody who has read all that is published."""
    from vuosikello.cli.output.attacks import show_attacks
    from vuosikello.cli.output.progress import progress
    from vuosikello.reporting.attacks import attack_release

    with progress("Attacking") as advance:
        result = attack_release(call.home.root, release, exports=exports, progress=advance)
    return Outcome(result, lambda: show_attacks(result), 0 if result.is_safe else 1)
