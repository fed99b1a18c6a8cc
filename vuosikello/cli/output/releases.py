"""Releases: one that was made, all that there are, one that was made again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.markup import escape

from vuosikello.cli.output.numbers import megabytes, moment, number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, prose

if TYPE_CHECKING:
    from vuosikello.reporting.releases import Released, ReleaseState, Reproduced

_LINES_SHOWN = 15


def show_release(result: Released) -> None:
    """Show what a release holds and where it lies."""
    what = f"the correction of {result.corrects}" if result.corrects else "the year's first release"
    out.print(
        f"[bold]Release {result.name}[/bold], {what}: {number(result.files)} files, "
        f"{megabytes(result.size)}, of {number(result.submissions)} submissions, "
        f"in {result.seconds:.0f} s"
    )
    out.print(
        f"  values {number(result.values)}: published {number(result.published)}, suppressed "
        f"{number(result.primary)} for themselves and {number(result.complementary)} to protect "
        f"others; {result.information_kept:.1%} of the information kept"
    )
    if result.corrects:
        out.print(f"  {number(result.revisions)} values differ from those released before")
    for name, path in (
        ("Pages", "pages/index.html"),
        ("Reports", "report"),
        ("Workbooks", "workbook"),
        ("Open data", "open_data/datapackage.json"),
        ("Manifest", "manifest.json"),
        ("Signature", "manifest.json.sig"),
    ):
        out.print(f"  {name:<10} {result.folder / path}", soft_wrap=True, markup=False)
    for name, kept in (("Vouching", result.vouching), ("Internal", result.internal)):
        out.print(f"  {name:<10} {kept} (stays in the house)", soft_wrap=True, markup=False)
    key = result.signed_with
    if key.new_in is not None:
        out.print(
            f"This is the first release that is signed with the key in {key.new_in} (made now, "
            "where there was none). Keep a copy of it in a safe place, apart from the lake: "
            "without it the next release cannot be signed with the same key. Hand out the public "
            "key to whoever checks releases, and tell its fingerprint in a place that they trust:",
            soft_wrap=True,
            markup=False,
        )
    out.print(f"  {'Public key':<10} {key.public_key}", soft_wrap=True, markup=False)
    out.print(f"  {'':<10} fingerprint {key.fingerprint}", soft_wrap=True, markup=False)


def show_releases(result: list[ReleaseState]) -> None:
    """Show the releases of each year and what waits for the next one."""
    if not result:
        out.print("Nothing has been released yet. A release begins with `vuosikello sign-off`.")
    for one in result:
        listing = Listing(
            ["Release", "Day", prose("Signed by"), "Corrects"], title=f"Releases of {one.year}"
        )
        for made in one.releases:
            listing.add(made["release"], made["released_on"], made["by"], made["corrects"] or "")
        out.print(listing)
        out.print()
        if one.signed:
            out.print(
                f"Signed and not released yet ({escape(one.signed)}): "
                f"vuosikello release --year {one.year}"
            )
        if one.corrections:
            out.print(
                f"{number(len(one.corrections))} submissions have come or were withdrawn since the "
                "last release froze. They are corrections: sign off "
                f"{one.year} again to release them."
            )
            for correction in one.corrections[:_LINES_SHOWN]:
                how = "replaces what was released" if correction.replaces else "new"
                if correction.withdrawn_at:
                    on = moment(datetime.fromisoformat(correction.withdrawn_at))
                    how = f"withdrawn by {correction.withdrawn_by} on {on}"
                out.print(f"  • {escape(f'{correction.file} ({how})')}")
            _print_rest(len(one.corrections))


def show_reproduction(result: Reproduced) -> None:
    """Show whether a release came out again byte for byte."""
    if result.is_same:
        out.print(
            f"[green]Release {result.name} came out again byte for byte[/green]: "
            f"{number(result.files)} files, {result.seconds:.0f} s"
        )
    else:
        out.print(f"[bold red]Release {result.name} did not come out as it lies there.[/bold red]")
        for heading, lines in (
            ("Since it was made:", result.damages),
            ("Made again:", result.differences),
        ):
            if lines:
                out.print(heading)
            for line in lines[:_LINES_SHOWN]:
                out.print(f"  • {line}", markup=False)
            _print_rest(len(lines))
    for remark in result.remarks:
        out.print(f"  {remark}", markup=False)
    if result.needs:
        out.print(result.needs, markup=False)


def _print_rest(count: int) -> None:
    if count > _LINES_SHOWN:
        out.print(f"  and {number(count - _LINES_SHOWN)} more")
