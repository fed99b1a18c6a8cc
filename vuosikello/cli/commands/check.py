"""``vuosikello check``: look at a file as receiving would, and keep nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import parse_period


@command()
def check(
    call: Call,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to look at.")],
    feed: Annotated[str, typer.Option(autocompletion=completion.feeds, help="The feed it is for.")],
    organisation: Annotated[
        str, typer.Option(autocompletion=completion.organisations, help="Who would submit it.")
    ],
    period: Annotated[
        str,
        typer.Option(
            parser=parse_period,
            metavar="PERIOD",
            help="Year, month or day: 2019, 2019-03, 2019-03-14.",
        ),
    ],
) -> Outcome:
    """Look at a file as receiving would, and keep nothing (a dry run)."""
    from ingest import receiver
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.receipts import show_receipt

    with spinner(f"Looking at {file.name}"):
        receipt, _ = receiver.check(
            file,
            feed=feed,
            organisation=organisation,
            period=period,
            home=call.home,
            limits=call.settings.limits,
        )
    return Outcome(receipt, lambda: show_receipt(receipt), 0 if receipt.is_accepted else 1)
