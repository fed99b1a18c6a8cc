"""The reporting window: its state, a sign-off, and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from vuosikello.cli.output.names import Names
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, numeric, prose

if TYPE_CHECKING:
    from vuosikello.reporting.reminders import Reminders
    from vuosikello.reporting.reporting_window import ReadinessState, SignOffState, WindowState
    from vuosikello.reporting.sign_off import SignOff


def show_window(state: WindowState) -> None:
    """Show the state of the year's reporting window, and what is to be done next."""
    out.print(f"[bold]Reporting window of {state.year}[/bold]  {escape(state.sentence)}")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    left = state.days_left
    due = f"{left} days left" if left > 0 else "today" if left == 0 else f"{-left} days ago"
    table.add_row("Collection", f"{state.collection_opens} – {state.due}  ({due})")
    if state.next_reminder is not None:
        today = "  (today)" if state.next_reminder == state.on else ""
        table.add_row("Next reminders", f"{state.next_reminder}{today}")
    table.add_row("Window opens", str(state.window_opens))
    table.add_row("Results are due", str(state.results_due))
    table.add_row("Readiness", _readiness(state.readiness))
    if state.held:
        text = f"{state.held} submissions wait for a person: vuosikello held"
        table.add_row("Held", Text(text, style="yellow"))
    table.add_row("Sign-off", _sign_off(state.sign_off))
    out.print(table)
    for alert in state.alerts:
        out.print(Text.assemble(("Alert ", "bold red"), f"({alert.at:%Y-%m-%d}) ", alert.text))
    if state.readiness is None:
        out.print(f"Judge it: vuosikello validate --suite readiness --year {state.year}")
    elif state.sign_off is None or state.sign_off.decision != "approved":
        out.print("[bold]What to do next[/bold]")
        steps = Table.grid(padding=(0, 1))
        for number, step in enumerate(state.readiness.next_steps, 1):
            steps.add_row(f"  {number}.", Text(step))
        out.print(steps)
    if state.readiness is not None:
        out.print(f"Result page: {state.readiness.page}", soft_wrap=True, markup=False)


def show_sign_off(sign_off: SignOff) -> None:
    """Show what was signed, and what happens now."""
    if sign_off.decision == "rejected":
        out.print(
            f"[yellow]{sign_off.year} is rejected[/yellow] by {escape(sign_off.by)}. Nothing is "
            "frozen; sign again when it is mended."
        )
        return
    out.print(
        f"[green]{sign_off.year} is signed off[/green] by {escape(sign_off.by)} (decision "
        f"{sign_off.number} of the year)"
    )
    out.print(f"  Frozen: what was known at {sign_off.frozen_at:%Y-%m-%d %H:%M} UTC")
    if sign_off.override_reason:
        out.print(
            f"  Overridden: {sign_off.readiness.failed} critical checks. The reason is published.",
            style="yellow",
        )
    out.print(f"Release it: vuosikello release --year {sign_off.year}")


def show_reminders(result: Reminders, names: Names) -> None:
    """Show for whom there are reminders, and whether they are to be sent today."""
    if not result.reminders:
        out.print(f"[green]Nobody has anything to mend for {result.year}.[/green]")
        return
    listing = Listing(
        [prose("Organisation"), numeric("To mend"), numeric("Critical")],
        title=f"Reminders for {result.year}",
    )
    for one in result.reminders:
        listing.add(names.organisation(one.organisation), str(one.points), str(one.critical))
    out.print(listing)
    when = (
        "They go today."
        if result.goes_today
        else f"They go on {result.next_day}."
        if result.next_day
        else "The last day for reminders has passed."
    )
    out.print(
        f"\n{when} Texts in Finnish, Swedish and English: {result.folder}",
        soft_wrap=True,
        markup=False,
    )


def _readiness(readiness: ReadinessState | None) -> Text:
    if readiness is None:
        return Text("not judged", style="yellow")
    word, style = {
        "ready": ("ready to be reported", "green"),
        "not_ready": ("not ready", "red"),
        "collecting": ("being collected", "cyan"),
        "unknown": ("nothing to judge yet", "yellow"),
    }[readiness.verdict]
    counts = (
        f": {readiness.failed} critical and {readiness.warned} other of {readiness.evaluated} "
        f"checks do not hold; {readiness.missing} organisations missing something, "
        f"{readiness.late} late, {readiness.refused} refused, {readiness.implausible} implausible"
    )
    text = Text.assemble((word, style), counts, f" (judged {readiness.validated_at:%Y-%m-%d})")
    if not readiness.is_current:
        text.append("\nThe warehouse is another since: judge it again before signing", "yellow")
    return text


def _sign_off(sign_off: SignOffState | None) -> Text:
    if sign_off is None:
        return Text("nobody has decided")
    style = "green" if sign_off.decision == "approved" else "red"
    text = Text.assemble(
        (sign_off.decision, style),
        f" by {sign_off.by} on {sign_off.at:%Y-%m-%d}: {sign_off.reason}",
    )
    if sign_off.override_reason:
        text.append(f"\nFailed checks were overridden: {sign_off.override_reason}", "yellow")
    if sign_off.decision == "approved" and not sign_off.is_current:
        text.append(
            "\nSubmissions or models have changed since; they wait for a correction", "yellow"
        )
    return text
