"""What the demonstration prints: its beginning, published figures beside computed ones, places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common.home import Home
from vuosikello.cli.output.numbers import NOTHING
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, numeric, prose

if TYPE_CHECKING:
    from vuosikello.cli.example_figures import Comparison, ExpectedValues, Published


def show_beginning(figures: int) -> None:
    """Show what is about to run, and how many values are expected."""
    out.print(
        "[bold]Vuosikello on the ISO SOS example[/bold]: what four areas submitted of 2018 and "
        f"2019, and {figures} figures that must come out.\n"
    )


def show_comparisons(comparisons: Sequence[Comparison], expected: ExpectedValues) -> None:
    """Show the published figures beside the computed ones, and how many values agree."""
    listing = Listing(
        [prose("Figure"), numeric("Report"), numeric("Vuosikello"), "", prose("Source", "dim")],
        title="Published figures beside computed ones",
    )
    for one in comparisons:
        mark = Text("✓", "green") if one.agrees else Text("✗", "bold red")
        listing.add(one.figure, one.published, one.computed or NOTHING, mark, one.source)
    out.print(listing)
    out.print(
        f"\n{expected.agreeing} of {expected.total} expected values of "
        "examples/iso_sos/expected.csv come out"
        + (
            f"; {expected.without_indicator} belong to indicators that are still to be built."
            if expected.without_indicator
            else "."
        )
    )


def show_published(published: Published) -> None:
    """Show how many of the expected values the releases publish."""
    out.print(
        f"  Of the {sum(published)} expected values the releases publish {published.published}; "
        f"{published.withheld} are withheld, since few people stand behind them or behind what "
        f"would follow from them, and {published.not_planned} are not in the publication plan.",
    )


def show_places(home: Home) -> None:
    """Show where the results lie, and what to try next."""
    places = (
        ("Warehouse", home.warehouse),
        ("Indicators", home.exports / "indicators.csv"),
        ("Documentation", home.docs / "index.html"),
        ("Validation", home.validation / "index.html"),
        ("Receipts", home.receipts),
    )
    table = Table(box=None, show_header=False, title="Where it is", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, path in places:
        if path.exists():
            table.add_row(f"  {name}", str(path))
    out.print(table)
    out.print(f"\nNext: vuosikello status --home {home.root} --year 2019", soft_wrap=True)
