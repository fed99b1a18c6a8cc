"""Results of the validation: the suites, and the failures by check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, first_few, numeric, print_more, prose

if TYPE_CHECKING:
    from expectations.results import Failure, SuiteResult, ValidationResult

_CHECKS_SHOWN = 15
_MESSAGES_SHOWN = 6
_ORGANISATIONS_SHOWN = 3


def show_validation(*results: ValidationResult) -> None:
    """Show how each suite ended, and which checks failed how often and for whom."""
    suites = Listing(["Suite", "Result", numeric("Checks"), numeric("Failed")], title="Validation")
    for result in results:
        for name, suite in result.suites.items():
            suites.add(name, _verdict(suite), str(suite.evaluated), str(suite.failed))
    out.print(suites)
    failures = [failure for result in results for failure in result.failures]
    if failures:
        out.print()
        _show_failures(failures)
    for docs in dict.fromkeys(result.docs for result in results):
        out.print(f"Data Docs: {docs}", soft_wrap=True, markup=False)


def _verdict(suite: SuiteResult) -> Text:
    if not suite.success:
        return Text("failed", style="red")
    if not suite.is_fully_strict:
        return Text("being collected", style="cyan")
    return Text("passed", style="green")


def _show_failures(failures: list[Failure]) -> None:
    """Show one row for each check, the critical ones first, then the first few messages."""
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        groups.setdefault((failure.suite, failure.expectation), []).append(failure)
    ordered = sorted(groups.values(), key=lambda group: group[0].severity != "critical")
    listing = Listing(
        ["Suite", prose("Check"), numeric("Failures"), prose("Organisations")],
        title=f"{number(len(failures))} failures of {number(len(groups))} checks",
    )
    for group in ordered[:_CHECKS_SHOWN]:
        first = group[0]
        listing.add(
            Text(first.suite, style=_style(first)),
            first.title,
            number(len(group)),
            _organisations(group),
        )
    out.print(listing)
    print_more(len(groups) - _CHECKS_SHOWN, "checks")
    out.print("\n[bold]What to do[/bold]")
    messages = Table.grid(padding=(0, 1))
    for group in ordered[:_MESSAGES_SHOWN]:
        messages.add_row("  •", Text(group[0].message, style=_style(group[0])))
    out.print(messages)
    shown = len(ordered[:_MESSAGES_SHOWN])
    print_more(len(failures) - shown, "failures in the Data Docs and in --json")


def _style(failure: Failure) -> str:
    return "red" if failure.severity == "critical" else "yellow"


def _organisations(failures: list[Failure]) -> str:
    counts = Counter(failure.organisation for failure in failures if failure.organisation)
    names = [f"{name} ({count})" if count > 1 else name for name, count in counts.most_common()]
    return first_few(names, _ORGANISATIONS_SHOWN)
