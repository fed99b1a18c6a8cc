"""What was found out about a release that was checked with the public key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from ingest.identity_codes import masked
from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from vuosikello.reporting.verification import Verified

_LINES_SHOWN = 15


def show_verified(result: Verified) -> None:
    """Show whether a release is whole, unchanged and signed."""
    # The texts of a manifest are anybody's: nothing of them may steer the terminal.
    name = escape(masked(result.release or "of unknown name"))
    if result.is_verified:
        out.print(
            f"[green]Release {name} is as it was signed[/green]: {number(result.files)} files "
            "are there and unchanged, and none is there beside them"
        )
    else:
        out.print(f"[bold red]Release {name} is not verified.[/bold red]")
        for problem in result.problems[:_LINES_SHOWN]:
            out.print(f"  • {masked(problem)}", markup=False, soft_wrap=True)
        if len(result.problems) > _LINES_SHOWN:
            out.print(f"  and {number(len(result.problems) - _LINES_SHOWN)} more")
    if result.fingerprint:
        out.print(f"  Public key {result.fingerprint}", markup=False, soft_wrap=True)
    for remark in result.remarks:
        out.print(f"  {remark}", markup=False)
