"""Airflow as the house runs it: the embedded default, and the main job in one process.

The embedded default needs no server: Airflow's metadata stand in SQLite under the home folder,
its four components run as background processes of one small supervisor, and its pages answer on
this machine only. ``environment`` is the one place that says how; ``up`` and ``down`` start and
stop it; ``run_main_job`` runs the DAGs through Airflow in one process, without any component.

This module must not know what the DAGs do: it starts what runs them. Importing it is cheap and
does not import Airflow, so that the command stays quick and Airflow reads the settings only once
they are complete.

The same from a shell, as the containers of production are started: ``python -m
vuosikello.orchestration.local_airflow --home DIR up|down|status|run|prepare|component|healthy``.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import http.client
import importlib
import importlib.util
import json
import os
import runpy
import secrets
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from filelock import FileLock

from vuosikello.installation import Installation
from vuosikello.orchestration import main_job
from vuosikello.orchestration.main_job import FAILED, MAIN_JOB, Ran
from vuosikello.orchestration.supervisor import COMPONENTS, log_file, run_folder

USER = "admin"
HOST = "127.0.0.1"
FIRST_PORT = 8080
_THIS_MACHINE = (HOST, "localhost")
PRELOADED = (
    "ingest.receiver",
    "vuosikello.settings",
    "pandas",  # DuckDB looks for it with the first query that has parameters.
)
HEALTH = "/api/v2/monitor/health"
HEALTH_NAMES = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}

# SQLite lets one writer in at a time; a burst makes the components queue for it, and the driver's
# own patience (5 seconds) is shorter than such a queue on a small machine.
SQLITE_ARGUMENTS = {"timeout": 60}


class AirflowProblem(Exception):
    """Airflow could not be started, stopped or run; the text says what happened and what to do."""


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


# ---------------------------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------------------------


def environment(home: Path, port: int = FIRST_PORT) -> dict[str, str]:
    """Return the environment variables that make Airflow the house's own.

    Secrets are created under the home on first use, readable by their owner only, and kept: the
    metadata that Airflow encrypts stay readable after a restart. An ``AIRFLOW__…`` variable that is
    set already stands, so that production differs in what it sets and in nothing else
    (``AIRFLOW__DATABASE__SQL_ALCHEMY_CONN`` for PostgreSQL, for instance).

    Args:
        home: the installation's home folder.
        port: the port of Airflow's pages and API on 127.0.0.1.

    Returns:
        Variables to add to this process's environment; they hold secrets, so never log them.
    """
    home = home.absolute()
    own = home / "airflow"
    keys = _secrets(own)
    address = f"http://{HOST}:{port}"
    settings = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(_dags_folder()),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        # The default asks the name service for this machine's full name, which can take seconds
        # where there is none to ask.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_password_file(own)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{own / 'airflow.db'}",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API__INSTANCE_NAME": "Vuosikello",
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(own / "logs" / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            own / "logs" / "dag-files"
        ),
        "AIRFLOW__LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        # DAG files change with a new version of the house, and that means a restart.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "600",
        # A task whose process was killed is retried after this long without a sign of life.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        # The tasks of a scheduler that was killed wait for this look of the next one; the default
        # of five minutes would hold a whole inbox up.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    if _is_open("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS"] = (
            f"{__package__}.local_airflow.SQLITE_ARGUMENTS"
        )
    settings = {name: value for name, value in settings.items() if _is_open(name)}
    return settings | {
        "AIRFLOW_HOME": str(own),
        "VUOSIKELLO_HOME": str(home),
        "PYTHONPATH": _with(os.environ.get("PYTHONPATH"), [str(_root())], os.pathsep),
        # A proxy for the outside must not stand between the components of one machine.
        "NO_PROXY": _with(os.environ.get("NO_PROXY"), _THIS_MACHINE, ","),
        "no_proxy": _with(os.environ.get("no_proxy"), _THIS_MACHINE, ","),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }


def _variables(home: Path, port: int) -> dict[str, str]:
    """Return the environment of the embedded set-up: where it answers is for ``up`` to say.

    A port that is set in the environment would have Airflow answer elsewhere than ``up`` waits.
    """
    address = f"http://{HOST}:{port}"
    return (
        os.environ
        | environment(home, port)
        | {
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        }
    )


def _is_open(name: str) -> bool:
    """Whether a setting of Airflow is set nowhere yet: not itself, nor a command that tells it."""
    return not {name, f"{name}_CMD", f"{name}_SECRET"} & os.environ.keys()


def _root() -> Path:
    """The folder that holds the packages."""
    return Path(__file__).absolute().parents[2]


def _dags_folder() -> Path:
    """The folder of the DAG files, wherever the package is installed."""
    found = importlib.util.find_spec("dags")
    if found is None or not found.submodule_search_locations:
        raise AirflowProblem(
            "the package dags is not installed beside vuosikello: install Vuosikello again"
        )
    return Path(next(iter(found.submodule_search_locations)))


def _with(present: str | None, wanted: Sequence[str], separator: str) -> str:
    """Put values in front of a variable's list, but for those that the list holds already."""
    listed = present.split(separator) if present else []
    missing = [value for value in wanted if value not in {one.strip() for one in listed}]
    return separator.join([*missing, *listed])


def _password_file(own: Path) -> Path:
    return own / "login.json"


def _secrets(own: Path) -> dict[str, str]:
    """Return Airflow's own secrets, created on first use together with the password."""
    own.mkdir(parents=True, exist_ok=True)
    own.chmod(0o700)
    _create_private(_password_file(own), {USER: secrets.token_urlsafe(16)})
    path = own / "secrets.json"
    _create_private(
        path,
        {
            "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"),
            "jwt": secrets.token_urlsafe(48),
            "api": secrets.token_urlsafe(48),
        },
    )
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _create_private(path: Path, content: dict[str, str]) -> None:
    """Create a file that only its owner reads, unless it exists; of two creators one wins."""
    if path.exists():
        return
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()


# ---------------------------------------------------------------------------------------------
# Up and down
# ---------------------------------------------------------------------------------------------


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
        on_step: told, in a few words, what is being waited for.

    Returns:
        The address and how to log in.

    Raises:
        AirflowProblem: it did not start; what had been started is stopped again.
    """
    home = home.absolute()
    tell = on_step or (lambda _text: None)
    run = run_folder(home)
    with FileLock(run / "up.lock"):
        running = _state(home)
        if running is not None and _is_alive(running):
            return _wait_until_ready(home, running, wait_seconds, tell)
        _end_leftovers(home)
        chosen = _choose_port(port)
        variables = _variables(home, chosen)
        (home / "inbox").mkdir(parents=True, exist_ok=True)
        tell("preparing Airflow's metadata")
        _prepare_in_child(home, variables)
        tell("starting the components")
        started = _start_supervisor(home, chosen, variables)
        try:
            return _wait_until_ready(home, started, wait_seconds, tell)
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


def password(home: Path) -> str:
    """Return the password of Airflow's user, made on first use."""
    environment(home)
    kept = json.loads(_password_file(home.absolute() / "airflow").read_text(encoding="utf-8"))
    return str(kept[USER])


def run_component(home: Path, name: str) -> int:
    """Be one of Airflow's components until it is told to stop.

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
        runpy.run_path(str(_dags_folder() / f"{name}.py"))
    from ingest.contracts import load_contracts, organisations

    load_contracts()
    organisations()


def is_healthy(name: str) -> bool:
    """Ask the API server whether a component is well, for a container's health check.

    Args:
        name: one of ``api-server``, ``scheduler``, ``dag-processor``, ``triggerer``.
    """
    server = urlsplit(
        os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"http://{HOST}:{FIRST_PORT}")
    )
    try:
        health = _ask(server.hostname or HOST, server.port or FIRST_PORT, HEALTH)
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return bool((health.get(HEALTH_NAMES[name]) or {}).get("status") == "healthy")


def status(home: Path) -> Service | None:
    """Return the running Airflow of a home, or None."""
    home = home.absolute()
    running = _state(home)
    if running is None or not _is_alive(running):
        return None
    return _service(home, running)


@dataclass(frozen=True, slots=True)
class _Started:
    """What ``up`` wrote down about the supervisor: enough to know it again."""

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
    own = home / "airflow"
    password_file = _password_file(own)
    return Service(
        address=f"http://{HOST}:{started.port}",
        port=started.port,
        user=USER,
        password=password(home),
        password_file=password_file,
        logs=own / "logs",
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
        raise AirflowProblem(f"Airflow's metadata could not be prepared.\n{_tail(log)}")


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
    aside = _state_file(home).with_suffix(".new")
    aside.write_text(json.dumps(dataclasses.asdict(started)), encoding="utf-8")
    aside.replace(_state_file(home))
    return started


def _wait_until_ready(
    home: Path, started: _Started, wait_seconds: float, tell: Callable[[str], None]
) -> Service:
    """Wait until all components are healthy and every DAG of the main job can be scheduled."""
    service = _service(home, started)
    deadline = time.monotonic() + wait_seconds
    missing, told = "the pages", ""
    while True:
        if not _is_alive(started):
            raise AirflowProblem(
                f"Airflow stopped while it was starting.\n{_tail(log_file(home, 'supervisor'))}"
            )
        missing = _not_ready(service)
        if not missing:
            return service
        if missing != told:
            tell(f"waiting for {missing}")
            told = missing
        if time.monotonic() > deadline:
            raise AirflowProblem(
                f"after {wait_seconds:.0f} seconds Airflow still waits for {missing}; "
                f"its logs are in {service.logs}"
            )
        time.sleep(0.5)


def _not_ready(service: Service) -> str:
    """Say what a starting Airflow still waits for; empty when it is ready."""
    try:
        health = _ask(HOST, service.port, HEALTH)
        for component in HEALTH_NAMES.values():
            if (health.get(component) or {}).get("status") != "healthy":
                return f"the {component.replace('_', ' ')}"
        login = {"username": service.user, "password": service.password}
        token = _ask(HOST, service.port, "/auth/token", content=login)["access_token"]
        dags = _ask(HOST, service.port, "/api/v2/dags?limit=100", token=token)["dags"]
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return "the pages"
    absent = set(MAIN_JOB) - {dag["dag_id"] for dag in dags if not dag["is_stale"]}
    return f"the DAG {min(absent)}" if absent else ""


def _ask(
    host: str,
    port: int,
    path: str,
    *,
    content: dict[str, Any] | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """Ask Airflow's API; a proxy is never asked.

    Raises:
        OSError, HTTPException: it does not answer.
        ValueError: it answers something else than what was asked for.
    """
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        body = json.dumps(content) if content else None
        connection.request("POST" if content else "GET", path, body, headers)
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise ValueError(f"{path}: {response.status} {response.reason}")
    answer: dict[str, Any] = json.loads(text)
    return answer


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


def _tail(log: Path, lines: int = 15) -> str:
    with contextlib.suppress(OSError):
        text = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*text[-lines:], f"(more in {log})"])
    return f"(see {log})"


# ---------------------------------------------------------------------------------------------
# The main job in one process
# ---------------------------------------------------------------------------------------------


def run_main_job(home: Path, *, on_task: Callable[[Ran], None] | None = None) -> list[Ran]:
    """Receive, build, validate and export once, through Airflow, in one process of its own.

    No component runs and nothing stays behind. A DAG is run only if those before it did not fail.
    What Airflow and the rooms print goes to ``<home>/airflow/logs/main-job.log``.

    Args:
        home: the installation's home folder.
        on_task: told of each task when it has ended.

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
    (home / "inbox").mkdir(parents=True, exist_ok=True)
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
        raise AirflowProblem(f"the main job could not be run.\n{_tail(log)}")
    return ran


def main(arguments: list[str] | None = None) -> int:
    """Run one of this module's functions from a shell."""
    parser = argparse.ArgumentParser(prog="python -m vuosikello.orchestration.local_airflow")
    parser.add_argument("--home", type=Path, default=Installation().home)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("up", help="start in the background").add_argument(
        "--port", type=int, default=FIRST_PORT
    )
    actions.add_parser("down", help="stop what up started")
    actions.add_parser("status", help="tell whether it runs, and how to log in")
    actions.add_parser("run", help="run the main job once, in one process")
    actions.add_parser("prepare", help="create or upgrade Airflow's metadata")
    actions.add_parser("login", help="tell user and password")
    actions.add_parser("environment", help="print the settings as a shell's exports; holds secrets")
    for action, text in (("component", "be a component"), ("healthy", "ask whether one is well")):
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
            main_job.prepare()
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
