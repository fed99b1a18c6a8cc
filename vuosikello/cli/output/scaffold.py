"""The files of a feed or an indicator that was begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from vuosikello.scaffold import Written


def show_written(written: Written) -> None:
    """Show which files were written, and what a person does now."""
    for word, paths in (("new", written.added), ("changed", written.changed)):
        for path in paths:
            out.print(f"  {word:<8} {path}", soft_wrap=True, markup=False)
    out.print("[bold]What to do next[/bold]")
    for number, step in enumerate(written.next_steps, 1):
        out.print(f"  {number}. {step}", soft_wrap=True, markup=False)
