"""``vuosikello explain``: why a value is what it is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.commands.build import warehouse_known_at
from vuosikello.cli.options import AreaType, Language, parse_moment


@command(needs_warehouse=True)
def explain(
    call: Call,
    indicator: Annotated[
        str,
        typer.Argument(
            autocompletion=completion.indicators, help="Its code, such as outreach.visits."
        ),
    ],
    area: Annotated[
        str,
        typer.Option(
            autocompletion=completion.areas,
            help="Code of a municipality, organisation or welfare area, or FI.",
        ),
    ],
    period: Annotated[str, typer.Option(help="A year, quarter or month: 2019, 2019-Q1, 2019-03.")],
    rolling_year: Annotated[
        bool, typer.Option("--rolling-year", help="The twelve months that end with the month.")
    ] = False,
    breakdown: Annotated[
        str | None, typer.Option(help="NAME=VALUE, such as nature=partner; none: undivided.")
    ] = None,
    area_type: Annotated[
        AreaType | None,
        typer.Option(help="Which kind of area is meant, where several have the same code."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_moment, metavar="TIME", help="Show also what has changed since then."
        ),
    ] = None,
    language: Annotated[
        Language, typer.Option(help="The language of the definition.")
    ] = Language.EN,
    rows: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            help="Write all the rows to this .csv or .parquet file.",
        ),
    ] = None,
) -> Outcome:
    """Explain a value: its definition, its rows, their submissions, and what has changed."""
    from vuosikello.cli.output.explanation import show_explanation
    from vuosikello.cli.output.progress import spinner
    from vuosikello.lineage import explain as lineage
    from vuosikello.lineage.diff.moments import earlier_state
    from vuosikello.lineage.lookup import UnknownBreakdownValue

    state = earlier_state(call.home, as_of) if as_of else None
    earlier = warehouse_known_at(call, state.known_at) if state else None
    try:
        with spinner("Explaining"):
            result = lineage.explain(
                call.home.warehouse,
                indicator,
                area=area,
                period=period,
                is_rolling_year=rolling_year,
                area_type=None if area_type is None else str(area_type),
                breakdown=breakdown,
                earlier=earlier,
                published=state.published if state else None,
                remarks=state.remarks if state else (),
                language=str(language),
                rows_to=rows,
            )
    except UnknownBreakdownValue as error:
        raise typer.BadParameter(str(error), param_hint="--breakdown") from None
    return Outcome(result, lambda: show_explanation(result), 0 if result.is_exact else 1)
