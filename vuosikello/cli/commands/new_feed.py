"""``vuosikello new-feed``: begin a feed."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command


@command(has_home=False)
def new_feed(
    call: Call,
    name: Annotated[
        str, typer.Argument(help="The feed's name, in the plural, such as guidance_calls.")
    ],
    key: Annotated[
        str, typer.Option(help="The column that identifies a row within an organisation.")
    ] = "row_id",
    dated_by: Annotated[
        str,
        typer.Option(help="The column with the date that is compared with the file's period."),
    ] = "occurred_on",
) -> Outcome:
    """Begin a feed: write its contract and staging model into the checkout, to be completed."""
    from vuosikello import scaffold
    from vuosikello.cli.output.scaffold import show_written

    written = scaffold.new_feed(name, key=key, dated_by=dated_by)
    return Outcome(written, lambda: show_written(written))
