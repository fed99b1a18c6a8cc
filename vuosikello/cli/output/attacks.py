"""What an attacker found out about a release: how many numbers, and where, but never which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, numeric, prose

if TYPE_CHECKING:
    from attacker import Attack, Finding
    from vuosikello.reporting.attacks import Attacked

_LINES_SHOWN = 15
_READ = {
    "alone": "the release alone",
    "with_earlier": "with what was published before it",
    "with_exports": "with every release and the present export",
}


def show_attacks(result: Attacked) -> None:
    """Show the figures of every attack, then which numbers were found."""
    listing = Listing(
        [
            prose("What is read"),
            numeric("Numbers attacked"),
            numeric("Exact"),
            numeric("Within one"),
            numeric("Narrower than promised"),
        ],
        title=f"What an attacker finds out about {result.release}",
    )
    for one in result.attempts:
        found = one.result
        listing.add(
            _READ[one.what],
            number(found.attacked),
            number(found.exact),
            number(found.within_one),
            number(found.narrower),
            style="red" if found.narrower else "",
        )
    out.print(listing)
    told: set[Finding] = set()
    for one in result.attempts:
        # What one reading tells, a reading of more tells too.
        new = [finding for finding in one.result.findings if finding not in told]
        told.update(new)
        if new:
            out.print(f"[bold red]Found, reading {_READ[one.what]}:[/bold red]")
        for finding in new[:_LINES_SHOWN]:
            out.print(f"  • {_line(finding)}", markup=False, soft_wrap=True)
        if len(new) > _LINES_SHOWN:
            out.print(f"  and {number(len(new) - _LINES_SHOWN)} more (all: --json)")
    for one in result.attempts:
        for remark in _remarks(one.result):
            out.print(f"  {_READ[one.what].capitalize()}: {remark}", markup=False, soft_wrap=True)
    if result.is_safe:
        out.print(f"[green]Nothing that {result.release} withholds was found out.[/green]")
    else:
        out.print(
            "Tell whoever changes how publications are protected, and publish nothing more of this "
            "year until they answer: docs/how_to/attack_a_release.md"
        )


def _line(finding: Finding) -> str:
    """Name a number that was found: where it stands, and never what it is."""
    if finding.is_exact:
        how = "exactly"
    else:
        how = "to within one" if finding.is_within_one else "better than promised"
    part = "" if finding.breakdown == "none" else f", {finding.breakdown} {finding.breakdown_value}"
    what = "" if finding.what in ("count", "numerator") else f" ({finding.what})"
    place = f"{finding.area_type} {finding.area}"
    return (
        f"{finding.indicator}, {place}, {finding.period}{part}{what}: known {how}, "
        f"withheld by {finding.publication}"
    )


def _remarks(found: Attack) -> list[str]:
    """Say what was not looked at."""
    remarks = []
    if found.undecided:
        remarks.append(
            f"{number(found.undecided)} numbers stand in groups too large for reasoning in whole "
            "numbers; broken numbers leave them as wide as promised."
        )
    if found.unknown:
        remarks.append(
            f"{number(found.unknown)} withheld rows were left out: the house has not kept their "
            "numbers, and today's models do not count them."
        )
    if found.differing:
        remarks.append(
            f"{number(found.differing)} published numbers are counted otherwise by today's models. "
            "They were taken as published; who is few is counted by today's models."
        )
    return remarks
