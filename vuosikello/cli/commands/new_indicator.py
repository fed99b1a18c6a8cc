"""``vuosikello new-indicator``: begin an indicator."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command


@command(has_home=False)
def new_indicator(
    call: Call,
    code: Annotated[str, typer.Argument(help="Its code: THEME.NAME, such as outreach.visits.")],
    feed: Annotated[
        str,
        typer.Option(autocompletion=completion.feeds, help="The feed whose rows are counted."),
    ],
    measure: Annotated[
        str | None,
        typer.Option(help="The measure that it counts; none: the first of the feed."),
    ] = None,
) -> Outcome:
    """Begin an indicator: write its declaration and unit test into the checkout."""
    from vuosikello import scaffold
    from vuosikello.cli.output.scaffold import show_written

    written = scaffold.new_indicator(code, feed, measure=measure)
    return Outcome(written, lambda: show_written(written))
