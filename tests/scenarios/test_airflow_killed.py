"""Airflow on PostgreSQL, as in production: killed in the middle of a burst, it loses nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from common.home import Home
from tests.support.airflow_house import (
    burst,
    drop,
    free_port,
    in_inbox,
    log_in,
    receipts,
    wait_for,
)
from tests.support.built_homes import remember_project
from vuosikello.orchestration import local_airflow

pytestmark = pytest.mark.slow

SERVER = "postgresql://postgres@127.0.0.1:5432"
FILES = 8


def connect() -> Any:
    import psycopg2

    connection = psycopg2.connect(f"{SERVER}/postgres", connect_timeout=3)
    connection.autocommit = True
    return connection


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of our own on this machine's PostgreSQL, where one answers."""
    import psycopg2

    try:
        connection = connect()
    except psycopg2.OperationalError:
        pytest.skip("no PostgreSQL answers on 127.0.0.1:5432")
    name = f"vuosikello_{secrets.token_hex(6)}"
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    address = f"{SERVER}/{name}".replace("postgresql://", "postgresql+psycopg2://")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", address)
    # A killed task is noticed by its silence; the test does not wait two minutes for that.
    monkeypatch.setenv("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "20")
    monkeypatch.setenv(
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL", "5"
    )
    yield address
    with contextlib.closing(connect()) as again, again.cursor() as cursor:
        cursor.execute(f"drop database if exists {name} with (force)")


@pytest.fixture
def running(
    database: str, iso_sos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Home, local_airflow.Service]]:
    home = Home(tmp_path_factory.mktemp("killed")).create()
    remember_project(iso_sos, home.root)
    service = local_airflow.up(home.root, free_port())
    yield home, service
    local_airflow.down(home.root, patience=5)


def kill_all_but_the_supervisor(service: local_airflow.Service) -> int:
    killed = 0
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if process.pid != service.pid and os.getsid(process.pid) == service.pid:
                process.kill()
                killed += 1
    return killed


def test_components_and_tasks_that_are_killed_come_back_and_every_file_is_received(
    running: tuple[Home, local_airflow.Service],
) -> None:
    home, service = running
    assert not (home.root / "airflow" / "airflow.db").exists()
    files = burst(FILES, FILES)
    drop(home, files)
    wait_for("first receipt", lambda: receipts(home), 120, pause=0.05)
    assert kill_all_but_the_supervisor(service) >= 4
    done = len(receipts(home))
    began = time.monotonic()
    wait_for("receipt of every file", lambda: len(receipts(home)) >= FILES, 240)
    print(
        f"\nkilled after {done} of {FILES} receipts, whole {time.monotonic() - began:.0f} s later"
    )

    found = receipts(home)
    assert len(found) == FILES
    assert {receipt["file"] for receipt in found} == {path for path, _ in files}
    assert not in_inbox(home)
    lines = [line for path in home.ledger.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(lines) == FILES
    assert len(list(home.accepted.rglob("*.parquet"))) == FILES
    wait_for("Airflow that answers again", lambda: not local_airflow._not_ready(service), 120)
    assert log_in(service).get("/api/v2/dags")["total_entries"] >= len(local_airflow.MAIN_JOB)
