"""The local Airflow: how to reach it, and whether it was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from common.home import Home
from vuosikello.cli.output.streams import out

if TYPE_CHECKING:
    from vuosikello.orchestration.local_airflow import Service


def show_service(service: Service, home: Home) -> None:
    """Show how to reach the Airflow that runs, and where to drop files."""
    table = Table(box=None, show_header=False, title="Airflow runs", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in (
        ("Address", service.address),
        ("User", service.user),
        ("Password", service.password),
        ("Drop files in", home.inbox / "<organisation>" / "<feed>" / "<period>.csv"),
        ("Stop it with", "make down"),
    ):
        table.add_row(f"  {name}", str(value))
    out.print(table)


def show_stopped(stopped: bool) -> None:
    """Show whether an Airflow ran and was stopped."""
    out.print("Airflow stopped." if stopped else "Airflow was not running.")
