"""docker-compose.yml is coherent: with itself, with the Dockerfile and with the command."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.places import ROOT
from vuosikello.orchestration import airflow_api, local_airflow

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "postgres"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def docker_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.mark.skipif(not docker_compose(), reason="docker compose is not installed here")
def test_docker_compose_takes_the_file_as_it_is() -> None:
    checked = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_component_of_airflow_is_a_service() -> None:
    assert set(SERVICES) == {"postgres", "prepare", *local_airflow.COMPONENTS}


@pytest.mark.parametrize("name", sorted(local_airflow.COMPONENTS))
def test_a_component_runs_and_is_watched_by_a_command_that_exists(name: str) -> None:
    service = SERVICES[name]
    start = ["python", "-m", "vuosikello.orchestration.airflow_command"]
    assert service["command"] == [*start, "component", name]
    assert service["healthcheck"]["test"] == ["CMD", *start, "healthy", name]
    assert name in airflow_api.HEALTH_NAMES


def test_the_metadata_are_prepared_once_before_anything_starts() -> None:
    assert SERVICES["prepare"]["command"] == [
        "python",
        "-m",
        "vuosikello.orchestration.airflow_command",
        "prepare",
    ]
    assert SERVICES["prepare"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in local_airflow.COMPONENTS:
        condition = SERVICES[name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_volumes_and_secrets_of_a_service_are_declared(name: str) -> None:
    service = SERVICES[name]
    for volume in service["volumes"]:
        source = volume.rsplit(":", 1)[0]
        source = re.sub(r"^\$\{\w+:-(\w+)\}$", r"\1", source)
        assert source in COMPOSE["volumes"], volume
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])


def test_a_secret_that_is_read_is_mounted_and_made() -> None:
    making = (ROOT / "deploy" / "make-secrets.sh").read_text(encoding="utf-8")
    made = set(re.findall(r"^make (\w+) ", making, re.MULTILINE))
    assert made == set(COMPOSE["secrets"])
    for name, service in SERVICES.items():
        text = " ".join(str(value) for value in service["environment"].values())
        read = set(re.findall(r"/run/secrets/(\w+)", text))
        assert read == set(service["secrets"]), name


def test_no_secret_has_a_default_and_none_stands_in_the_environment() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            is_secret = re.search(r"PASSWORD|FERNET|SECRET|_KEY|CONN", name)
            if is_secret:
                assert name.endswith(("_FILE", "_CMD")), name
                assert "/run/secrets/" in value, name
    assert not re.search(r"(PASSWORD|SECRET_KEY|FERNET|JWT)\w*=", EXAMPLE)


def test_the_secrets_that_are_made_are_the_ones_that_airflow_takes(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    from common.home import Home
    from ingest import keys

    script = ROOT / "deploy" / "make-secrets.sh"
    folder = tmp_path / "secrets"
    subprocess.run([str(script), str(folder)], check=True, capture_output=True)
    made = {path.name: path.read_text(encoding="ascii") for path in folder.iterdir()}
    Fernet(made["fernet_key"])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(keys.PSEUDONYM_KEY_FILE, str(folder / "pseudonym_key"))
        assert keys.pseudonym_key(Home(tmp_path)).created_at is None

    command = OURS["scheduler"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"]
    command = command.replace("$$", "$").replace("/run/secrets", str(folder))
    reported = subprocess.run(shlex.split(command), check=True, capture_output=True, text=True)
    password = made["postgres_password"]
    assert reported.stdout == f"postgresql+psycopg2://airflow:{password}@postgres/airflow"

    # Made again, nothing changes: a new key would make everybody somebody else.
    subprocess.run([str(script), str(folder)], check=True, capture_output=True)
    assert {p.name: p.read_text(encoding="ascii") for p in folder.iterdir()} == made


def test_every_service_of_ours_gets_the_same_settings() -> None:
    first = next(iter(OURS.values()))
    for service in OURS.values():
        for part in ("environment", "volumes", "secrets", "image"):
            assert service[part] == first[part]


def test_the_home_is_the_volume() -> None:
    home = OURS["scheduler"]["environment"]["VUOSIKELLO_HOME"]
    assert OURS["scheduler"]["volumes"][0].endswith(f":{home}")
    assert f"VOLUME {home}" in DOCKERFILE


def test_the_pages_are_published_to_this_machine_only_by_default() -> None:
    published = [service["ports"] for service in SERVICES.values() if "ports" in service]
    assert published == [["${AIRFLOW_BIND:-127.0.0.1}:${AIRFLOW_PORT:-8080}:8080"]]


def test_every_variable_that_can_be_set_is_explained() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in set(re.findall(r"(?<!\$)\$\{(\w+)", text)) - {"VUOSIKELLO_VERSION"}:
        assert re.search(rf"^#?{name}=", EXAMPLE, re.MULTILINE), name


def test_the_image_takes_in_what_it_copies_and_runs_without_rights() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
    for source in " ".join(copied).split():
        assert f"!{source}" in IGNORED, source
        if source != "README.md" or (ROOT / source).exists():
            assert (ROOT / source).exists(), source
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1] != "root"
    assert IGNORED.index("*") < IGNORED.index("!ingest")


def test_packages_of_the_project_are_all_in_the_image() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # A folder is copied with what is in it.
    parts = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert parts
    for folder in {part.split("/")[0] for part in parts}:
        assert f"COPY {folder} {folder}" in DOCKERFILE


def test_a_health_check_without_a_server_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        os.environ, "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:9/execution/"
    )
    assert airflow_api.is_healthy("scheduler") is False
