"""The settings of the embedded Airflow, and what keeps them."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest

from vuosikello.orchestration import local_airflow
from vuosikello.orchestration.airflow_environment import (
    AirflowProblem,
    environment,
    service_environment,
)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if name.startswith(("AIRFLOW", "VUOSIKELLO", "PYTHONPATH")):
            monkeypatch.delenv(name)


def test_it_answers_on_this_machine_only_asks_for_a_password_and_tells_nobody(
    tmp_path: Path,
) -> None:
    set_to = environment(tmp_path, 8123)
    assert set_to["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert set_to["AIRFLOW__API__PORT"] == "8123"
    assert set_to["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert set_to["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS" not in set_to
    assert set_to["VUOSIKELLO_HOME"] == str(tmp_path)


def test_it_answers_where_up_waits_for_it_whatever_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__PORT", "8080")
    monkeypatch.setenv(
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:8080/execution/"
    )
    variables = service_environment(tmp_path, 8123)
    assert variables["AIRFLOW__API__PORT"] == "8123"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith("http://127.0.0.1:8123/")


def test_secrets_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    first = environment(tmp_path)
    for name in ("secrets.json", "login.json"):
        path = tmp_path / "airflow" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "airflow").stat().st_mode) == 0o700
    assert environment(tmp_path) == first
    other = environment(tmp_path / "other")
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        assert other[name] != first[name]


def test_the_password_is_not_in_the_text_of_a_running_service(tmp_path: Path) -> None:
    environment(tmp_path)
    service = local_airflow._service(tmp_path, local_airflow._Started(1, 0.0, 8080))
    kept = json.loads((tmp_path / "airflow" / "login.json").read_text(encoding="utf-8"))
    assert service.password == kept["admin"]
    assert service.password not in repr(service)


@pytest.mark.parametrize("suffix", ["", "_CMD", "_SECRET"])
def test_a_setting_that_is_set_already_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setenv(f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN{suffix}", "as production says")
    set_to = environment(tmp_path)
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in set_to
    # What only SQLite understands must not reach another database's driver.
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS" not in set_to


def test_a_proxy_for_the_outside_is_not_asked_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "intra.example.fi")
    assert environment(tmp_path)["NO_PROXY"] == "127.0.0.1,localhost,intra.example.fi"


def test_the_default_port_gives_way_and_a_chosen_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AirflowProblem, match=f"port {port} is taken"):
            local_airflow._choose_port(port)
        monkeypatch.setattr(local_airflow, "FIRST_PORT", port)
        assert local_airflow._choose_port(port) > port


def test_nothing_runs_in_a_new_home_and_stopping_it_is_no_error(tmp_path: Path) -> None:
    assert local_airflow.status(tmp_path) is None
    assert local_airflow.down(tmp_path) is False


def test_a_number_given_to_another_process_since_is_not_taken_for_airflow(tmp_path: Path) -> None:
    import os

    state = {"pid": os.getpid(), "created": 1.0, "port": 8080}
    local_airflow._state_file(tmp_path).write_text(json.dumps(state), encoding="utf-8")
    assert local_airflow.status(tmp_path) is None
    assert local_airflow.down(tmp_path) is False
