"""The settings of Airflow: the one place that says how this house runs it.

Settings are environment variables, since Airflow reads them when it is first imported. Secrets are
files under the home. This module starts nothing, and does not import Airflow.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from common.home import Home

USER = "admin"
HOST = "127.0.0.1"
FIRST_PORT = 8080
_THIS_MACHINE = (HOST, "localhost")

# SQLite lets one writer in at a time; a burst makes the components queue for it, and the driver's
# own patience (5 seconds) is shorter than such a queue on a small machine.
SQLITE_ARGUMENTS = {"timeout": 60}


class AirflowProblem(Exception):
    """Airflow could not be started, stopped or run; the text says what happened and what to do."""


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
    own = Home(home).airflow
    keys = _secrets(home)
    address = f"http://{HOST}:{port}"
    settings = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder()),
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
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(home)),
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
        settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS"] = f"{__name__}.SQLITE_ARGUMENTS"
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


def service_environment(home: Path, port: int) -> dict[str, str]:
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
    """Return whether a setting of Airflow is not set, nor a command or secret that gives it."""
    return not {name, f"{name}_CMD", f"{name}_SECRET"} & os.environ.keys()


def _root() -> Path:
    """The folder that holds the packages."""
    return Path(__file__).absolute().parents[2]


def dags_folder() -> Path:
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


def password(home: Path) -> str:
    """Return the password of Airflow's user, made on first use."""
    environment(home)
    kept = json.loads(password_file(home.absolute()).read_text(encoding="utf-8"))
    return str(kept[USER])


def password_file(home: Path) -> Path:
    """Return the file that holds the password of Airflow's user."""
    return Home(home).airflow / "login.json"


def _secrets(home: Path) -> dict[str, str]:
    """Return Airflow's own secrets, created on first use together with the password."""
    own = Home(home).airflow
    own.mkdir(parents=True, exist_ok=True)
    own.chmod(0o700)
    _create_private(password_file(home), {USER: secrets.token_urlsafe(16)})
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
