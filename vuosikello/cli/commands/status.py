"""``vuosikello status``: who has submitted what for the year."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import Language, YearOption


@command()
def status(
    call: Call,
    year: YearOption = None,
    language: Annotated[
        Language, typer.Option(help="The language of the names of organisations and feeds.")
    ] = Language.EN,
) -> Outcome:
    """Show who has submitted what for the year, what is missing, refused or late."""
    from vuosikello.cli.output.json_values import json_values
    from vuosikello.cli.output.names import names_in
    from vuosikello.cli.output.status import show_status
    from vuosikello.reporting.submission_status import status_of

    result = status_of(call.home, year)
    names = names_in(language)
    values = json_values(result) | {"names": json_values(names)}
    return Outcome(values, lambda: show_status(result, names))
