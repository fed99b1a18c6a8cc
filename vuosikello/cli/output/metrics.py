"""Metrics that can be asked for, and the answers of the semantic layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from vuosikello.cli.output.numbers import NOTHING, number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Column, Listing, prose

if TYPE_CHECKING:
    from vuosikello.warehouse.semantic_layer import Answer, Metric


def show_metrics(known: list[Metric]) -> None:
    """Show the metrics that can be asked for."""
    listing = Listing(
        ["Metric", prose("What it is, and the indicator it belongs to")], title="Metrics"
    )
    for metric in known:
        indicator = f" {metric.indicator}" if metric.indicator else ""
        listing.add(metric.name, Text.assemble(metric.description, (indicator, "dim")))
    out.print(listing)
    out.print("\nAsk for one: vuosikello metrics outreach_visits --by organisation --by year")


def show_answer(answer: Answer, dimensions: list[str]) -> None:
    """Show the answer to a question, and what else it can be divided by."""
    columns = [
        Column(name, is_number=all(not isinstance(row[nth], str) for row in answer.rows))
        for nth, name in enumerate(answer.columns)
    ]
    listing = Listing(columns)
    for row in answer.rows:
        listing.add(*(_cell(value) for value in row))
    if answer.missing:
        out.print(answer.missing, markup=False, style="yellow")
    else:
        out.print(listing)
    out.print(f"\nDivide by: year, month, {', '.join(dimensions)}", style="dim", soft_wrap=True)


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value, decimals=3) if isinstance(value, (int, float)) else str(value)


def show_query(answer: Answer) -> None:
    """Show the SQL that answers a question."""
    out.print(answer.sql, markup=False, soft_wrap=True)
