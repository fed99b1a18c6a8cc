"""``vuosikello diff``: the values that changed between two moments."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.commands.build import warehouse_known_at
from vuosikello.cli.options import parse_moment


@command(needs_warehouse=True)
def diff(
    call: Call,
    since: Annotated[
        datetime,
        typer.Option("--from", parser=parse_moment, metavar="TIME", help="The earlier moment."),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            parser=parse_moment,
            metavar="TIME",
            help="The later moment; none: the published warehouse.",
        ),
    ] = None,
    indicator: Annotated[
        str | None,
        typer.Option(
            autocompletion=completion.indicators,
            help="Only these indicators: a code or the beginning of codes.",
        ),
    ] = None,
    values: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            help="Write all the values to this .csv or .parquet file.",
        ),
    ] = None,
) -> Outcome:
    """List the values that changed between two moments, and the submissions responsible."""
    from vuosikello.cli.output.changes import show_difference
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.streams import note
    from vuosikello.lineage import diff as lineage
    from vuosikello.lineage.diff.moments import earlier_state
    from vuosikello.warehouse.freshness import build_is_due

    if until is not None and until <= since:
        raise typer.BadParameter("give a moment after --from", param_hint="--to")
    state = earlier_state(call.home, since, until)
    earlier = warehouse_known_at(call, state.known_at)
    if until is None and build_is_due(call.home.root):
        note(
            "Something has come in since the warehouse was built, and is not part of this. "
            "Build it: vuosikello build"
        )
    later = warehouse_known_at(call, until) if until else call.home.warehouse
    with spinner("Comparing"):
        result = lineage.difference(
            later,
            earlier,
            published=state.published,
            indicator=indicator,
            values_to=values,
            remarks=state.remarks,
        )
    return Outcome(result, lambda: show_difference(result))
