"""Airflow from a shell, as the containers of production start it.

``python -m vuosikello.orchestration.airflow_command --home DIR
up|down|status|run|prepare|login|environment|component|healthy``
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from vuosikello.installation import Installation
from vuosikello.orchestration.airflow_api import is_healthy
from vuosikello.orchestration.airflow_environment import (
    FIRST_PORT,
    USER,
    AirflowProblem,
    environment,
    password,
)
from vuosikello.orchestration.local_airflow import (
    Service,
    down,
    run_component,
    run_main_job,
    status,
    up,
)
from vuosikello.orchestration.main_job import FAILED, Ran
from vuosikello.orchestration.supervisor import COMPONENTS


def main(arguments: list[str] | None = None) -> int:
    """Run one of this module's functions from a shell."""
    parser = argparse.ArgumentParser(prog="python -m vuosikello.orchestration.airflow_command")
    parser.add_argument("--home", type=Path, default=Installation().home)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("up", help="start in the background").add_argument(
        "--port", type=int, default=FIRST_PORT
    )
    actions.add_parser("down", help="stop what up started")
    actions.add_parser("status", help="show whether it runs, and how to log in")
    actions.add_parser("run", help="run the main job once, in one process")
    actions.add_parser("prepare", help="create or upgrade Airflow's metadata")
    actions.add_parser("login", help="print user and password")
    actions.add_parser("environment", help="print the settings as a shell's exports; holds secrets")
    for action, text in (
        ("component", "be a component"),
        ("healthy", "ask whether one is healthy"),
    ):
        actions.add_parser(action, help=text).add_argument("name", choices=list(COMPONENTS))
    given = parser.parse_args(arguments)
    try:
        return _act(given)
    except AirflowProblem as problem:
        print(problem, file=sys.stderr)
        return 1


def _act(given: argparse.Namespace) -> int:
    match given.action:
        case "up":
            _print(up(given.home, given.port, on_step=lambda text: print(f"… {text}", flush=True)))
        case "down":
            print("Airflow has stopped." if down(given.home) else "Airflow was not running.")
        case "status":
            running = status(given.home)
            if running is None:
                print("Airflow is not running.")
                return 1
            _print(running)
        case "run":
            ran = run_main_job(given.home, on_task=_print_ran)
            return 1 if any(one.state in FAILED for one in ran) else 0
        case "prepare":
            os.environ.update(environment(given.home))
            # Airflow reads its settings when it is first imported.
            from vuosikello.orchestration.main_job import prepare

            prepare()
        case "login":
            print(f"{USER} / {password(given.home)}")
        case "environment":
            for name, value in environment(given.home).items():
                print(f"export {name}={shlex.quote(value)}")
        case "component":
            return run_component(given.home, given.name)
        case "healthy":
            return 0 if is_healthy(given.name) else 1
    return 0


def _print(service: Service) -> None:
    print(f"Airflow   {service.address}")
    print(f"log in    {service.user} / {service.password}   (kept in {service.password_file})")
    print(f"logs      {service.logs}")


def _print_ran(ran: Ran) -> None:
    print(f"{ran.dag}.{ran.task} {ran.label}: {ran.state} {ran.message}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
