"""What a simulation wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.home import Home
from vuosikello.cli.output.numbers import megabytes, number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, numeric

if TYPE_CHECKING:
    from simulation import Simulated


def show_simulation(result: Simulated, home: Home) -> None:
    """Show what a simulation wrote, and what to do with it."""
    years = str(result.last_year)
    if result.first_year != result.last_year:
        years = f"{result.first_year}–{result.last_year}"
    listing = Listing(
        ["Feed", numeric("Files"), numeric("Rows"), numeric("Break a rule")],
        title=f"Made up for {years}",
    )
    for feed, rows in result.feeds.items():
        files = [one for one in result.made if one.feed == feed]
        bad_rows = sum(one.bad_rows for one in files)
        listing.add(feed, number(len(files)), number(rows), number(bad_rows))
    listing.add(
        "all", number(result.files), number(result.rows), number(result.bad_rows), style="bold"
    )
    out.print(listing)
    out.print(f"\nFrom {', '.join(result.organisations)}")
    out.print(
        f"{megabytes(result.size)} in {result.seconds:.1f} s: {result.folder}",
        soft_wrap=True,
        markup=False,
    )
    for one in result.mistaken:
        out.print(
            f"Sent by mistake, to be withdrawn: {one.path.relative_to(result.folder)}",
            soft_wrap=True,
            markup=False,
        )
    if result.folder == home.inbox:
        out.print("They lie in the inbox: vuosikello run receives them and builds.", style="dim")
    else:
        out.print(
            f"To receive them: vuosikello receive {result.folder}",
            style="dim",
            soft_wrap=True,
            markup=False,
        )
