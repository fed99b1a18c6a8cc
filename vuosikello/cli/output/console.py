"""What a person sees in the terminal: tables, progress, remarks and errors.

Nothing here decides anything. Results go to standard output; progress, remarks and errors to
standard error, so that output can be piped.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from common.home import Home
from ingest.receipts import Finding, Receipt

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_STATUS_STYLE = {
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
_ERRORS_SHOWN = 20
_FILES_SHOWN = 15
_FAILURES_SHOWN = 8


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar that is told how much is done, of how much, and what comes next."""
    with Progress(
        TextColumn(f"{what} {{task.fields[now]}}", table_column=None),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None, now="")

        def tell(done: int, total: int, now: str) -> None:
            bar.update(task, completed=done, total=total, now=escape(now))

        yield tell


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """Show that something is being done whose length nobody knows."""
    if err.is_terminal:
        with err.status(escape(what)):
            yield
    else:
        yield


def error(text: str) -> None:
    """Tell what went wrong."""
    err.print(Text.assemble(("Error: ", "bold red"), text), soft_wrap=not err.is_terminal)


def remark(text: str) -> None:
    """Tell something worth knowing."""
    err.print(Text.assemble(("Note: ", "bold yellow"), text), soft_wrap=not err.is_terminal)


def receipt(one: Receipt) -> None:
    """Show one receipt with its findings."""
    out.print(_headline(one))
    if one.rows_read:
        out.print(
            f"  {one.rows_read} rows read, {one.rows_loaded} loaded, {one.rows_rejected} rejected, "
            f"{one.rows_warned} with warnings"
        )
    if one.held is not None and one.status == "held":
        out.print(f"  It would wait for a person: {_volume(one)}")
        out.print(f"  {escape(one.held.message_en)}", soft_wrap=True)
    if one.errors:
        out.print(_findings([one], limit=_ERRORS_SHOWN))
        hidden = one.errors_total - len(one.errors)
        if hidden > 0:
            out.print(f"  … and {hidden} more in the CSV beside the receipt", style="dim")


def receipts(received: list[Receipt], home: Home) -> None:
    """Show a table of receipts, and below it why rows or files were not loaded.

    Many files that were accepted whole are told together, by organisation and feed.
    """
    if not received:
        out.print(f"Nothing to receive in {home.inbox}", soft_wrap=True)
        return
    table = Table(box=box.SIMPLE_HEAD, title=_received(received), title_justify="left")
    table.add_column("From", overflow="fold")
    table.add_column("Result", no_wrap=True)
    for name in ("Files", "Loaded", "Rejected", "Warned"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, alike in _alike(received).items():
        table.add_row(
            escape(name),
            Text(_STATUS_WORDS[alike[0].status], style=_STATUS_STYLE[alike[0].status]),
            str(len(alike)),
            _number(sum(one.rows_loaded for one in alike)),
            _number(sum(one.rows_rejected for one in alike)),
            _number(sum(one.rows_warned for one in alike)),
        )
    out.print(table)
    troubled = [one for one in received if one.status in ("refused", "accepted_with_rejects")]
    if troubled:
        out.print(_findings(troubled, limit=_ERRORS_SHOWN, severity="reject"))
    waiting = [one for one in received if one.status == "held"]
    if waiting:
        held(waiting)
    out.print(f"Receipts: {home.receipts}", soft_wrap=True)


def held(waiting: list[Receipt]) -> None:
    """Show which submissions wait for a person, what is unusual about each, and what to do."""
    if not waiting:
        out.print("No submission waits for a person.")
        return
    table = Table(box=box.SIMPLE_HEAD, title="Held: waits for a person", title_justify="left")
    table.add_column("ID", no_wrap=True)
    table.add_column("File, and what is unusual", overflow="fold")
    for one in waiting:
        moment = one.received_at[:16].replace("T", " ")
        table.add_row(
            one.submission_id,
            f"{escape(one.file)}\n{_volume(one)}\n[dim]received {moment} UTC[/dim]",
        )
    out.print(table)
    out.print("Nothing of these is loaded; what was accepted before is in force. To decide:")
    out.print("  vuosikello held accept ID --by NAME", soft_wrap=True)
    out.print("  vuosikello held refuse ID --by NAME --reason TEXT", soft_wrap=True)


def decided(one: Receipt) -> None:
    """Show what became of a held submission."""
    receipt(one)
    if one.is_accepted:
        out.print("It is part of the warehouse after the next build: vuosikello build", style="dim")
    else:
        out.print("The receipt tells the submitter why, and what to do.", style="dim")


def _volume(one: Receipt) -> str:
    """Say in a few words how a held submission would change a year's volume."""
    if one.held is None:
        return ""
    found = one.held
    change = "" if found.change is None else f" ({found.change:+.0%})".replace("-", "−")
    text = (
        f"rows of {found.year}: {_number(found.rows_before)} now, "
        f"{_number(found.rows_after)} with it{change}"
    )
    if found.rows_year_before:
        text += f"; {_number(found.rows_year_before)} the year before"
    return text


def _received(received: list[Receipt]) -> str:
    counted = Counter(one.status.value for one in received)
    parts = [f"{n} {_STATUS_WORDS[status]}" for status, n in counted.items()]
    return f"Received {len(received)} files: {', '.join(parts)}"


def _alike(received: list[Receipt]) -> dict[str, list[Receipt]]:
    """Group what was accepted whole by organisation and feed, where there are many files."""
    alike: dict[str, list[Receipt]] = {}
    for one in received:
        is_plain = len(received) > _FILES_SHOWN and one.status == "accepted"
        name = f"{one.organisation}/{one.feed}" if is_plain else one.file
        alike.setdefault(name, []).append(one)
    return alike


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def build(result: Any) -> None:
    """Show what a build did."""
    if result.failures:
        out.print("[red]The warehouse was not published.[/red] The one before it stays in force.")
        for failure in result.failures:
            out.print(f"  • {escape(str(failure))}")
        return
    out.print(
        f"[green]Warehouse published[/green]: {result.models} models, {result.tests} tests, "
        f"{result.seconds:.1f} s{_built_anew(result.feeds)}"
    )
    for warning in getattr(result, "warnings", []):
        out.print(f"  • {escape(str(warning))}", style="yellow")
    out.print(f"  {result.path}", soft_wrap=True)


def _built_anew(feeds: tuple[str, ...] | None) -> str:
    """Say what a build built, where it was not everything."""
    if feeds is None:
        return ""
    return f"; built anew: what rests on {', '.join(feeds)}" if feeds else "; no feed has new rows"


def validation(*results: Any) -> None:
    """Show which checks failed, for whom, and what to do."""
    table = Table(box=box.SIMPLE_HEAD, title="Validation", title_justify="left")
    table.add_column("Suite")
    table.add_column("Result")
    table.add_column("Checks", justify="right")
    table.add_column("Failed", justify="right")
    for result in results:
        for name, suite in result.suites.items():
            word, style = ("passed", "green") if suite.success else ("failed", "red")
            if suite.success and not suite.is_fully_strict:
                word, style = "being collected", "cyan"
            table.add_row(name, Text(word, style=style), str(suite.evaluated), str(suite.failed))
    out.print(table)
    failures = [failure for result in results for failure in result.failures]
    told = Table.grid(padding=(0, 1))
    for failure in failures[:_FAILURES_SHOWN]:
        style = "red" if failure.severity == "critical" else "yellow"
        told.add_row("  •", Text(failure.suite, style=style), failure.message)
    out.print(told)
    if len(failures) > _FAILURES_SHOWN:
        out.print(f"  … and {len(failures) - _FAILURES_SHOWN} more in the Data Docs", style="dim")
    for docs in dict.fromkeys(result.docs for result in results):
        out.print(f"Data Docs: {docs}", soft_wrap=True)


def export(result: Any) -> None:
    """Show what was exported, and what disclosure control withheld."""
    control = result.disclosure
    out.print(
        f"[green]Exported[/green] {_number(result.published)} indicator values, "
        f"{_number(result.suppressed)} suppressed"
    )
    out.print(
        f"  Disclosure control: {_number(control.cells)} cells, {_number(control.primary)} primary "
        f"and {_number(control.complementary)} complementary suppressions, "
        f"{control.information_kept:.1%} of the information kept, {control.seconds:.1f} s",
        soft_wrap=True,
    )
    if control.years_taken_over:
        years = ", ".join(str(year) for year in control.years_taken_over)
        out.print(f"  Unchanged since they were published, and published as they were: {years}")
    for path in result.files:
        out.print(f"  {path}", soft_wrap=True)


def released(result: Any) -> None:
    """Show what a release holds and where it lies."""
    what = f"the correction of {result.corrects}" if result.corrects else "the year's first release"
    out.print(
        f"[bold]Release {result.name}[/bold], {what}: {_number(result.files)} files, "
        f"{result.size / 1e6:.1f} MB, of {_number(result.submissions)} submissions, "
        f"in {result.seconds:.0f} s"
    )
    out.print(
        f"  values {_number(result.values)}: published {_number(result.published)}, suppressed "
        f"{_number(result.primary)} for themselves and {_number(result.complementary)} to protect "
        f"others; {result.information_kept:.1%} of the information kept"
    )
    if result.corrects:
        out.print(f"  {_number(result.revisions)} values are told otherwise than before")
    for name, path in (
        ("Pages", "pages/index.html"),
        ("Reports", "report"),
        ("Workbooks", "workbook"),
        ("Open data", "open_data/datapackage.json"),
        ("Manifest", "manifest.json"),
    ):
        out.print(f"  {name:<10} {result.folder / path}", soft_wrap=True, markup=False)
    out.print(f"  {'Vouching':<10} {result.vouching} (stays in the house)", soft_wrap=True)


def releases(result: list[Any]) -> None:
    """Show the releases of each year and what waits for the next one."""
    if not result:
        out.print("Nothing has been released yet. A release begins with `vuosikello sign-off`.")
    for one in result:
        table = Table(box=box.SIMPLE_HEAD, title=f"Releases of {one.year}", title_justify="left")
        for column in ("Release", "Day", "Signed by", "Corrects"):
            table.add_column(column)
        for made in one.releases:
            table.add_row(
                made["release"],
                made["released_on"],
                escape(made["by"]),
                made["corrects"] or "",
            )
        out.print(table)
        if one.signed:
            out.print(
                f"Signed and not released yet ({escape(one.signed)}): "
                f"vuosikello release --year {one.year}"
            )
        if one.corrections:
            out.print(
                f"{_number(len(one.corrections))} submissions have come since the last release "
                f"froze. They are corrections: sign off {one.year} again to release them."
            )
            for correction in one.corrections[:_FILES_SHOWN]:
                how = "replaces what was released" if correction.replaces else "new"
                out.print(f"  • {escape(correction.file)} ({how})")
            if len(one.corrections) > _FILES_SHOWN:
                out.print(f"  and {_number(len(one.corrections) - _FILES_SHOWN)} more")


def reproduced(result: Any) -> None:
    """Show whether a release came out again byte for byte."""
    if result.is_same:
        out.print(
            f"[green]Release {result.name} came out again byte for byte[/green]: "
            f"{_number(result.files)} files, {result.seconds:.0f} s"
        )
    else:
        out.print(f"[bold red]Release {result.name} did not come out as it lies there.[/bold red]")
        for lead, texts in (
            ("Since it was made:", result.damages),
            ("Made again:", result.differences),
        ):
            if texts:
                out.print(lead)
            for text in texts[:_FILES_SHOWN]:
                out.print(f"  • {text}", markup=False)
            if len(texts) > _FILES_SHOWN:
                out.print(f"  and {_number(len(texts) - _FILES_SHOWN)} more")
    for text in result.remarks:
        out.print(f"  {text}", markup=False)


def status(result: Any) -> None:
    """Show the state of the year's collection; who has sent nothing is named in one line."""
    out.print(f"[bold]Year {result.year}[/bold], due {result.due}. Now: {escape(result.stage)}")
    out.print(f"Warehouse: {escape(result.build)}", soft_wrap=True)
    if result.waiting:
        out.print(f"[yellow]{result.waiting} files wait in the inbox[/yellow]")
    if result.held:
        out.print(f"[magenta]{result.held} held, waiting for a person: vuosikello held[/magenta]")
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Organisation", no_wrap=True)
    table.add_column("Submitted", justify="right", no_wrap=True)
    table.add_column("Refused", style="red")
    table.add_column("Late", style="yellow")
    table.add_column("Missing", style="yellow", overflow="fold")
    active = [row for row in result.organisations if row.submitted or row.refused]
    for row in active:
        done = len(row.submitted)
        late = [feed for feed in row.late if feed in row.submitted]
        table.add_row(
            row.organisation,
            Text(f"{done} of {done + len(row.missing)}", style="" if row.missing else "green"),
            _some(row.refused),
            _some(late),
            _some(row.missing),
        )
    if active:
        out.print(table)
    silent = [row.organisation for row in result.organisations if row not in active]
    if silent:
        out.print(f"Nothing yet from {', '.join(silent)}", style="yellow")
    out.print("All of it, feed by feed: vuosikello status --json", style="dim")


def window(state: Any) -> None:
    """Show how the year's reporting window stands, and what is to be done next."""
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
    table.add_row("Readiness", _readiness_words(state.readiness))
    if state.held:
        text = f"{state.held} submissions wait for a person: vuosikello held"
        table.add_row("Held", Text(text, style="yellow"))
    table.add_row("Sign-off", _sign_off_words(state.sign_off))
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
        out.print(f"Result page: {state.readiness.page}", soft_wrap=True)


def _readiness_words(readiness: Any) -> Text:
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


def _sign_off_words(sign_off: Any) -> Text:
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


def signed(sign_off: Any) -> None:
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


def reminders(result: Any) -> None:
    """Show for whom there are reminders, and whether they are to go today."""
    if not result.reminders:
        out.print(f"[green]Nobody has anything to mend for {result.year}.[/green]")
        return
    table = Table(box=box.SIMPLE_HEAD, title=f"Reminders for {result.year}", title_justify="left")
    table.add_column("Organisation", no_wrap=True)
    table.add_column("To mend", justify="right")
    table.add_column("Critical", justify="right")
    for one in result.reminders:
        table.add_row(one.organisation, str(one.points), str(one.critical))
    out.print(table)
    when = (
        "They go today."
        if result.goes_today
        else f"They go on {result.next_day}."
        if result.next_day
        else "The last day for reminders has passed."
    )
    out.print(f"{when} Texts in Finnish, Swedish and English: {result.folder}", soft_wrap=True)


def simulated(result: Any, home: Home) -> None:
    """Show what a simulation made, and what to do with it."""
    years = str(result.last_year)
    if result.first_year != result.last_year:
        years = f"{result.first_year}–{result.last_year}"
    table = Table(box=box.SIMPLE_HEAD, title=f"Made up for {years}", title_justify="left")
    table.add_column("Feed")
    table.add_column("Files", justify="right", no_wrap=True)
    table.add_column("Rows", justify="right", no_wrap=True)
    table.add_column("Break a rule", justify="right", no_wrap=True)
    for feed, rows in result.feeds.items():
        files = [one for one in result.made if one.feed == feed]
        bad_rows = sum(one.bad_rows for one in files)
        table.add_row(feed, _number(len(files)), _number(rows), _number(bad_rows))
    table.add_section()
    table.add_row(
        "all", _number(result.files), _number(result.rows), _number(result.bad_rows), style="bold"
    )
    out.print(table)
    out.print(f"From {', '.join(result.organisations)}")
    out.print(
        f"{result.size / 1e6:,.1f} MB in {result.seconds:.1f} s: {result.folder}".replace(",", " "),
        soft_wrap=True,
    )
    if result.folder == home.inbox:
        out.print("They lie in the inbox: vuosikello run receives them and builds.", style="dim")
    else:
        out.print(
            f"To receive them: vuosikello receive {result.folder}", style="dim", soft_wrap=True
        )


def service(started: Any, home: Home) -> None:
    """Tell how to reach the Airflow that runs, and where to drop files."""
    table = Table(box=None, show_header=False, title="Airflow runs", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in (
        ("Address", started.address),
        ("User", started.user),
        ("Password", started.password),
        ("Drop files in", home.inbox / "<organisation>" / "<feed>" / "<period>.csv"),
        ("Stop it with", "make down"),
    ):
        table.add_row(f"  {name}", str(value))
    out.print(table)


def _some(names: list[str], limit: int = 4) -> str:
    """Name the first few, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def documentation(result: Any) -> None:
    """Show which pages were written."""
    out.print(f"[green]Documentation written[/green]: {len(result.pages)} pages")
    out.print(f"  {result.index}", soft_wrap=True)


def metrics(known: list[Any]) -> None:
    """Show the metrics that can be asked for."""
    table = Table(box=box.SIMPLE_HEAD, title="Metrics", title_justify="left")
    table.add_column("Metric", no_wrap=True)
    table.add_column("What it is, and the indicator it belongs to", overflow="fold")
    for metric in known:
        indicator = f" {metric.indicator}" if metric.indicator else ""
        table.add_row(metric.name, Text.assemble(metric.description, (indicator, "dim")))
    out.print(table)
    out.print("Ask for one: vuosikello metrics outreach_visits --by organisation --by year")


def answer(result: Any, dimensions: list[str]) -> None:
    """Show the answer to a question, and what else it can be divided by."""
    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(result.columns):
        is_number = all(not isinstance(row[number], str) for row in result.rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(_cell(value) for value in row))
    if result.missing:
        out.print(result.missing, markup=False, style="yellow")
    else:
        out.print(table)
    out.print(f"Divide by: year, month, {', '.join(dimensions)}", style="dim", soft_wrap=True)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3f}".rstrip("0").rstrip(".").replace(",", " ")
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else escape(str(value))


def plain(result: Any) -> Any:
    """Return a result as what JSON can hold."""
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {f.name: plain(getattr(result, f.name)) for f in dataclasses.fields(result)}
    if isinstance(result, dict):
        return {str(key): plain(value) for key, value in result.items()}
    if isinstance(result, (list, tuple)):
        return [plain(value) for value in result]
    if isinstance(result, (Path, datetime)):
        return str(result)
    return result


def _headline(one: Receipt) -> Text:
    return Text.assemble(
        (
            f"{_STATUS_WORDS[one.status]}  ".replace("in part", "accepted in part"),
            f"bold {_STATUS_STYLE[one.status]}",
        ),
        one.file,
    )


def _findings(received: list[Receipt], *, limit: int, severity: str | None = None) -> Table:
    several = len(received) > 1
    table = Table(box=box.SIMPLE_HEAD, title="What to mend", title_justify="left")
    if several:
        table.add_column("File", overflow="fold")
    table.add_column("Row", justify="right")
    table.add_column("Column", overflow="fold")
    table.add_column("What is wrong and what to do", overflow="fold")
    shown: dict[tuple[str, str, str | None], list[Finding]] = {}
    for one in received:
        for finding in one.errors:
            if severity is None or finding.severity == severity:
                alike = (one.file, finding.rule, finding.column)
                shown.setdefault(alike, []).append(finding)
    for (file, _, column), alike_findings in list(shown.items())[:limit]:
        finding = alike_findings[0]
        allowed = f" Allowed: {finding.allowed}" if finding.allowed else ""
        rows = [str(one.row) for one in alike_findings if one.row is not None]
        cells = [
            ", ".join(rows[:3]) + (f" … ({len(rows)})" if len(rows) > 3 else ""),
            escape(column or ""),
            escape(finding.message_en + allowed),
        ]
        table.add_row(*([escape(file)] if several else []), *cells)
    return table
