"""What the Airflow scenarios share: a home, files to drop, and looks from outside.

The files carry rows of the ISO SOS example under other organisations' names; none of them holds a
person's identity.
"""

from __future__ import annotations

import contextlib
import csv
import http.client
import json
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from common.home import Home
from ingest.contracts import organisations
from tests.support.house import csv_text, goods
from vuosikello.orchestration import airflow_api, airflow_environment, local_airflow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "iso_sos" / "inbox"
SOURCES = {
    "outreach": EXAMPLE / "kainuun-sote" / "outreach" / "2018.csv",
    "meetings": EXAMPLE / "kainuun-sote" / "meetings" / "2019.csv",
    "observations": EXAMPLE / "kainuun-sote" / "observations" / "2018.csv",
}

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Api:
    """Airflow's API, as somebody who has logged in."""

    service: local_airflow.Service
    token: str

    def get(self, path: str) -> dict[str, Any]:
        port, token = self.service.port, self.token
        return patiently(
            lambda: airflow_api.request(airflow_environment.HOST, port, path, token=token)
        )

    def post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return self._send("POST", path, content)

    def patch(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return self._send("PATCH", path, content)

    def _send(self, method: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send a change; once more where SQLite let another writer in, as a person would."""
        for _ in range(10):
            status, text = self._request(method, path, content)
            if status != 500 or b"Database error" not in text:
                break
            time.sleep(1)
        assert status == 200, text
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _request(self, method: str, path: str, content: dict[str, Any]) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        connection = http.client.HTTPConnection(
            airflow_environment.HOST, self.service.port, timeout=120
        )
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(content), headers)
            response = connection.getresponse()
            return response.status, response.read()

    def dags(self) -> set[str]:
        """The ids of all DAGs that Airflow has read so far."""
        return {one["dag_id"] for one in self.get("/api/v2/dags?limit=100")["dags"]}

    def pause(self, dag_id: str, *, is_paused: bool) -> None:
        self.patch(f"/api/v2/dags/{dag_id}", {"is_paused": is_paused})

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/v2/dags/{dag_id}/dagRuns?limit=100")[
            "dag_runs"
        ]
        return found

    def tasks(self, dag_id: str, task_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances?limit=1000&task_id={task_id}"
        found: list[dict[str, Any]] = self.get(path)["task_instances"]
        return [one for one in found if one["task_id"] == task_id]


def patiently(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask, and ask again where a busy machine is slow to answer."""
    for _ in range(10):
        with contextlib.suppress(TimeoutError):
            return ask()
    return ask()


def log_in(service: local_airflow.Service) -> Api:
    login = {"username": service.user, "password": service.password}
    answer = patiently(
        lambda: airflow_api.request(
            airflow_environment.HOST, service.port, "/auth/token", content=login
        )
    )
    return Api(service, answer["access_token"])


def free_port() -> int:
    """A port that no outgoing connection is given before Airflow listens on it."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((airflow_environment.HOST, port))
            return port


def burst(count: int, submitters: int, *, after: int = 0) -> list[tuple[str, bytes]]:
    """So many files of so many organisations, some passed over: relative path and content."""
    names = [
        code
        for code, organisation in organisations().items()
        if code != "reference" and organisation.valid_to is None
    ][after : after + submitters]
    files = []
    for number in range(count):
        feed = list(SOURCES)[number // submitters % len(SOURCES)]
        source = SOURCES[feed]
        organisation = names[number % submitters]
        path = f"{organisation}/{feed}/{source.stem}.csv"
        files.append((path, with_ids_of(organisation, source.read_bytes())))
    assert len({path for path, _ in files}) == count
    return files


def with_ids_of(organisation: str, content: bytes) -> bytes:
    """Let ids, in the first column, begin with the organisation: equal files would be held."""
    head, *rows = content.splitlines(keepends=True)
    return head + b"".join(organisation.encode() + b"-" + row for row in rows)


def visits(count: int, organisation: str) -> bytes:
    """Make a file of so many visits for an organisation: the same bytes of two would wait."""
    rows = [
        row | {"visit_id": f"{organisation}-{row['visit_id']}"} for row in goods("outreach", count)
    ]
    return csv_text("outreach", rows).encode()


def drop(home: Home, files: list[tuple[str, bytes]]) -> None:
    """Put files into the inbox as a careful sender does: written aside, then renamed."""
    for relative, content in files:
        path = home.inbox / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(path.name + ".part")
        aside.write_bytes(content)
        aside.rename(path)


def receipts(home: Home) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in home.receipts.glob("*.json")]


def in_inbox(home: Home) -> list[Path]:
    return [path for path in home.inbox.rglob("*") if path.is_file()]


def exported_organisations(home: Home) -> set[str]:
    path = home.root / "exports" / "indicators.csv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {row["area"] for row in csv.DictReader(file) if row["area_type"] == "organisation"}


def wait_for(what: str, look: Callable[[], Found], seconds: float, pause: float = 0.2) -> Found:
    """Look until there is something; a busy machine gets its time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} seconds there is still no {what}")
        time.sleep(pause)
