"""Receipts: of one file, of many, of those that wait, of a decision, and of a withdrawal."""

from __future__ import annotations

from collections import Counter

from rich.markup import escape
from rich.text import Text

from common.home import Home
from ingest.receipts import Finding, Held, Receipt
from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Column, Listing, first_few, numeric, prose

_STATUS_STYLES = {
    "accepted": "green",
    "accepted_with_rejects": "yellow",
    "refused": "red",
    "duplicate": "dim",
    "held": "magenta",
}
_STATUS_WORDS = {
    "accepted": "accepted",
    "accepted_with_rejects": "in part",
    "refused": "refused",
    "duplicate": "duplicate",
    "held": "held",
}
_FINDINGS_SHOWN = 20
# Above so many files, those that were accepted whole are shown by organisation and feed.
_FILES_SHOWN = 15


def show_receipt(receipt: Receipt) -> None:
    """Show one receipt with its findings."""
    out.print(_headline(receipt))
    if receipt.rows_read:
        out.print(
            f"  {receipt.rows_read} rows read, {receipt.rows_loaded} loaded, "
            f"{receipt.rows_rejected} rejected, {receipt.rows_warned} with warnings"
        )
    if receipt.held is not None and receipt.status == "held":
        out.print(f"  It would wait for a person: {_why(receipt)}")
        out.print(f"  {escape(receipt.held.message_en)}", soft_wrap=True)
    _show_out_of_force([receipt])
    if receipt.errors:
        out.print(_findings([receipt]))
        hidden = receipt.errors_total - len(receipt.errors)
        if hidden > 0:
            out.print(f"  … and {hidden} more in the CSV beside the receipt", style="dim")


def show_receipts(received: list[Receipt], home: Home) -> None:
    """Show a table of receipts, and below it why rows or files were not loaded.

    Where there are many files, those that were accepted whole are one row for each organisation
    and feed.
    """
    if not received:
        out.print(f"Nothing to receive in {home.inbox}", soft_wrap=True, markup=False)
        return
    listing = Listing(
        [
            prose("From"),
            "Result",
            numeric("Files"),
            numeric("Loaded"),
            numeric("Rejected"),
            numeric("Warned"),
        ],
        title=_summary(received),
    )
    for name, group in _groups(received).items():
        status = group[0].status
        listing.add(
            name,
            Text(_STATUS_WORDS[status], style=_STATUS_STYLES[status]),
            str(len(group)),
            number(sum(one.rows_loaded for one in group)),
            number(sum(one.rows_rejected for one in group)),
            number(sum(one.rows_warned for one in group)),
        )
    out.print(listing)
    with_findings = [one for one in received if one.status in ("refused", "accepted_with_rejects")]
    if with_findings:
        out.print()
        out.print(_findings(with_findings, severity="reject"))
    _show_out_of_force(received)
    _show_remarks(received)
    held = [one for one in received if one.status == "held"]
    if held:
        out.print()
        show_held(held)
    out.print(f"\nReceipts: {home.receipts}", soft_wrap=True, markup=False)


def show_held(held: list[Receipt]) -> None:
    """Show which submissions wait for a person, what is unusual about each, and what to do."""
    if not held:
        out.print("No submission waits for a person.")
        return
    listing = Listing(
        ["ID", prose("File, and what is unusual")], title="Held: waiting for a person"
    )
    for one in held:
        received_at = one.received_at[:16].replace("T", " ")
        listing.add(
            one.submission_id,
            Text.assemble(f"{one.file}\n{_why(one)}\n", (f"received {received_at} UTC", "dim")),
        )
    out.print(listing)
    out.print("\nNothing of these is loaded; what was accepted before is in force. To decide:")
    out.print("  vuosikello held accept ID --by NAME", soft_wrap=True)
    out.print("  vuosikello held refuse ID --by NAME --reason TEXT", soft_wrap=True)


def show_decision(receipt: Receipt) -> None:
    """Show what became of a held submission."""
    show_receipt(receipt)
    if receipt.is_accepted:
        out.print("It is part of the warehouse after the next build: vuosikello build", style="dim")
    else:
        out.print("The receipt says why, and what the submitter should do.", style="dim")


def show_withdrawal(receipt: Receipt) -> None:
    """Show that a submission was taken back."""
    out.print(f"[yellow]withdrawn[/yellow]  {escape(receipt.file)} ({receipt.submission_id})")
    out.print("  Nothing of it is in force; what stood before it is in force again.")
    out.print("It is out of the warehouse after the next build: vuosikello build", style="dim")


def _show_out_of_force(received: list[Receipt]) -> None:
    """Say which rows of earlier files of overlapping periods went out of force."""
    for one in received:
        for gone in one.out_of_force[:_FINDINGS_SHOWN]:
            rows = "1 row" if gone.rows == 1 else f"{number(gone.rows)} rows"
            out.print(
                f"  {escape(one.file)} put out of force {rows} of the file for {gone.period} "
                f"({gone.submission_id})",
                soft_wrap=True,
            )


def _show_remarks(received: list[Receipt]) -> None:
    """Show what is remarked about whole files, clean ones too; the same remark once."""
    files: dict[str, list[str]] = {}
    for one in received:
        for finding in one.remarks:
            files.setdefault(finding.message_en, []).append(one.file)
    if not files:
        return
    listing = Listing([prose("File"), prose("Remark")], title="Remarks")
    for message, named in list(files.items())[:_FINDINGS_SHOWN]:
        listing.add(first_few(named, limit=2), message)
    out.print()
    out.print(listing)


def _why(receipt: Receipt) -> str:
    """Say in a few words why a submission waits."""
    held = receipt.held
    if held is None:
        return ""
    if held.organisation is not None:
        return f"the same bytes are in force for {held.organisation}"
    if held.open_spells:
        return f"nothing to report, though {number(held.open_spells)} spells are still open"
    if held.rows_out_of_force:
        rows = number(held.rows_out_of_force)
        return f"nothing to report, though rows would go out of force: {rows}"
    return _volume(held)


def _volume(volume: Held) -> str:
    """Say in a few words how a held submission would change a year's volume."""
    change = "" if volume.change is None else f" ({volume.change:+.0%})".replace("-", "−")
    text = (
        f"rows of {volume.year}: {number(volume.rows_before)} now, "
        f"{number(volume.rows_after)} with it{change}"
    )
    if volume.rows_year_before:
        text += f"; {number(volume.rows_year_before)} the year before"
    return text


def _summary(received: list[Receipt]) -> str:
    counts = Counter(one.status.value for one in received)
    parts = [f"{count} {_STATUS_WORDS[status]}" for status, count in counts.items()]
    return f"Received {len(received)} files: {', '.join(parts)}"


def _groups(received: list[Receipt]) -> dict[str, list[Receipt]]:
    """Group what was accepted whole by organisation and feed, where there are many files."""
    groups: dict[str, list[Receipt]] = {}
    for one in received:
        is_grouped = len(received) > _FILES_SHOWN and one.status == "accepted"
        name = f"{one.organisation}/{one.feed}" if is_grouped else one.file
        groups.setdefault(name, []).append(one)
    return groups


def _headline(receipt: Receipt) -> Text:
    word = _STATUS_WORDS[receipt.status].replace("in part", "accepted in part")
    return Text.assemble((f"{word}  ", f"bold {_STATUS_STYLES[receipt.status]}"), receipt.file)


def _findings(received: list[Receipt], *, severity: str | None = None) -> Listing:
    """List the findings, those of one file, rule and column together."""
    are_several = len(received) > 1
    columns: list[Column | str] = [
        numeric("Row"),
        prose("Column"),
        prose("What is wrong and what to do"),
    ]
    listing = Listing(
        [prose("File"), *columns] if are_several else columns, title="What to correct"
    )
    groups: dict[tuple[str, str, str | None], list[Finding]] = {}
    for one in received:
        for finding in one.errors:
            if severity is None or finding.severity == severity:
                groups.setdefault((one.file, finding.rule, finding.column), []).append(finding)
    for (file, _, column), findings in list(groups.items())[:_FINDINGS_SHOWN]:
        finding = findings[0]
        allowed = f" Allowed: {finding.allowed}" if finding.allowed else ""
        rows = [str(one.row) for one in findings if one.row is not None]
        cells = [
            ", ".join(rows[:3]) + (f" … ({len(rows)})" if len(rows) > 3 else ""),
            column or "",
            finding.message_en + allowed,
        ]
        listing.add(*([file] if are_several else []), *cells)
    return listing
