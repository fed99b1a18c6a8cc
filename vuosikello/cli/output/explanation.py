"""What a person sees of an explanation and of a difference, in the terminal.

Everything fits in 100 columns: long lists are cut with how many more there are, and hashes and
pseudonyms are cut in their middle; ``--json`` and the files hold all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from common import clock
from vuosikello.cli.output.console import out
from vuosikello.lineage.diff import (
    Change,
    DefinitionChange,
    Difference,
    ResponsibleSubmission,
    RowChange,
    ValueChange,
)
from vuosikello.lineage.diff.moments import NOT_SEEN
from vuosikello.lineage.explanation import Explanation, Part
from vuosikello.lineage.values import Numbers

_KEYS_SHOWN = 8
_SUBMISSIONS_SHOWN = 12
_CHANGES_SHOWN = 12
_VALUES_SHOWN = 20

_WHY = {
    "own": "the rows came in it",
    "replaced": "it replaced the file they were in",
    "coverage": "it covers the period",
    "other": "the rows count otherwise by it",
}
_WHY_WITHOUT = {
    "time": "the period was under way",
    "definition": "its definition has changed",
    "unknown": "",
    "none": "",
}
_MARK = {"added": "+", "removed": "-", "changed": "~"}


def explanation(result: Explanation) -> None:
    """Show why a value is what it is."""
    out.print(Text.assemble((result.indicator, "bold"), "  ", result.label))
    out.print(escape(result.definition), style="dim")
    out.print(_place(result), soft_wrap=True)
    out.print()
    if result.numbers is None:
        out.print(escape(result.missing or ""), style="yellow")
    else:
        numbers = [
            f"{name} [bold]{_number(value)}[/bold]" for name, value in result.numbers.items()
        ]
        out.print("   ".join(numbers))
    for part in result.parts:
        _part(part, result)
    if result.change is not None:
        _change(result.change, result)
    out.print()
    if result.numbers is not None:
        _checked(result)
    model = result.model
    out.print(
        f"Model {model.name}, SQL {_short(model.sha256)}, version {model.code_version}, built "
        f"{_moment(model.built_at)}; it reads {', '.join(model.feeds)}"
    )


def difference(result: Difference) -> None:
    """Show which values have changed between two moments, and by which submissions."""
    between = f"Between {_moment(result.before, True)} and {_moment(result.now, True)}"
    if result.is_published:
        between += ", as published then"
    for remark in result.remarks:
        out.print(escape(remark), style="yellow")
    if result.total:
        out.print(f"{between} [bold]{_number(result.total)} values[/bold] have changed")
        _counts(result.counts)
        _definitions(result.definitions)
        _responsible("By these submissions", result.submissions, "Values")
        _values(result)
    elif NOT_SEEN in " ".join(result.remarks):
        out.print(f"{between} no value has changed by what was submitted.")
    else:
        out.print(f"{between} no value has changed.")
    if result.without_effect:
        out.print(
            f"Received, and no value has changed by it: {_some(result.without_effect, 6)}",
            style="dim",
        )


def _place(result: Explanation) -> Text:
    state = f" (as of {result.last_day})" if result.last_day else ""
    part = f", {result.breakdown} {result.breakdown_value}" if result.breakdown != "none" else ""
    known = f", as known at {_moment(result.as_of)}" if result.as_of else ""
    kind = result.area_type.replace("_", " ")
    return Text(f"{kind} {result.area} {result.area_label}, {result.period}{state}{part}{known}")


def _part(part: Part, result: Explanation) -> None:
    what = f"rows of {part.feed}" if part.feed else "computed rows"
    factor = ""
    if part.side == "numerator" and (result.multiplier, result.divisor) != (1, 1):
        factor = f", × {_number(result.multiplier)} / {_number(result.divisor)}"
    how = {
        "sum": f"sum of {part.measure} over",
        "units": "distinct relationships in",
        "people": "distinct people in",
        "month_end_mean": f"mean of {part.measure} over the month ends, in",
    }[part.how]
    out.print()
    out.print(
        f"[bold]{part.side.capitalize()} {_number(part.total)}[/bold]: {how} "
        f"{_number(part.rows_total)} {what}{factor}"
    )
    if part.submissions:
        came = "  Came in" if part.feed else "  Computed from"
        table = _table(came, "Received", "Rows", "SHA-256", right=("Rows",))
        for one in part.submissions[:_SUBMISSIONS_SHOWN]:
            table.add_row(
                f"  {one.file}", _moment(one.received_at), _number(one.rows), one.sha256[:12]
            )
        out.print(table)
        _more(len(part.submissions) - _SUBMISSIONS_SHOWN, "submissions")
    if part.key and part.rows:
        shown = [_key(row.key) for row in part.rows[:_KEYS_SHOWN]]
        more = part.rows_total - len(shown)
        rest = f", … and {_number(more)} more" if more > 0 else ""
        out.print(f"  {' + '.join(part.key)}: {'; '.join(shown)}{rest}", markup=False)
    if part.rows_without_submission:
        out.print(
            f"  {part.rows_without_submission} of the rows are in no submission in force.",
            style="red",
        )


def _checked(result: Explanation) -> None:
    if result.is_exact:
        out.print("[green]Exact[/green]: added up, the rows give these numbers.")
        return
    out.print("[red]Not exact[/red]: added up, the rows give other numbers.")
    for check in result.checks:
        if not check.agrees:
            out.print(
                f"  {check.of}: {_number(check.from_rows)} by the rows, "
                f"{_number(check.in_warehouse)} in the warehouse"
            )


def _change(change: Change, result: Explanation) -> None:
    then, now = _value(change.before), _value(result.numbers)
    rows = [
        f"{_number(count)} {what}"
        for count, what in (
            (change.rows_added, "added"),
            (change.rows_removed, "removed"),
            (change.rows_changed, "changed"),
        )
        if count
    ]
    out.print()
    out.print(
        f"[bold]Since {_moment(change.since, True)}[/bold]: value {then} → {now}; "
        f"rows: {', '.join(rows) or 'the same'}"
    )
    if change.published is not None:
        out.print(
            f"  Published then, by another definition: value {_value(change.published)}",
            style="yellow",
        )
    for remark in change.remarks:
        out.print(f"  {escape(remark)}", style="yellow")
    _responsible("By these submissions", change.submissions, "Rows")
    for row in change.rows[:_CHANGES_SHOWN]:
        out.print(_row_change(row), soft_wrap=True)
    total = change.rows_added + change.rows_removed + change.rows_changed
    _more(total - _CHANGES_SHOWN, "rows")


def _row_change(row: RowChange) -> Text:
    amounts = ""
    if row.before and row.now:
        sides = [
            f"{side} {_number(row.before[side])} → {_number(row.now[side])}"
            for side in row.now
            if row.before[side] != row.now[side]
        ]
        amounts = f"  {', '.join(sides)}"
    style = {"added": "green", "removed": "red", "changed": "yellow"}[row.change]
    key = " ".join(f"{name} {_short(str(value))}" for name, value in row.key.items())
    return Text(f"  {_MARK[row.change]} {row.organisation} {key}{amounts}", style=style)


def _responsible(title: str, submissions: Sequence[ResponsibleSubmission], count: str) -> None:
    if not submissions:
        return
    table = _table(f"  {title}", "Received", count, "Why", right=(count,))
    for one in submissions[:_SUBMISSIONS_SHOWN]:
        replaces = f"\n  in place of {one.superseded_file}" if one.superseded_file else ""
        table.add_row(
            f"  {one.file}{replaces}",
            _moment(one.received_at),
            _number(one.changes),
            _WHY[one.why],
        )
    out.print(table)
    _more(len(submissions) - _SUBMISSIONS_SHOWN, "submissions")


def _counts(counts: dict[str, dict[str, int]]) -> None:
    table = _table(
        "  Indicator",
        "Changed",
        "Appeared",
        "Disappeared",
        right=("Changed", "Appeared", "Disappeared"),
    )
    for indicator, kinds in counts.items():
        table.add_row(f"  {indicator}", *(_number(count or None, "") for count in kinds.values()))
    out.print(table)


def _definitions(definitions: Sequence[DefinitionChange]) -> None:
    if not definitions:
        return
    table = _table("  By these definitions", "Version", "Valid from", "Values", right=("Values",))
    for one in definitions:
        before, now = (
            "–" if version is None else str(version)
            for version in (one.version_before, one.version_now)
        )
        table.add_row(
            f"  {one.indicator}",
            f"{before} → {now}" if before != now else f"{now}, unchanged",
            str(one.valid_from or "–"),
            _number(one.values),
        )
    out.print(table)


def _values(result: Difference) -> None:
    table = _table("  Value", "Before", "Now", "Why", right=("Before", "Now"))
    for one in result.values[:_VALUES_SHOWN]:
        table.add_row(
            f"  {_value_name(one)}",
            _value(one.before),
            _value(one.now),
            _WHY_WITHOUT[one.why] if one.why in _WHY_WITHOUT else _files(one, result.submissions),
        )
    out.print(table)
    _more(result.total - _VALUES_SHOWN, "values: --values FILE.csv writes them all")


def _value_name(one: ValueChange) -> str:
    part = f" {one.breakdown_value}" if one.breakdown != "none" else ""
    return f"{one.indicator} {one.area} {one.period}{part}"


def _files(one: ValueChange, submissions: Iterable[ResponsibleSubmission]) -> str:
    files = {submission.submission_id: submission.file for submission in submissions}
    return _some([_short(files[name], 32) for name in one.submissions], 1)


def _table(*names: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for name in names:
        is_right = name in right
        table.add_column(
            name,
            justify="right" if is_right else "left",
            overflow="fold",
            no_wrap=is_right or name in ("Received", "SHA-256"),
        )
    return table


def _more(count: int, what: str) -> None:
    if count > 0:
        out.print(f"  … and {_number(count)} more {what}", style="dim")


def _some(names: Sequence[str], limit: int) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _key(key: dict[str, Any]) -> str:
    return " ".join(_short(str(value)) for value in key.values())


def _short(text: str, limit: int = 20) -> str:
    if len(text) <= limit:
        return text
    end = limit // 4
    return f"{text[: limit - end - 1]}…{text[-end:]}"


def _value(numbers: Numbers | None) -> str:
    return "none" if numbers is None else _number(numbers["value"])


def _number(value: float | None, nothing: str = "–") -> str:
    if value is None:
        return nothing
    text = f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return text.replace(",", " ")


def _moment(moment: datetime, with_seconds: bool = False) -> str:
    """A moment of the warehouse (UTC) in Finnish time."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(clock.FINLAND):%Y-%m-%d %H:%M{':%S' if with_seconds else ''}}"
