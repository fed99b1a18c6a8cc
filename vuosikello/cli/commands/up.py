"""``vuosikello up``: start Airflow on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command


@command()
def up(
    call: Call,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port of Airflow's page.")
    ] = None,
) -> Outcome:
    """Start Airflow on this machine and print its address and how to log in."""
    from vuosikello.cli.output.progress import spinner
    from vuosikello.cli.output.service import show_service
    from vuosikello.orchestration import local_airflow

    home = call.home.create()
    with spinner("Starting Airflow"):
        service = local_airflow.up(home.root, port or call.settings.port)
    return Outcome(service, lambda: show_service(service, home))
