"""The embedded Airflow: started, watched while it starts, stopped.

The embedded default needs no server: Airflow's metadata stand in SQLite under the home folder, its
four components run as background processes of one small supervisor, and its pages answer on this
machine only. Settings are in :mod:`vuosikello.orchestration.airflow_environment`.

This module must not know what the DAGs do: it starts what runs them. Importing it is cheap and
does not import Airflow, so that the command stays quick and Airflow reads the settings only once
they are complete.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import importlib
import importlib.util
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock

from common.files import write_text
from common.home import Home
from vuosikello.orchestration.airflow_api import HEALTH, HEALTH_NAMES, request
from vuosikello.orchestration.airflow_environment import (
    FIRST_PORT,
    HOST,
    USER,
    dags_folder,
    environment,
    password,
    password_file,
    service_environment,
)
from vuosikello.orchestration.airflow_environment import AirflowProblem as AirflowProblem
from vuosikello.orchestration.main_job import MAIN_JOB, Ran
from vuosikello.orchestration.supervisor import COMPONENTS, log_end, log_file, run_folder

PRELOADED = (
    "ingest.receiver",
    "vuosikello.settings",
    "pandas",  # DuckDB looks for it with the first query that has parameters.
)


@dataclass(frozen=True, slots=True)
class Service:
    """A running embedded Airflow.

    ``password`` is the one in ``password_file``; it is left out of the object's text.
    """

    address: str
    port: int
    user: str
    password: str = field(repr=False)
    password_file: Path
    logs: Path
    pid: int


def up(
    home: Path,
    port: int = FIRST_PORT,
    *,
    wait_seconds: float = 300.0,
    on_step: Callable[[str], None] | None = None,
) -> Service:
    """Start Airflow in the background and wait until it works; nothing to do if it runs.

    Args:
        home: the installation's home folder; created if missing.
        port: the port on 127.0.0.1; the default gives way to the first free one above it.
        wait_seconds: how long to wait until all components are healthy and the DAGs are loaded.
        on_step: called with what is being waited for, in a few words.

    Returns:
        The address and how to log in.

    Raises:
        AirflowProblem: it did not start; what had been started is stopped again.
    """
    home = home.absolute()
    report = on_step or (lambda _text: None)
    run = run_folder(home)
    with FileLock(run / "up.lock"):
        running = _state(home)
        if running is not None and _is_alive(running):
            return _wait_until_ready(home, running, wait_seconds, report)
        _end_leftovers(home)
        chosen = _choose_port(port)
        variables = service_environment(home, chosen)
        Home(home).inbox.mkdir(parents=True, exist_ok=True)
        report("preparing Airflow's metadata")
        _prepare_in_child(home, variables)
        report("starting the components")
        started = _start_supervisor(home, chosen, variables)
        try:
            return _wait_until_ready(home, started, wait_seconds, report)
        except BaseException:
            _stop(home, started, patience=5.0)
            raise


def down(home: Path, *, patience: float = 30.0) -> bool:
    """Stop everything that ``up`` started; nothing to do if nothing runs.

    Running tasks get a chance to finish. A task that is killed all the same loses nothing: what it
    did not finish is done again after the next start.

    Args:
        home: the installation's home folder.
        patience: seconds that running tasks have to finish.

    Returns:
        Whether anything was running.
    """
    home = home.absolute()
    with FileLock(run_folder(home) / "up.lock"):
        running = _state(home)
        was_running = running is not None and _is_alive(running)
        if running is not None and was_running:
            _stop(home, running, patience)
        ended = _end_leftovers(home)
        _state_file(home).unlink(missing_ok=True)
    return was_running or ended


def run_main_job(home: Path, *, on_task: Callable[[Ran], None] | None = None) -> list[Ran]:
    """Receive, build, validate and export once, through Airflow, in one process of its own.

    No component runs and nothing stays behind. A DAG is run only if those before it did not fail.
    What Airflow and the rooms print goes to ``<home>/airflow/logs/main-job.log``.

    Args:
        home: the installation's home folder.
        on_task: called with each task when it has ended.

    Returns:
        The tasks in the order they ended; look at their state for failures.

    Raises:
        AirflowProblem: the DAGs could not be run at all, or Airflow runs for this home already.
    """
    home = home.absolute()
    running = status(home)
    if running is not None:
        raise AirflowProblem(
            f"Airflow is running for this home and does this by itself: {running.address}; "
            "stop it first with vuosikello down"
        )
    Home(home).inbox.mkdir(parents=True, exist_ok=True)
    log = log_file(home, "main-job")
    ran: list[Ran] = []
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", f"{__package__}.main_job"],
            env=os.environ | environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            ran.append(Ran(**json.loads(line)))
            if on_task:
                on_task(ran[-1])
    if process.returncode != 0:
        raise AirflowProblem(f"the main job could not be run.\n{log_end(log)}")
    return ran


def run_component(home: Path, name: str) -> int:
    """Run as one of Airflow's components until it is asked to stop.

    Args:
        home: the installation's home folder.
        name: one of ``api-server``, ``scheduler``, ``dag-processor``, ``triggerer``.

    Returns:
        The component's exit code.
    """
    os.environ.update(environment(home))
    if name == "scheduler":
        _preload()
    from airflow.__main__ import main as airflow_main

    sys.argv = ["airflow", *COMPONENTS[name]]
    airflow_main()  # type: ignore[no-untyped-call]
    return 0


def _preload() -> None:
    """Load what every task of receiving needs.

    The scheduler's workers are forked from it, and each task from a worker: what is here already
    no task loads again, and that is most of what receiving a small file costs.
    """
    for module in PRELOADED:
        if importlib.util.find_spec(module) is not None:
            importlib.import_module(module)
    for name in MAIN_JOB:
        runpy.run_path(str(dags_folder() / f"{name}.py"))
    from ingest.contracts import load_contracts, organisations

    load_contracts()
    organisations()


def status(home: Path) -> Service | None:
    """Return the running Airflow of a home, or None."""
    home = home.absolute()
    running = _state(home)
    if running is None or not _is_alive(running):
        return None
    return _service(home, running)


@dataclass(frozen=True, slots=True)
class _Started:
    """What ``up`` wrote down about the supervisor: enough to recognize it."""

    pid: int
    created: float
    port: int


def _state_file(home: Path) -> Path:
    return run_folder(home) / "supervisor.json"


def _state(home: Path) -> _Started | None:
    try:
        return _Started(**json.loads(_state_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _is_alive(started: _Started) -> bool:
    """Whether that very process runs; a number given to another process since does not count."""
    try:
        process = psutil.Process(started.pid)
        return (
            abs(process.create_time() - started.created) < 1.0
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def _service(home: Path, started: _Started) -> Service:
    return Service(
        address=f"http://{HOST}:{started.port}",
        port=started.port,
        user=USER,
        password=password(home),
        password_file=password_file(home),
        logs=Home(home).airflow_logs,
        pid=started.pid,
    )


def _choose_port(wanted: int) -> int:
    if _is_free(wanted):
        return wanted
    if wanted != FIRST_PORT:
        raise AirflowProblem(
            f"port {wanted} is taken by another program; choose another with --port, "
            "or leave --port out to take the first free one"
        )
    for port in range(FIRST_PORT + 1, FIRST_PORT + 100):
        if _is_free(port):
            return port
    raise AirflowProblem(f"no port is free between {FIRST_PORT} and {FIRST_PORT + 99}")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _prepare_in_child(home: Path, variables: dict[str, str]) -> None:
    log = log_file(home, "prepare")
    with log.open("ab") as output:
        code = subprocess.run(  # noqa: S603 (our own module)
            [sys.executable, "-m", f"{__package__}.main_job", "prepare"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code != 0:
        raise AirflowProblem(f"Airflow's metadata could not be prepared.\n{log_end(log)}")


def _start_supervisor(home: Path, port: int, variables: dict[str, str]) -> _Started:
    log = log_file(home, "supervisor")
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", f"{__package__}.supervisor", str(home)],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = _Started(process.pid, psutil.Process(process.pid).create_time(), port)
    write_text(_state_file(home), json.dumps(dataclasses.asdict(started)))
    return started


def _wait_until_ready(
    home: Path, started: _Started, wait_seconds: float, report: Callable[[str], None]
) -> Service:
    """Wait until all components are healthy and every DAG of the main job can be scheduled."""
    service = _service(home, started)
    deadline = time.monotonic() + wait_seconds
    missing, reported = "the pages", ""
    while True:
        if not _is_alive(started):
            raise AirflowProblem(
                f"Airflow stopped while it was starting.\n{log_end(log_file(home, 'supervisor'))}"
            )
        missing = _not_ready(service)
        if not missing:
            return service
        if missing != reported:
            report(f"waiting for {missing}")
            reported = missing
        if time.monotonic() > deadline:
            raise AirflowProblem(
                f"after {wait_seconds:.0f} seconds Airflow still waits for {missing}; "
                f"its logs are in {service.logs}"
            )
        time.sleep(0.5)


def _not_ready(service: Service) -> str:
    """Say what a starting Airflow still waits for; empty when it is ready."""
    try:
        health = request(HOST, service.port, HEALTH)
        for component in HEALTH_NAMES.values():
            if (health.get(component) or {}).get("status") != "healthy":
                return f"the {component.replace('_', ' ')}"
        login = {"username": service.user, "password": service.password}
        token = request(HOST, service.port, "/auth/token", content=login)["access_token"]
        dags = request(HOST, service.port, "/api/v2/dags?limit=100", token=token)["dags"]
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return "the pages"
    absent = set(MAIN_JOB) - {dag["dag_id"] for dag in dags if not dag["is_stale"]}
    return f"the DAG {min(absent)}" if absent else ""


def _stop(home: Path, started: _Started, patience: float) -> None:
    """Ask the supervisor to stop its components, and wait for it."""
    (run_folder(home) / "patience").write_text(str(patience), encoding="utf-8")
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(started.pid)
        process.terminate()
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(timeout=patience + 15)
    _end_leftovers(home)


def _end_leftovers(home: Path) -> bool:
    """Kill what is left of an earlier start: a supervisor that was killed leaves its components."""
    state = _state(home)
    if state is None:
        return False
    left = list(_session(state))
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=10)
    return bool(left)


def _session(started: _Started) -> Iterator[psutil.Process]:
    """The processes of the session that a supervisor began.

    Its number is not given to another session while one of them lives; where the supervisor's own
    number has been given to another process since, none of them does.
    """
    with contextlib.suppress(psutil.Error):
        if abs(psutil.Process(started.pid).create_time() - started.created) >= 1.0:
            return
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == started.pid and "airflow" in " ".join(process.cmdline()):
                yield process
