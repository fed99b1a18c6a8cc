"""``vuosikello metrics``: ask the warehouse for metrics (the semantic layer)."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command


@command(needs_warehouse=True)
def metrics(
    call: Call,
    names: Annotated[
        list[str] | None, typer.Argument(help="Metrics; none: a list of all there are.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Divide by this: year, month, organisation, nature … Repeat for more."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only where this holds: year=2019, nature=home_visit. Repeat for more."),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Show the query instead.")] = False,
) -> Outcome:
    """Ask the warehouse for metrics by what divides them (the semantic layer)."""
    from vuosikello.cli.output.metrics import show_answer, show_metrics, show_query
    from vuosikello.cli.output.progress import spinner
    from vuosikello.warehouse import dbt_docs
    from vuosikello.warehouse.semantic_layer import SemanticLayer, UnknownValue

    with spinner("Asking"):
        layer = SemanticLayer(dbt_docs.semantic_manifest(call.home))
        if not names:
            known = list(layer.metrics.values())
            return Outcome(known, lambda: show_metrics(known))
        try:
            answer = layer.ask(call.home.warehouse, names, by or [], where or [])
        except UnknownValue as error:
            raise typer.BadParameter(str(error), param_hint="--where") from None
        dimensions = layer.short_dimensions(names)
    if sql:
        return Outcome(answer, lambda: show_query(answer))
    return Outcome(answer, lambda: show_answer(answer, dimensions))
