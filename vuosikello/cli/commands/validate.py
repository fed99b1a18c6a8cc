"""``vuosikello validate``: run the suites of Great Expectations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command, require_warehouse
from vuosikello.cli.options import Suite, YearOption, parse_day

if TYPE_CHECKING:
    from expectations.results import ValidationResult


@command()
def validate(
    call: Call,
    suite: Annotated[Suite | None, typer.Option(help="Which suite; none: all.")] = None,
    year: YearOption = None,
    on: Annotated[
        date | None,
        typer.Option(
            parser=parse_day,
            metavar="DAY",
            help="As strict as on this day, such as 2027-01-31 (readiness); none: today.",
        ),
    ] = None,
) -> Outcome:
    """Validate the feeds, the warehouse and the readiness for the reporting window."""
    from vuosikello.cli.output.validation import show_validation

    result = run_suite(call, suite, year, on)
    return Outcome(result, lambda: show_validation(result), 0 if result.success else 1)


def run_suite(
    call: Call, suite: str | None, year: int | None, on: date | None = None
) -> ValidationResult:
    """Validate the published warehouse.

    Args:
        call: the running command.
        suite: which suite; None is all.
        year: the reporting year; None is the one that is collected now.
        on: the day whose strictness applies; None is today.

    Raises:
        CommandError: there is no warehouse.
    """
    require_warehouse(call)
    import expectations
    from vuosikello.cli.output.progress import spinner

    with spinner("Validating"):
        return expectations.validate(
            call.home.root, None if suite is None else str(suite), year, on=on
        )
