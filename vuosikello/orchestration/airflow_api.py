"""What the running Airflow answers about itself, over its API on this machine."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

from vuosikello.orchestration.airflow_environment import FIRST_PORT, HOST

HEALTH = "/api/v2/monitor/health"
HEALTH_NAMES = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}


def is_healthy(name: str) -> bool:
    """Ask the API server whether a component is well, for a container's health check.

    Args:
        name: one of ``api-server``, ``scheduler``, ``dag-processor``, ``triggerer``.
    """
    server = urlsplit(
        os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"http://{HOST}:{FIRST_PORT}")
    )
    try:
        health = request(server.hostname or HOST, server.port or FIRST_PORT, HEALTH)
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return bool((health.get(HEALTH_NAMES[name]) or {}).get("status") == "healthy")


def request(
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
