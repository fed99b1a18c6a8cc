"""What all tests share: quiet tools, and the ISO SOS example received and built once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "iso_sos"


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
def iso_sos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the example: received and built once for all workers; only to be read."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "iso-sos"
    with FileLock(shared / "iso-sos.lock"):
        if not (home / "warehouse.duckdb").exists():
            from common.home import Home
            from ingest import receiver
            from vuosikello.warehouse import build

            receiver.receive(Home(home), [EXAMPLE / "inbox"])
            result = build.build(home)
            assert result.failures == []
    return home
