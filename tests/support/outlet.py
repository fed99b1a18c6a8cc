"""Stands where Airflow hands out the events of an alias, for the tests of what tasks announce."""

from __future__ import annotations

from typing import Any

FEEDS = {"outreach": "feed_outreach", "meetings": "feed_meetings"}


class Outlet:
    """Stands where Airflow hands out an alias's events; keeps what is added."""

    def __init__(self) -> None:
        self.added: list[tuple[str, dict[str, Any]]] = []

    def add(self, asset: str, extra: dict[str, Any]) -> None:
        self.added.append((asset, extra))
