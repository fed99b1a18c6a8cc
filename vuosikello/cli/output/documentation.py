"""Which pages of the documentation were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from vuosikello.docs_site.site import Documentation


def show_documentation(result: Documentation) -> None:
    """Show how many pages were written, and where to begin."""
    out.print(f"[green]Documentation written[/green]: {len(result.pages)} pages")
    out.print(f"  {result.index}", soft_wrap=True, markup=False)
