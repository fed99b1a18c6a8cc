"""Which values changed between two moments, and which submissions are responsible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from vuosikello.cli.output.numbers import NOTHING, moment, number
from vuosikello.cli.output.streams import out
from vuosikello.cli.output.tables import (
    Listing,
    first_few,
    numeric,
    print_more,
    prose,
    shorten,
)

if TYPE_CHECKING:
    from vuosikello.lineage.diff import (
        DefinitionChange,
        Difference,
        DisplacedDays,
        ResponsibleSubmission,
        ValueChange,
    )
    from vuosikello.lineage.values import Numbers

_SUBMISSIONS_SHOWN = 12
_VALUES_SHOWN = 20

_WHY = {
    "own": "the rows came in it",
    "replaced": "it replaced the file they were in",
    "withdrawn": "it was withdrawn",
    "displaced": "it replaced days of another file",
    "coverage": "it covers the period",
    "other": "the rows count otherwise by it",
}
_WHY_WITHOUT_SUBMISSION = {
    "time": "the period was under way",
    "definition": "its definition has changed",
    "unknown": "",
    "none": "",
}


def show_difference(result: Difference) -> None:
    """Show which values have changed between two moments, and by which submissions."""
    from vuosikello.lineage.diff.moments import NOT_SEEN

    between = (
        f"Between {moment(result.before, seconds=True)} and {moment(result.now, seconds=True)}"
    )
    if result.is_published:
        between += ", as published then"
    for remark in result.remarks:
        out.print(escape(remark), style="yellow")
    if result.total:
        out.print(f"{between} [bold]{number(result.total)} values[/bold] have changed")
        _show_counts(result.counts)
        _show_definitions(result.definitions)
        show_responsible("By these submissions", result.submissions, "Values")
        _show_values(result)
    elif NOT_SEEN in " ".join(result.remarks):
        out.print(f"{between} no value has changed by what was submitted.")
    else:
        out.print(f"{between} no value has changed.")
    if result.without_effect:
        out.print(
            f"Received, and no value has changed by it: {first_few(result.without_effect, 6)}",
            style="dim",
            markup=False,
        )


def show_responsible(title: str, submissions: Sequence[ResponsibleSubmission], count: str) -> None:
    """Show the submissions that are responsible for changes.

    Args:
        title: the heading of their files.
        submissions: the submissions; nothing is shown where there are none.
        count: what their changes are counted in, such as *Rows*.
    """
    if not submissions:
        return
    listing = Listing([prose(title), "Received", numeric(count), prose("Why")])
    for one in submissions[:_SUBMISSIONS_SHOWN]:
        listing.add(
            "\n  ".join([one.file, *effects_of(one)]),
            moment(one.received_at),
            number(one.changes),
            _WHY[one.why],
        )
    out.print(listing)
    print_more(len(submissions) - _SUBMISSIONS_SHOWN, "submissions")


def effects_of(one: ResponsibleSubmission) -> list[str]:
    """Say what went out of force by a submission, or by its withdrawal, and what came back.

    Args:
        one: the submission.

    Returns:
        A line for each; none where it put nothing out of force.
    """
    if one.withdrawn_at is not None:
        lines = [f"withdrawn by {one.withdrawn_by} on {moment(one.withdrawn_at)}"]
        if one.in_force_again:
            lines.append(f"in force again: {first_few(one.in_force_again, 2)}")
        return lines
    lines = [f"in place of {one.superseded_file}"] if one.superseded_file else []
    if one.displaced:
        days = [f"{_days(span)} of {span.file}" for span in one.displaced]
        lines.append(f"replaced the days {first_few(days, 2)}")
    return lines


def _days(span: DisplacedDays) -> str:
    first, last = span.first_day, span.last_day
    return str(first) if first == last else f"{first} – {last}"


def value_of(numbers: Numbers | None) -> str:
    """Write the value of an indicator's numbers, or that there is none."""
    return "none" if numbers is None else number(numbers["value"])


def _show_counts(counts: dict[str, dict[str, int]]) -> None:
    listing = Listing(
        [prose("Indicator"), numeric("Changed"), numeric("Appeared"), numeric("Disappeared")]
    )
    for indicator, kinds in counts.items():
        listing.add(indicator, *(number(count or None, "") for count in kinds.values()))
    out.print(listing)


def _show_definitions(definitions: Sequence[DefinitionChange]) -> None:
    if not definitions:
        return
    listing = Listing([prose("By these definitions"), "Version", "Valid from", numeric("Values")])
    for one in definitions:
        before, now = (
            NOTHING if version is None else str(version)
            for version in (one.version_before, one.version_now)
        )
        listing.add(
            one.indicator,
            f"{before} → {now}" if before != now else f"{now}, unchanged",
            str(one.valid_from or NOTHING),
            number(one.values),
        )
    out.print(listing)


def _show_values(result: Difference) -> None:
    listing = Listing([prose("Value"), numeric("Before"), numeric("Now"), prose("Why")])
    for one in result.values[:_VALUES_SHOWN]:
        listing.add(
            _value_name(one),
            value_of(one.before),
            value_of(one.now),
            _WHY_WITHOUT_SUBMISSION[one.why]
            if one.why in _WHY_WITHOUT_SUBMISSION
            else _files(one, result.submissions),
        )
    out.print(listing)
    print_more(result.total - _VALUES_SHOWN, "values: --values FILE.csv writes them all")


def _value_name(one: ValueChange) -> str:
    part = f" {one.breakdown_value}" if one.breakdown != "none" else ""
    return f"{one.indicator} {one.area} {one.period}{part}"


def _files(one: ValueChange, submissions: Iterable[ResponsibleSubmission]) -> str:
    files = {submission.submission_id: submission.file for submission in submissions}
    return first_few([shorten(files[name], 32) for name in one.submissions], 1)
