"""What a build of the warehouse did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from vuosikello.warehouse.build import BuildResult


def show_build(result: BuildResult) -> None:
    """Show whether the warehouse was published, and what was built for it."""
    if result.failures:
        out.print("[red]The warehouse was not published.[/red] The one before it stays in force.")
        for failure in result.failures:
            out.print(f"  • {escape(str(failure))}")
        return
    out.print(
        f"[green]Warehouse published[/green]: {result.models} models, {result.tests} tests, "
        f"{result.seconds:.1f} s{_built_feeds(result.feeds)}"
    )
    for warning in result.warnings:
        out.print(f"  • {escape(str(warning))}", style="yellow")
    out.print(f"  {result.path}", soft_wrap=True, markup=False)


def _built_feeds(feeds: tuple[str, ...] | None) -> str:
    """Say what a build built anew, where it was not everything."""
    if feeds is None:
        return ""
    return f"; built anew: what rests on {', '.join(feeds)}" if feeds else "; no feed has new rows"
