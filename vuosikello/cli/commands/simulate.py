"""``vuosikello simulate``: submissions to try things out with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import FileFormat


@command()
def simulate(
    call: Call,
    organisations: Annotated[
        int, typer.Option(help="How many organisations, in the order of the code list.")
    ] = 3,
    years: Annotated[int, typer.Option(help="How many whole years.")] = 2,
    clients: Annotated[
        int, typer.Option(help="Open client relationships of an organisation, on average.")
    ] = 200,
    seed: Annotated[int, typer.Option(help="Another seed gives other rows.")] = 1,
    last_year: Annotated[int | None, typer.Option(help="The last of the years.")] = None,
    errors: Annotated[
        float | None,
        typer.Option(help="About which share of the rows breaks a rule, 0 to 0.1."),
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="Let states change, and months be corrected.")
    ] = False,
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="The format of the files.")
    ] = FileFormat.CSV,
    to: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="The folder to write to; none: the inbox."),
    ] = None,
) -> Outcome:
    """Simulate the submissions of some organisations and years, for trying things out.

    The same options give the same files, byte for byte. No row is about a real person.
    """
    import simulation
    from vuosikello.cli.output.progress import progress
    from vuosikello.cli.output.simulation import show_simulation

    optional = {"last_year": last_year, "errors": errors}
    request = simulation.Request(
        organisations=organisations,
        years=years,
        clients=clients,
        seed=seed,
        format=simulation.Format(file_format),
        changes=changes,
        **{name: value for name, value in optional.items() if value is not None},  # type: ignore[arg-type]
    )
    folder = (to or call.home.inbox).expanduser().absolute()
    try:
        with progress("Simulating") as advance:
            result = simulation.simulate(
                request, folder, threads=call.settings.threads, progress=advance
            )
    except simulation.RequestProblem as problem:
        raise typer.BadParameter(str(problem)) from None
    return Outcome(result, lambda: show_simulation(result, call.home))
