"""What all tests share: quiet tools, and the ISO SOS example received and built once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.home import Home
from tests.support.built_homes import built_home
from tests.support.places import EXAMPLE

os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest modules first: the workers then end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="module", autouse=True)
def same_environment() -> Iterator[None]:
    """Fail a module that leaves settings behind: they would change what later modules start."""
    before = _settings()
    yield
    assert _settings() == before


def _settings() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("AIRFLOW", "DBT_", "GX_", "VUOSIKELLO"))
    }


@pytest.fixture(scope="session")
def iso_sos() -> Path:
    """The home folder of the example, received and built; only to be read."""
    home, _ = built_home("iso-sos", _receive_and_build)
    return home


def _receive_and_build(home: Path) -> None:
    from ingest import receiver
    from vuosikello.warehouse import build

    receiver.receive(Home(home), [EXAMPLE / "inbox"])
    assert build.build(home).failures == []
