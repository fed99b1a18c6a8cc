"""What an export published, and what disclosure control withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from exports.indicator_files import ExportResult


def show_export(result: ExportResult) -> None:
    """Show what was exported, and what disclosure control withheld."""
    control = result.disclosure
    out.print(
        f"[green]Exported[/green] {number(result.published)} indicator values, "
        f"{number(result.suppressed)} suppressed"
    )
    out.print(
        f"  Disclosure control: {number(control.cells)} cells, {number(control.primary)} primary "
        f"and {number(control.complementary)} complementary suppressions, "
        f"{control.information_kept:.1%} of the information kept, {control.seconds:.1f} s",
        soft_wrap=True,
    )
    if control.above_least is not None:
        out.print(
            f"  The loss is at most {control.above_least:.1%} above the least possible one, which "
            "is proved",
            soft_wrap=True,
        )
    if control.years_taken_over:
        years = ", ".join(str(year) for year in control.years_taken_over)
        out.print(f"  Unchanged since they were published, and published as they were: {years}")
    if control.known_anyway:
        out.print(
            "  These withheld values follow from what is always published or was published before; "
            "withholding more would not help:"
        )
        for name in control.known_anyway:
            out.print(f"    {name}", markup=False)
    if control.not_proved:
        years = ", ".join(str(year) for year in control.not_proved)
        out.print(
            f"  Not every number of {years} was proved to be protected: everything about people of "
            "that year is withheld. Report it.",
            soft_wrap=True,
        )
    for path in result.files:
        out.print(f"  {path}", soft_wrap=True, markup=False)
