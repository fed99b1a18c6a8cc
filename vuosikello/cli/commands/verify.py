"""``vuosikello verify``: check a release with the public key alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command


@command(any_layout=True)
def verify(
    call: Call,
    release: Annotated[
        str,
        typer.Argument(
            metavar="RELEASE",
            autocompletion=completion.releases,
            help="Its folder, or its name in the home, such as 2019.1.",
        ),
    ],
    public_key: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The public key of the house (PEM); else the one in the release.",
        ),
    ] = None,
) -> Outcome:
    """Check that a release is whole, unchanged and signed; needs no home and no private key."""
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.verification import show_verified
    from vuosikello.reporting.verification import verify as verify_release

    folder = Path(release)
    if not folder.is_dir() and (call.home.releases / release).is_dir():
        folder = call.home.releases / release
    with spinner(f"Checking {release}"):
        result = verify_release(folder, public_key)
    return Outcome(result, lambda: show_verified(result), 0 if result.is_verified else 1)
