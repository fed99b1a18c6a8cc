"""Why a value is what it is: its definition, its rows, their submissions, what has changed.

Long lists are cut with how many more there are, and hashes and pseudonyms are cut in their middle;
``--json`` and the files hold all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from vuosikello.cli.output.changes import show_responsible, value_of
from vuosikello.cli.output.numbers import moment, number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import Listing, numeric, print_more, prose, shorten

if TYPE_CHECKING:
    from vuosikello.lineage.diff import Change, RowChange
    from vuosikello.lineage.explanation import Explanation, OpenWaits, Part

_KEYS_SHOWN = 8
_SUBMISSIONS_SHOWN = 12
_CHANGES_SHOWN = 12
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def show_explanation(result: Explanation) -> None:
    """Show why a value is what it is."""
    out.print(Text.assemble((result.indicator, "bold"), "  ", result.label))
    out.print(escape(result.definition), style="dim")
    out.print(_place(result), soft_wrap=True)
    out.print()
    if result.numbers is None:
        out.print(escape(result.missing or ""), style="yellow")
    else:
        numbers = [f"{name} [bold]{number(value)}[/bold]" for name, value in result.numbers.items()]
        out.print("   ".join(numbers))
    if result.open_waits is not None:
        out.print(_open_waits(result.open_waits), style="dim")
    for part in result.parts:
        _show_part(part, result)
    if result.change is not None:
        _show_change(result.change, result)
    out.print()
    if result.numbers is not None:
        _show_checks(result)
    model = result.model
    out.print(
        f"Model {model.name}, SQL {shorten(model.sha256)}, version {model.code_version}, built "
        f"{moment(model.built_at)}; it reads {', '.join(model.feeds)}"
    )


def _open_waits(open_waits: OpenWaits) -> str:
    if not open_waits.waits:
        return "No wait was still open on the last day of the period."
    waits, days = number(open_waits.waits), number(open_waits.longest_days)
    return (
        f"Waits still open on the last day of the period, and not counted here: {waits}. "
        f"The longest had lasted {days} days."
    )


def _place(result: Explanation) -> Text:
    state = f" (as of {result.last_day})" if result.last_day else ""
    part = f", {result.breakdown} {result.breakdown_value}" if result.breakdown != "none" else ""
    known = f", as known at {moment(result.as_of)}" if result.as_of else ""
    kind = result.area_type.replace("_", " ")
    year = "twelve months to " if result.period_type == "rolling_year" else ""
    period = f"{year}{result.period}{state}"
    return Text(f"{kind} {result.area} {result.area_label}, {period}{part}{known}")


def _show_part(part: Part, result: Explanation) -> None:
    what = f"rows of {part.feed}" if part.feed else "computed rows"
    factor = ""
    if part.side == "numerator" and (result.multiplier, result.divisor) != (1, 1):
        factor = f", × {number(result.multiplier)} / {number(result.divisor)}"
    how = {
        "sum": f"sum of {part.measure} over",
        "units": "distinct relationships in",
        "people": "distinct people in",
        "quantile": f"{result.breakdown_value} of {part.measure} over",
        "month_end_mean": f"mean of {part.measure} over the month ends, in",
    }[part.how]
    out.print()
    out.print(
        f"[bold]{part.side.capitalize()} {number(part.total)}[/bold]: {how} "
        f"{number(part.rows_total)} {what}{factor}"
    )
    if part.submissions:
        source = "Came in" if part.feed else "Computed from"
        listing = Listing([prose(source), "Received", numeric("Rows"), "SHA-256"])
        for one in part.submissions[:_SUBMISSIONS_SHOWN]:
            listing.add(one.file, moment(one.received_at), number(one.rows), one.sha256[:12])
        out.print(listing)
        print_more(len(part.submissions) - _SUBMISSIONS_SHOWN, "submissions")
    if part.key and part.rows:
        keys = [_key(row.key) for row in part.rows[:_KEYS_SHOWN]]
        more = part.rows_total - len(keys)
        rest = f", … and {number(more)} more" if more > 0 else ""
        out.print(f"  {' + '.join(part.key)}: {'; '.join(keys)}{rest}", markup=False)
    if part.rows_without_submission:
        out.print(
            f"  {part.rows_without_submission} of the rows are in no submission in force.",
            style="red",
        )


def _show_checks(result: Explanation) -> None:
    if result.is_exact:
        out.print("[green]Exact[/green]: added up, the rows give these numbers.")
        return
    out.print("[red]Not exact[/red]: added up, the rows give other numbers.")
    for check in result.checks:
        if not check.agrees:
            out.print(
                f"  {check.of}: {number(check.from_rows)} by the rows, "
                f"{number(check.in_warehouse)} in the warehouse"
            )


def _show_change(change: Change, result: Explanation) -> None:
    before, now = value_of(change.before), value_of(result.numbers)
    rows = [
        f"{number(count)} {what}"
        for count, what in (
            (change.rows_added, "added"),
            (change.rows_removed, "removed"),
            (change.rows_changed, "changed"),
        )
        if count
    ]
    out.print()
    out.print(
        f"[bold]Since {moment(change.since, seconds=True)}[/bold]: value {before} → {now}; "
        f"rows: {', '.join(rows) or 'the same'}"
    )
    if change.published is not None:
        out.print(
            f"  Published then, by another definition: value {value_of(change.published)}",
            style="yellow",
        )
    for remark in change.remarks:
        out.print(f"  {escape(remark)}", style="yellow")
    show_responsible("By these submissions", change.submissions, "Rows")
    for row in change.rows[:_CHANGES_SHOWN]:
        out.print(_row_change(row), soft_wrap=True)
    total = change.rows_added + change.rows_removed + change.rows_changed
    print_more(total - _CHANGES_SHOWN, "rows")


def _row_change(row: RowChange) -> Text:
    amounts = ""
    if row.before and row.now:
        sides = [
            f"{side} {number(row.before[side])} → {number(row.now[side])}"
            for side in row.now
            if row.before[side] != row.now[side]
        ]
        amounts = f"  {', '.join(sides)}"
    style = {"added": "green", "removed": "red", "changed": "yellow"}[row.change]
    key = " ".join(
        f"{name} {shorten(str(value))}" for name, value in row.key.items() if value is not None
    )
    return Text(f"  {_MARKS[row.change]} {row.organisation} {key}{amounts}", style=style)


def _key(key: dict[str, Any]) -> str:
    return " ".join("–" if value is None else shorten(str(value)) for value in key.values())
